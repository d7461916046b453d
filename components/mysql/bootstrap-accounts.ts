import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { MYSQL_PORT } from "../../contract/ports";
import { labels, type Identity } from "../../contract/identities";
import { randomPassword } from "../../kube/password";
import { MYSQL_PATHS } from "./my-cnf";
import { ACCOUNTS } from "../../contract/accounts";

/** Path of the CA certificates in a client's pod. */
const CA_FILE = "/ca/ca.crt";

/** Accounts that each server creates for itself: without these no server starts, replicates or is restored. Also the accounts that its pod uses. */
const ROLES = ["root", "probe", "tls", "monitor", "control", "replication", "admin", "restore"] as const;

export type Passwords = Readonly<Record<(typeof ROLES)[number], string>>;

/**
 * What the server executes at every start, one statement per line. Repeating it only sets the passwords again: this is how
 * a new password reaches the server. It is not written to the binary log, because every server executes it and would
 * otherwise get errant transactions.
 */
export function initSql(passwords: Passwords): string {
  const account = (key: keyof Passwords, host: string, options = ""): string[] => {
    const who = `'${ACCOUNTS[key]}'@'${host}'`;
    return [
      `CREATE USER IF NOT EXISTS ${who} IDENTIFIED BY '${passwords[key]}'${options};`,
      `ALTER USER ${who} IDENTIFIED BY '${passwords[key]}'${options};`,
    ];
  };
  return [
    "SET sql_log_bin=0;",
    `ALTER USER '${ACCOUNTS.root}'@'localhost' IDENTIFIED BY '${passwords.root}';`,
    ...account("probe", "localhost"),
    ...["replication_connection_status", "replication_applier_status", "replication_applier_status_by_worker"].map(
      (table) => `GRANT SELECT ON performance_schema.${table} TO '${ACCOUNTS.probe}'@'localhost';`,
    ),
    ...account("tls", "localhost"),
    `GRANT CONNECTION_ADMIN ON *.* TO '${ACCOUNTS.tls}'@'localhost';`,
    ...account("monitor", "localhost"),
    `GRANT PROCESS, REPLICATION CLIENT ON *.* TO '${ACCOUNTS.monitor}'@'localhost';`,
    `GRANT SELECT ON performance_schema.* TO '${ACCOUNTS.monitor}'@'localhost';`,
    ...account("control", "%", " REQUIRE SSL"),
    `GRANT RELOAD, PROCESS, SHUTDOWN, REPLICATION CLIENT, REPLICATION_SLAVE_ADMIN, SYSTEM_VARIABLES_ADMIN, CONNECTION_ADMIN, SYSTEM_USER, CLONE_ADMIN, BACKUP_ADMIN, REPLICATION SLAVE ON *.* TO '${ACCOUNTS.control}'@'%';`, // SYSTEM_USER: to disconnect accounts with all privileges as well
    `GRANT SELECT ON performance_schema.* TO '${ACCOUNTS.control}'@'%';`,
    ...account("replication", "%", " REQUIRE SSL"),
    `GRANT REPLICATION SLAVE ON *.* TO '${ACCOUNTS.replication}'@'%';`,
    ...account("admin", "%", " REQUIRE SSL"),
    `GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES, SHOW VIEW, TRIGGER, EVENT, RELOAD, PROCESS, REPLICATION CLIENT, REPLICATION SLAVE, CREATE USER, CREATE ROLE, DROP ROLE ON *.* TO '${ACCOUNTS.admin}'@'%' WITH GRANT OPTION;`,
    `GRANT ROLE_ADMIN, APPLICATION_PASSWORD_ADMIN ON *.* TO '${ACCOUNTS.admin}'@'%' WITH GRANT OPTION;`,
    ...account("restore", "%", " REQUIRE SSL"),
    `GRANT ALL PRIVILEGES ON *.* TO '${ACCOUNTS.restore}'@'%';`,
    "",
  ].join("\n");
}

/** The same without the passwords: if it changes, the servers have to restart. */
export const ACCOUNT_STATEMENTS = initSql(Object.fromEntries(ROLES.map((role) => [role, ""])) as Passwords);

/** Option file of a client, so that no password is on a command line. */
export function clientOptions(args: {
  user: string;
  password: string;
  server?: { readonly host: string; readonly port: number };
}): string {
  const route =
    args.server === undefined
      ? [`socket=${MYSQL_PATHS.socket}`]
      : [
          `host=${args.server.host}`,
          `port=${args.server.port}`,
          "protocol=TCP",
          "ssl-mode=VERIFY_IDENTITY",
          `ssl-ca=${CA_FILE}`,
        ];
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

export interface BootstrapAccountsArgs {
  /** Prefix of the Secrets' names. */
  readonly base: string;
  readonly identity: Identity;
  readonly namespace: pulumi.Input<string>;
  /** DNS name under which clients reach the server. */
  readonly host: string;
  /** Whether Pulumi refuses to delete or replace the passwords. */
  readonly protect: boolean;
}

/** The passwords of the accounts that servers create for themselves, and their Secrets, one for each reader. */
export class BootstrapAccounts extends pulumi.ComponentResource {
  /** Secret with `username`, `password` of the administrator. */
  readonly rootSecret: pulumi.Output<string>;
  /** Secret with `probe.cnf` for the pod's probes, and `tls.cnf` with which the liveness probe makes the server load a renewed certificate. */
  readonly probeSecret: pulumi.Output<string>;
  /** Secret with `control.json` and `replication.json`: `user` and `password` of the accounts that the controller uses. */
  readonly controlSecret: pulumi.Output<string>;
  /** Secret with `admin.json`: `user` and `password` of the account that creates databases and accounts. */
  readonly adminSecret: pulumi.Output<string>;
  /** Secret with `client.cnf` and `credentials.json` for restores. */
  readonly restoreSecret: pulumi.Output<string>;
  /** Secret with `monitor.cnf` for the metrics exporter. */
  readonly monitorSecret: pulumi.Output<string>;
  /** Secret with `init.sql`. */
  readonly initSecret: pulumi.Output<string>;

  constructor(name: string, args: BootstrapAccountsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nacos-platform:mysql:BootstrapAccounts", name, {}, opts);

    const secret = (role: string, stringData: Record<string, pulumi.Input<string>>): pulumi.Output<string> =>
      new k8s.core.v1.Secret(
        `${name}-${role}`,
        {
          metadata: { name: `${args.base}-${role}`, namespace: args.namespace, labels: labels(args.identity) },
          stringData,
        },
        { parent: this },
      ).metadata.name;

    const passwords = Object.fromEntries(
      ROLES.map((role) => [
        role,
        randomPassword(`${name}-${role}-password`, { parent: this, protect: args.protect }).result,
      ]),
    ) as Record<keyof Passwords, pulumi.Output<string>>;
    const { root, probe, tls, monitor, control, replication, admin, restore } = passwords;
    this.rootSecret = secret("root", { username: ACCOUNTS.root, password: root });
    this.probeSecret = secret("probe", {
      "probe.cnf": probe.apply((value) => clientOptions({ user: ACCOUNTS.probe, password: value })),
      "tls.cnf": tls.apply((value) => clientOptions({ user: ACCOUNTS.tls, password: value })),
    });
    const account = (user: string, value: pulumi.Output<string>): pulumi.Output<string> =>
      pulumi.jsonStringify({ user, password: value });
    this.controlSecret = secret("control", {
      "control.json": account(ACCOUNTS.control, control),
      "replication.json": account(ACCOUNTS.replication, replication),
    });
    this.adminSecret = secret("admin", { "admin.json": account(ACCOUNTS.admin, admin) });
    this.restoreSecret = secret("restore", {
      "credentials.json": account(ACCOUNTS.restore, restore),
      "client.cnf": restore.apply((value) =>
        clientOptions({ user: ACCOUNTS.restore, password: value, server: { host: args.host, port: MYSQL_PORT } }),
      ),
    });
    this.monitorSecret = secret("monitor", {
      "monitor.cnf": monitor.apply((value) => clientOptions({ user: ACCOUNTS.monitor, password: value })),
    });
    this.initSecret = secret("init", { "init.sql": pulumi.output(passwords).apply((values) => initSql(values)) });

    this.registerOutputs({ rootSecret: this.rootSecret });
  }
}
