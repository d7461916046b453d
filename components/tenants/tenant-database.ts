import * as k8s from "@pulumi/kubernetes";
import * as mysql from "@pulumi/mysql";
import * as pulumi from "@pulumi/pulumi";
import { labels } from "../../contract/identities";
import { randomPassword } from "../../kube/password";
import { TENANT } from "./identity";

/** Privileges of a tenant in its database, including the migration of tables. */
const PRIVILEGES = ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "INDEX", "REFERENCES"];

/** What all resources in MySQL have in common. */
export interface MySqlArgs {
  readonly provider: mysql.Provider;
  /** Runs before a role or an account is created. */
  readonly beforeAccount: pulumi.ResourceHook;
  /** Names of the databases that exist already. */
  readonly existing: ReadonlySet<string>;
  /** What clients connect to, and the CAs that sign its certificate, PEM. */
  readonly host: string;
  readonly port: number;
  readonly caCertificates: string;
}

export interface TenantDatabaseArgs {
  /** Name of the database, and of its account. */
  readonly database: string;
  /** Namespace of the tenant, for the Secret. */
  readonly namespace: pulumi.Input<string>;
  readonly mysql: MySqlArgs;
}

/** Name of the role that has the privileges of a database's account. */
export function roleOf(database: string): string {
  return `${database}_owner`;
}

/**
 * A database, and an account that may do everything in this database and nothing in others. If it is removed from the
 * configuration, the account is deleted and the database stays. If the database exists already, it is taken over.
 */
export class TenantDatabase extends pulumi.ComponentResource {
  /** Secret with `host`, `port`, `database`, `username`, `password`, and `ca.crt` to verify the server's certificate. */
  readonly secret: pulumi.Output<string>;

  constructor(name: string, args: TenantDatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nacos-platform:tenants:Database", name, {}, opts);

    const {
      database,
      namespace,
      mysql: { provider, existing, host, port, caCertificates },
    } = args;
    const own = { parent: this };
    const password = randomPassword(`${name}-password`, own).result;
    const made = new mysql.Database(
      `${name}-database`,
      {
        name: database,
        defaultCharacterSet: "utf8mb4",
        defaultCollation: "utf8mb4_0900_ai_ci",
      },
      { ...own, provider, retainOnDelete: true, import: existing.has(database) ? database : undefined },
    );
    this.makeAccount(name, password, made, args);
    this.secret = new k8s.core.v1.Secret(
      `${name}-secret`,
      {
        metadata: { name: `mysql-${database}`, namespace, labels: labels(TENANT) },
        stringData: { host, port: String(port), database, username: database, password, "ca.crt": caCertificates },
      },
      own,
    ).metadata.name;
    this.registerOutputs({ secret: this.secret });
  }

  /**
   * The account gets its privileges through a role: on MySQL 8 and newer the provider can neither change nor revoke a grant
   * on an account.
   */
  private makeAccount(
    name: string,
    password: pulumi.Output<string>,
    made: mysql.Database,
    { database, mysql: { provider, beforeAccount } }: TenantDatabaseArgs,
  ): void {
    const own = { parent: this, provider, dependsOn: made };
    const hooks = { beforeCreate: [beforeAccount] };
    // The old grant is deleted first. Otherwise MySQL would revoke the privileges that both grants have.
    const replaced = { ...own, deleteBeforeReplace: true };
    const role = new mysql.Role(`${name}-role`, { name: roleOf(database) }, { ...own, hooks });
    const privileges = new mysql.Grant(
      `${name}-privileges`,
      { role: role.name, database, privileges: PRIVILEGES },
      replaced,
    );
    const account = new mysql.User(
      `${name}-user`,
      { user: database, host: "%", plaintextPassword: pulumi.secret(password), tlsOption: "SSL" },
      { ...replaced, hooks },
    );
    new mysql.Grant(
      `${name}-membership`,
      { user: account.user, host: "%", database: "", roles: [role.name] },
      { ...replaced, dependsOn: privileges },
    );
  }
}
