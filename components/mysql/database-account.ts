import * as mysql from "@pulumi/mysql";
import * as pulumi from "@pulumi/pulumi";

/** What an account may do in one database, or with "*" in all. */
export interface Privileges {
  readonly database: string;
  readonly privileges: readonly string[];
}

export interface DatabaseAccountArgs {
  readonly user: string;
  /** Where it signs in from: "%" is anywhere, and over TLS alone. */
  readonly host: "%" | "localhost";
  readonly password: pulumi.Output<string>;
  /** Name of the role that holds the privileges. */
  readonly role: string;
  readonly privileges: readonly Privileges[];
  readonly provider: mysql.Provider;
  /** Where it is deleted, so is the account: there is no need to ask the server. */
  readonly deletedWith?: pulumi.Resource;
}

/**
 * An account of MySQL. Its privileges go through a role: a grant on an account can be neither changed nor taken back by
 * the provider on MySQL 8 and newer.
 */
export class DatabaseAccount extends pulumi.ComponentResource {
  constructor(name: string, args: DatabaseAccountArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nacos-platform:mysql:DatabaseAccount", name, {}, opts);

    const { user, host, provider, deletedWith } = args;
    const own = { parent: this, provider, deletedWith };
    // The old one first: where the new one was made before, MySQL would take away what both have.
    const replaced = { ...own, deleteBeforeReplace: true };
    const role = new mysql.Role(`${name}-role`, { name: args.role }, own);
    const grants = args.privileges.map(({ database, privileges }, index) =>
      new mysql.Grant(`${name}-privileges${index === 0 ? "" : `-${index + 1}`}`, { role: role.name, database, privileges: [...privileges] }, replaced));
    const account = new mysql.User(`${name}-user`, {
      user,
      host,
      plaintextPassword: pulumi.secret(args.password),
      tlsOption: host === "localhost" ? "NONE" : "SSL",
    }, replaced);
    new mysql.Grant(`${name}-membership`, { user: account.user, host, database: "", roles: [role.name] }, { ...replaced, dependsOn: grants });
    this.registerOutputs({});
  }
}
