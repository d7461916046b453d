import * as k8s from "@pulumi/kubernetes";
import * as mysql from "@pulumi/mysql";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { IDENTITIES, labels } from "../labels";
import { ACCOUNTS } from "./accounts";
import { MYSQL_PORT } from "./my-cnf";

/** What an application may do in its own database, tables and their migration included. */
const PRIVILEGES = ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "INDEX", "REFERENCES"];

export interface ApplicationsArgs {
  readonly namespace: pulumi.Input<string>;
  /** Name of each application, of its database and of its account. */
  readonly names: readonly string[];
  /** `host:port` at which Pulumi reaches the primary from where it runs. */
  readonly endpoint: string;
  /** Password of the account that makes accounts. */
  readonly adminPassword: pulumi.Input<string>;
  /** DNS name at which clients in the cluster find the primary. */
  readonly host: string;
}

/**
 * A database for each application, and an account that may do everything in it and nothing elsewhere. Privileges go
 * through a role: a grant on an account can be neither changed nor taken back by the provider on MySQL 8 and newer. A
 * name that is taken out of the configuration loses its account; its database stays.
 */
export class Applications extends pulumi.ComponentResource {
  /** By application: the Secret with `host`, `port`, `database`, `username`, `password`. */
  readonly secrets: Readonly<Record<string, pulumi.Output<string>>>;

  constructor(name: string, args: ApplicationsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nacos-platform:mysql:Applications", name, {}, opts);

    const server = new mysql.Provider(`${name}-server`, {
      endpoint: args.endpoint,
      username: ACCOUNTS.admin,
      password: args.adminPassword,
      // The provider knows no authority of its own; what it talks through ends inside the pod.
      tls: "skip-verify",
    }, { parent: this });
    this.secrets = Object.fromEntries(args.names.map((application) => [application, this.makeApplication(name, application, args, server)]));
    this.registerOutputs({ secrets: this.secrets });
  }

  private makeApplication(name: string, application: string, args: ApplicationsArgs, provider: mysql.Provider): pulumi.Output<string> {
    const child = (role: string): string => `${name}-${application}-${role}`;
    const own = { parent: this };
    const there = { parent: this, provider };
    const password = new random.RandomPassword(child("password"), { length: 32, special: false }, own);
    const database = new mysql.Database(child("database"), {
      name: application,
      defaultCharacterSet: "utf8mb4",
      defaultCollation: "utf8mb4_0900_ai_ci",
    }, { ...there, retainOnDelete: true });
    const role = new mysql.Role(child("role"), { name: `${application}_owner` }, there);
    const privileges = new mysql.Grant(child("privileges"), {
      role: role.name,
      database: database.name,
      privileges: PRIVILEGES,
    }, { ...there, deleteBeforeReplace: true });
    const user = new mysql.User(child("user"), {
      user: application,
      host: "%",
      plaintextPassword: pulumi.secret(password.result),
      tlsOption: "SSL",
    }, { ...there, deleteBeforeReplace: true });
    new mysql.Grant(child("membership"), {
      user: user.user,
      host: "%",
      database: "",
      roles: [role.name],
    }, { ...there, deleteBeforeReplace: true, dependsOn: privileges });

    return new k8s.core.v1.Secret(child("secret"), {
      metadata: { name: `mysql-app-${application}`, namespace: args.namespace, labels: labels(IDENTITIES.mysql) },
      stringData: { host: args.host, port: String(MYSQL_PORT), database: application, username: application, password: password.result },
    }, own).metadata.name;
  }
}
