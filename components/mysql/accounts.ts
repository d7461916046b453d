import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { IDENTITIES, labels } from "../labels";
import { MYSQL_PATHS, MYSQL_PORT } from "./my-cnf";

export const DATABASE = "nacos";
/** Made and dropped by the schema Job on every run. */
export const SCRATCH_DATABASE = "nacos_schema_check";

/** Names of the accounts in MySQL. */
export const ACCOUNTS = {
  /** Everything, over the local socket only. */
  root: "root",
  /** Nacos itself: reads and writes rows. */
  runtime: "nacos",
  /** The schema Job: adds tables and columns. */
  schema: "nacos_schema",
  /** The pod's probes: nothing, over the local socket only. */
  probe: "probe",
} as const;

export type Passwords = Readonly<Record<keyof typeof ACCOUNTS, string>>;

/**
 * What the server executes at every start, one statement a line. Repeating it changes nothing, except that accounts
 * take the passwords given here: that is how a new password arrives. Without the binary log, because every server of a
 * set runs it for itself and must not gain transactions that the others lack.
 */
export function initSql(passwords: Passwords): string {
  const account = (key: keyof Passwords, host: string, options = ""): string[] => {
    const who = `'${ACCOUNTS[key]}'@'${host}'`;
    return [
      `CREATE USER IF NOT EXISTS ${who} IDENTIFIED BY '${passwords[key]}'${options};`,
      `ALTER USER ${who} IDENTIFIED BY '${passwords[key]}'${options};`,
    ];
  };
  // An underscore in the database of a GRANT stands for any character unless it is escaped.
  const scratch = SCRATCH_DATABASE.replaceAll("_", "\\_");
  return [
    "SET sql_log_bin=0;",
    `CREATE DATABASE IF NOT EXISTS \`${DATABASE}\` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;`,
    `ALTER USER '${ACCOUNTS.root}'@'localhost' IDENTIFIED BY '${passwords.root}';`,
    ...account("runtime", "%", " REQUIRE SSL"),
    `GRANT SELECT, INSERT, UPDATE, DELETE ON \`${DATABASE}\`.* TO '${ACCOUNTS.runtime}'@'%';`,
    ...account("schema", "%", " REQUIRE SSL"),
    `GRANT SELECT, INSERT, UPDATE, CREATE, ALTER, INDEX, REFERENCES ON \`${DATABASE}\`.* TO '${ACCOUNTS.schema}'@'%';`,
    `GRANT ALL PRIVILEGES ON \`${scratch}\`.* TO '${ACCOUNTS.schema}'@'%';`,
    ...account("probe", "localhost"),
    "",
  ].join("\n");
}

/** A client's option file, so that no password is on a command line. */
export function clientOptions(args: { user: string; password: string; host?: string }): string {
  const route = args.host === undefined
    ? [`socket=${MYSQL_PATHS.socket}`]
    : [`host=${args.host}`, `port=${MYSQL_PORT}`, "protocol=TCP", "ssl-mode=REQUIRED"];
  return [
    "[client]",
    `user=${args.user}`,
    `password=${args.password}`,
    ...route,
    "default-character-set=utf8mb4",
    "[mysql]",
    "connect-timeout=5",
    "",
  ].join("\n");
}

export interface AccountsArgs {
  readonly namespace: pulumi.Input<string>;
  /** DNS name at which clients find the server. */
  readonly host: string;
  /** Whether Pulumi refuses to delete or replace the passwords. */
  readonly protect: boolean;
}

/** The passwords of MySQL's accounts and the Secrets that carry them, one Secret for each reader. */
export class Accounts extends pulumi.ComponentResource {
  /** Secret with `username`, `password` of the administrator. */
  readonly rootSecret: pulumi.Output<string>;
  /** Secret with `username`, `password` of Nacos' own account. */
  readonly runtimeSecret: pulumi.Output<string>;
  /** Secret with `client.cnf` of the schema Job. */
  readonly schemaSecret: pulumi.Output<string>;
  /** Secret with `probe.cnf` of the pod's probes. */
  readonly probeSecret: pulumi.Output<string>;
  /** Secret with `init.sql`. */
  readonly initSecret: pulumi.Output<string>;

  constructor(name: string, args: AccountsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nacos-platform:mysql:Accounts", name, {}, opts);

    const password = (role: string): pulumi.Output<string> =>
      // Letters and digits only: the passwords stand in SQL, option files and URLs without escaping.
      new random.RandomPassword(`${name}-${role}-password`, { length: 32, special: false }, { parent: this, protect: args.protect }).result;
    const secret = (role: string, stringData: Record<string, pulumi.Input<string>>): pulumi.Output<string> =>
      new k8s.core.v1.Secret(`${name}-${role}`, {
        metadata: { name: `mysql-${role}`, namespace: args.namespace, labels: labels(IDENTITIES.mysql) },
        stringData,
      }, { parent: this }).metadata.name;

    const [root, runtime, schema, probe] = [password("root"), password("runtime"), password("schema"), password("probe")];
    this.rootSecret = secret("root", { username: ACCOUNTS.root, password: root });
    this.runtimeSecret = secret("runtime", { username: ACCOUNTS.runtime, password: runtime });
    this.schemaSecret = secret("schema", {
      "client.cnf": schema.apply((value) => clientOptions({ user: ACCOUNTS.schema, password: value, host: args.host })),
    });
    this.probeSecret = secret("probe", {
      "probe.cnf": probe.apply((value) => clientOptions({ user: ACCOUNTS.probe, password: value })),
    });
    this.initSecret = secret("init", { "init.sql": pulumi.output({ root, runtime, schema, probe }).apply(initSql) });

    this.registerOutputs({ rootSecret: this.rootSecret, runtimeSecret: this.runtimeSecret });
  }
}
