import * as k8s from "@pulumi/kubernetes";
import * as mysql from "@pulumi/mysql";
import * as pulumi from "@pulumi/pulumi";
import { IDENTITIES, labels } from "../../contract/identities";
import { mark } from "../../kube/mark";
import { randomPassword } from "../../kube/password";
import { DatabaseAccount, type DatabaseAccountArgs } from "./database-account";
import { clientOptions } from "./bootstrap-accounts";
import type { Database } from "./database";
import { ACCOUNTS, DATABASE, SCRATCH_DATABASE } from "../../contract/accounts";

export interface PlatformAccountsArgs {
  readonly namespace: pulumi.Input<string>;
  readonly database: Pick<Database, "host" | "port">;
  readonly provider: mysql.Provider;
  /** The servers, where they are the stack's own: accounts go with them. */
  readonly servers?: pulumi.Resource;
  /** What the stack's own servers need beside: the password of the metrics exporter, and the one with which a server follows another. */
  readonly own?: { readonly monitorPassword: pulumi.Output<string>; readonly replicationPassword: pulumi.Output<string> };
  /** Secret with `client.cnf` of the account that restores, where the servers make it themselves. */
  readonly restoreSecret?: pulumi.Output<string>;
  /** Whether Pulumi refuses to delete or replace Nacos' database. It stays in any case. */
  readonly protect: boolean;
}

const ROWS = ["SELECT", "INSERT", "UPDATE", "DELETE"];
const EVERYWHERE = "*";
/** What a dump holds, made anew, and to see who else is there. No managed database gives away ALL. */
const RESTORE = [
  ...ROWS, "CREATE", "ALTER", "DROP", "INDEX", "REFERENCES", "CREATE VIEW", "SHOW VIEW", "CREATE ROUTINE", "ALTER ROUTINE", "EXECUTE", "TRIGGER", "EVENT", "LOCK TABLES", "PROCESS",
];

/** What Nacos and the platform's own Jobs have in MySQL: a database, and an account each with no more than it needs. */
export class PlatformAccounts extends pulumi.ComponentResource {
  /** Secret with `username`, `password` of Nacos' own account. */
  readonly runtimeSecret: pulumi.Output<string>;
  /** Changes whenever that password does, and tells nothing of it. */
  readonly runtimeMark: pulumi.Output<string>;
  /** Secret with `client.cnf` of the schema Job. */
  readonly schemaSecret: pulumi.Output<string>;
  /** Secret with `client.cnf` of backups. */
  readonly backupSecret: pulumi.Output<string>;
  /** Secret with `client.cnf` of restores. */
  readonly restoreSecret: pulumi.Output<string>;

  constructor(name: string, args: PlatformAccountsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nacos-platform:mysql:PlatformAccounts", name, {}, opts);

    const own = { parent: this };
    const { provider, servers } = args;
    const database = new mysql.Database(`${name}-database`, {
      name: DATABASE,
      defaultCharacterSet: "utf8mb4",
      defaultCollation: "utf8mb4_bin",
    }, { ...own, provider, deletedWith: servers, retainOnDelete: true, protect: args.protect });
    const password = (role: string) => randomPassword(`${name}-${role}-password`, own).result;
    const secret = (role: string, stringData: Record<string, pulumi.Input<string>>, dependsOn?: pulumi.Resource): pulumi.Output<string> =>
      new k8s.core.v1.Secret(`${name}-${role}`, { metadata: { name: `mysql-${role}`, namespace: args.namespace, labels: labels(IDENTITIES.mysql) }, stringData }, { ...own, dependsOn }).metadata.name;
    const account = (key: keyof typeof ACCOUNTS, rest: Omit<DatabaseAccountArgs, "user" | "provider" | "deletedWith">): DatabaseAccount =>
      new DatabaseAccount(`${name}-${key}`, { user: ACCOUNTS[key], provider, deletedWith: servers, ...rest }, { ...own, dependsOn: database });
    const options = (key: keyof typeof ACCOUNTS, text: pulumi.Output<string>) =>
      ({ "client.cnf": text.apply((value) => clientOptions({ user: ACCOUNTS[key], password: value, server: args.database })) });

    const [runtime, schema, backup] = [password("runtime"), password("schema"), password("backup")];
    const nacos = account("runtime", { host: "%", password: runtime, role: "nacos_rows", privileges: [
      { database: DATABASE, privileges: ROWS },
      // Its own password alone: while it is changed, the old one has to stay valid, and who has one may keep it.
      { database: EVERYWHERE, privileges: ["APPLICATION_PASSWORD_ADMIN"] },
    ] });
    account("schema", {
      host: "%",
      password: schema,
      role: "nacos_tables",
      privileges: [
        { database: DATABASE, privileges: ["SELECT", "INSERT", "UPDATE", "CREATE", "ALTER", "INDEX", "REFERENCES"] },
        { database: SCRATCH_DATABASE, privileges: [...ROWS, "CREATE", "ALTER", "DROP", "INDEX", "REFERENCES"] },
      ],
    });
    account("backup", {
      host: "%",
      password: backup,
      role: "platform_backup",
      privileges: [{ database: EVERYWHERE, privileges: ["SELECT", "SHOW VIEW", "TRIGGER", "EVENT", "REPLICATION CLIENT", ...(servers === undefined ? [] : ["RELOAD"])] }],
    });
    if (args.own !== undefined) {
      account("monitor", {
        host: "localhost",
        password: args.own.monitorPassword,
        role: "platform_monitor",
        privileges: [{ database: EVERYWHERE, privileges: ["PROCESS", "REPLICATION CLIENT"] }, { database: "performance_schema", privileges: ["SELECT"] }],
      });
      account("replication", { host: "%", password: args.own.replicationPassword, role: "platform_replication", privileges: [{ database: EVERYWHERE, privileges: ["REPLICATION SLAVE"] }] });
    }
    const makeRestore = (): pulumi.Output<string> => {
      const restore = password("restore");
      account("restore", { host: "%", password: restore, role: "platform_restore", privileges: [{ database: EVERYWHERE, privileges: RESTORE }] });
      return secret("restore", options("restore", restore));
    };

    // Not before MySQL lets it in: a pod that starts in between, or an update that breaks off there, has one that works.
    this.runtimeSecret = secret("runtime", { username: ACCOUNTS.runtime, password: runtime }, nacos);
    this.runtimeMark = mark(`${name}-runtime-mark`, { password: runtime }, own);
    this.schemaSecret = secret("schema", options("schema", schema));
    this.backupSecret = secret("backup", options("backup", backup));
    this.restoreSecret = args.restoreSecret ?? makeRestore();
    this.registerOutputs({ runtimeSecret: this.runtimeSecret });
  }
}
