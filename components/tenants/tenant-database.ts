import * as k8s from "@pulumi/kubernetes";
import * as mysql from "@pulumi/mysql";
import * as pulumi from "@pulumi/pulumi";
import { labels } from "../../contract/identities";
import { randomPassword } from "../../kube/password";
import { TENANT } from "./identity";

/** What a tenant may do in its database, tables and their migration included. */
const PRIVILEGES = ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "INDEX", "REFERENCES"];

/** How everything in MySQL is made. */
export interface MySqlArgs {
  readonly provider: mysql.Provider;
  /** Runs before a role or an account is made. */
  readonly beforeAccount: pulumi.ResourceHook;
  /** Databases that MySQL has already, by name. */
  readonly existing: ReadonlySet<string>;
  /** What clients connect to, and the CAs that sign its certificate, PEM. */
  readonly host: string;
  readonly port: number;
  readonly caCertificates: string;
}

export interface TenantDatabaseArgs {
  /** Name of the database, and of its account. */
  readonly database: string;
  /** The tenant's, in which the Secret is. */
  readonly namespace: pulumi.Input<string>;
  readonly mysql: MySqlArgs;
}

/** Name of the role that holds the privileges of a database's account. */
export function roleOf(database: string): string {
  return `${database}_owner`;
}

/**
 * A database, and an account that may do everything in it and nothing elsewhere. If it is taken out, the account goes and the
 * database stays; if MySQL has the database already, it is taken over.
 */
export class TenantDatabase extends pulumi.ComponentResource {
  /** Secret with `host`, `port`, `database`, `username`, `password`, and `ca.crt` to verify the server by. */
  readonly secret: pulumi.Output<string>;

  constructor(name: string, args: TenantDatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nacos-platform:tenants:Database", name, {}, opts);

    const { database, namespace, mysql: { provider, existing, host, port, caCertificates } } = args;
    const own = { parent: this };
    const password = randomPassword(`${name}-password`, own).result;
    const made = new mysql.Database(`${name}-database`, {
      name: database,
      defaultCharacterSet: "utf8mb4",
      defaultCollation: "utf8mb4_0900_ai_ci",
    }, { ...own, provider, retainOnDelete: true, import: existing.has(database) ? database : undefined });
    this.makeAccount(name, password, made, args);
    this.secret = new k8s.core.v1.Secret(`${name}-secret`, {
      metadata: { name: `mysql-${database}`, namespace, labels: labels(TENANT) },
      stringData: { host, port: String(port), database, username: database, password, "ca.crt": caCertificates },
    }, own).metadata.name;
    this.registerOutputs({ secret: this.secret });
  }

  /**
   * Its privileges go through a role: a grant on an account can be neither changed nor taken back by the provider on MySQL 8
   * and newer.
   */
  private makeAccount(name: string, password: pulumi.Output<string>, made: mysql.Database, { database, mysql: { provider, beforeAccount } }: TenantDatabaseArgs): void {
    const own = { parent: this, provider, dependsOn: made };
    const hooks = { beforeCreate: [beforeAccount] };
    // The old one first: if the new one was made before, MySQL would take away what both have.
    const replaced = { ...own, deleteBeforeReplace: true };
    const role = new mysql.Role(`${name}-role`, { name: roleOf(database) }, { ...own, hooks });
    const privileges = new mysql.Grant(`${name}-privileges`, { role: role.name, database, privileges: PRIVILEGES }, replaced);
    const account = new mysql.User(`${name}-user`, { user: database, host: "%", plaintextPassword: pulumi.secret(password), tlsOption: "SSL" }, { ...replaced, hooks });
    new mysql.Grant(`${name}-membership`, { user: account.user, host: "%", database: "", roles: [role.name] }, { ...replaced, dependsOn: privileges });
  }
}
