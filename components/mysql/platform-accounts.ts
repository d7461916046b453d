import { join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { AccountsSettings, Privileges } from "../../contract/account-settings";
import { ACCOUNTS, DATABASE, SCRATCH_DATABASE } from "../../contract/accounts";
import { IDENTITIES, labels } from "../../contract/identities";
import { OBJECTS } from "../../contract/objects";
import { USERS } from "../../contract/users";
import { bundle, compressed } from "../../kube/bundle";
import { withDisk } from "../../kube/ephemeral-storage";
import type { WorkloadFootprint } from "../../kube/footprint";
import { mark } from "../../kube/mark";
import { randomPassword } from "../../kube/password";
import { checksum, containerSecurity, type PodSettings } from "../../kube/pod";
import { step } from "../../kube/step";
import type { Transform } from "../../kube/transform";
import { clientOptions } from "./bootstrap-accounts";
import type { Database } from "./database";

export interface PlatformAccountsArgs {
  readonly namespace: pulumi.Input<string>;
  /** Context of the kubeconfig, with which an update waits for the end of the Job. */
  readonly kubeContext: string;
  readonly pods: PodSettings;
  readonly database: Pick<Database, "host" | "port" | "endpoint" | "administratorSecret" | "caConfigMap">;
  /** Node.js 20 or newer. */
  readonly nodeImage: pulumi.Input<string>;
  /** Secret with `client.cnf` and `credentials.json` of the account for restores, if the servers create it themselves. */
  readonly restoreSecret?: pulumi.Output<string>;
  /** Connections that the platform may open at a time and an external server has to accept; absent if the stack runs the servers. */
  readonly connections?: number;
  /** Changes to the Job, see {@link Transform}. */
  readonly transform?: Transform<k8s.batch.v1.JobArgs>;
}

const ROWS = ["SELECT", "INSERT", "UPDATE", "DELETE"];
const EVERYWHERE = "*";

/** Privileges of each account. */
const PRIVILEGES = {
  runtime: [{ database: DATABASE, privileges: ROWS }],
  schema: [
    { database: DATABASE, privileges: ["SELECT", "INSERT", "UPDATE", "CREATE", "ALTER", "INDEX", "REFERENCES"] },
    { database: SCRATCH_DATABASE, privileges: [...ROWS, "CREATE", "ALTER", "DROP", "INDEX", "REFERENCES"] },
  ],
  // RELOAD, for the short lock at the start of a backup, on servers that the stack runs. No managed database grants it.
  backup: [
    { database: EVERYWHERE, privileges: ["SELECT", "SHOW VIEW", "TRIGGER", "EVENT", "REPLICATION CLIENT", "RELOAD"] },
  ],
  backupExternal: [
    { database: EVERYWHERE, privileges: ["SELECT", "SHOW VIEW", "TRIGGER", "EVENT", "REPLICATION CLIENT"] },
  ],
  // To create everything that a dump contains, and to see other sessions. No managed database grants ALL.
  restore: [
    {
      database: EVERYWHERE,
      privileges: [
        ...ROWS,
        "CREATE",
        "ALTER",
        "DROP",
        "INDEX",
        "REFERENCES",
        "CREATE VIEW",
        "SHOW VIEW",
        "CREATE ROUTINE",
        "ALTER ROUTINE",
        "EXECUTE",
        "TRIGGER",
        "EVENT",
        "LOCK TABLES",
        "PROCESS",
      ],
    },
  ],
} satisfies Record<string, readonly Privileges[]>;

/** What the Job takes of the namespace's quota while it runs. */
export function accountsFootprint(): WorkloadFootprint {
  const small = withDisk({ requests: { cpu: "50m", memory: "64Mi" }, limits: { cpu: "400m", memory: "192Mi" } });
  return {
    workload: "Job/mysql-accounts",
    pods: 1,
    surgePods: 0,
    containers: { accounts: small },
    initContainers: {},
    claimsGiB: [],
  };
}

/**
 * What Nacos and the platform's Jobs have in MySQL: a database, and one account each with no more privileges than it needs.
 * A Job in the cluster creates them, with `runtime/mysql-accounts`. An account's Secret is created or changed only after
 * MySQL accepts its password. Nacos' previous password stays valid until its pods have the new one.
 */
export class PlatformAccounts extends pulumi.ComponentResource {
  /** Secret with `username`, `password` of Nacos' account. */
  readonly runtimeSecret: pulumi.Output<string>;
  /** Changes whenever this password changes, and reveals nothing of it. */
  readonly runtimeMark: pulumi.Output<string>;
  /** Secret with `credentials.json` for the schema Job. */
  readonly schemaSecret: pulumi.Output<string>;
  /** Secret with `client.cnf` and `credentials.json` for backups. */
  readonly backupSecret: pulumi.Output<string>;
  /** Secret with `client.cnf` and `credentials.json` for restores. */
  readonly restoreSecret: pulumi.Output<string>;

  constructor(name: string, args: PlatformAccountsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nacos-platform:mysql:PlatformAccounts", name, {}, opts);

    const own = { parent: this };
    const password = (role: string): pulumi.Output<string> => randomPassword(`${name}-${role}-password`, own).result;
    const passwords = {
      runtime: password("runtime"),
      schema: password("schema"),
      backup: password("backup"),
      ...(args.restoreSecret === undefined ? { restore: password("restore") } : {}),
    };
    const made = this.makeJob(name, args, passwords);
    const secret = (
      role: keyof typeof ACCOUNTS,
      stringData: Record<string, pulumi.Input<string>>,
    ): pulumi.Output<string> =>
      new k8s.core.v1.Secret(
        `${name}-${role}`,
        {
          metadata: { name: `mysql-${role}`, namespace: args.namespace, labels: labels(IDENTITIES.mysql) },
          stringData,
        },
        { ...own, dependsOn: made },
      ).metadata.name;
    const credentials = (role: keyof typeof ACCOUNTS, value: pulumi.Output<string>): pulumi.Output<string> =>
      pulumi.jsonStringify({ user: ACCOUNTS[role], password: value });
    const options = (role: keyof typeof ACCOUNTS, value: pulumi.Output<string>): pulumi.Output<string> =>
      secret(role, {
        "credentials.json": credentials(role, value),
        "client.cnf": value.apply((text) =>
          clientOptions({ user: ACCOUNTS[role], password: text, server: args.database }),
        ),
      });

    this.runtimeSecret = secret("runtime", { username: ACCOUNTS.runtime, password: passwords.runtime });
    this.runtimeMark = mark(`${name}-runtime-mark`, { password: passwords.runtime }, own);
    this.schemaSecret = secret("schema", { "credentials.json": credentials("schema", passwords.schema) });
    this.backupSecret = options("backup", passwords.backup);
    this.restoreSecret = args.restoreSecret ?? options("restore", passwords.restore as pulumi.Output<string>);
    this.registerOutputs({ runtimeSecret: this.runtimeSecret });
  }

  private makeJob(
    name: string,
    args: PlatformAccountsArgs,
    passwords: Readonly<Partial<Record<keyof typeof ACCOUNTS, pulumi.Output<string>>>>,
  ): pulumi.Resource {
    const own = { parent: this };
    const { database, connections } = args;
    const metadata = { namespace: args.namespace, labels: labels(IDENTITIES.mysqlAccounts) };
    const privileges = {
      ...PRIVILEGES,
      backup: connections === undefined ? PRIVILEGES.backup : PRIVILEGES.backupExternal,
    };
    const roles = Object.keys(passwords) as ("runtime" | "schema" | "backup" | "restore")[];
    const code = pulumi.output(bundle(join(__dirname, "..", "..", "runtime", "mysql-accounts", "main.ts")));
    const settings = pulumi.output(args.namespace).apply((namespace) =>
      JSON.stringify(
        {
          namespace,
          owner: `${pulumi.getProject()}/${pulumi.getStack()}`,
          server: { host: database.host, port: database.port },
          database: DATABASE,
          // Nacos' pools open connections at any time. The other pods log in with the password that they were started with.
          accounts: roles.map((role) => ({
            user: ACCOUNTS[role],
            privileges: privileges[role],
            ...(role === "runtime" ? { keepsPrevious: true } : {}),
          })),
          connections,
        } satisfies AccountsSettings,
        null,
        2,
      ),
    );
    const { data, binaryData } = code.apply((text) => compressed("accounts", text));
    const codeMap = new k8s.core.v1.ConfigMap(
      `${name}-code`,
      { metadata: { ...metadata, name: "mysql-accounts-code" }, data, binaryData },
      own,
    );
    const settingsMap = new k8s.core.v1.ConfigMap(
      `${name}-settings`,
      { metadata: { ...metadata, name: OBJECTS.platformAccounts }, data: { "settings.json": settings } },
      own,
    );
    const stringData = Object.fromEntries(
      roles.map((role) => [ACCOUNTS[role], passwords[role] as pulumi.Output<string>]),
    );
    const wanted = new k8s.core.v1.Secret(
      `${name}-passwords`,
      { metadata: { ...metadata, name: OBJECTS.platformAccounts }, stringData },
      own,
    );
    return step(
      name,
      {
        ...args,
        name: OBJECTS.platformAccounts,
        identity: IDENTITIES.mysqlAccounts,
        uid: USERS.node,
        deadlineSeconds: 900,
        to: [database.endpoint],
        marks: {
          "nacos-platform/config": pulumi.all([code, settings]).apply((texts) => checksum(...texts)),
          "nacos-platform/passwords": mark(`${name}-mark`, stringData, own),
        },
        pod: {
          containers: [
            {
              name: "accounts",
              image: args.nodeImage,
              command: ["node", "/code/accounts.js"],
              resources: accountsFootprint().containers.accounts,
              securityContext: containerSecurity,
              terminationMessagePolicy: "FallbackToLogsOnError",
              volumeMounts: ["code", "settings", "passwords", "administrator", "ca"].map((volume) => ({
                name: volume,
                mountPath: `/${volume}`,
                readOnly: true,
              })),
            },
          ],
          volumes: [
            { name: "code", configMap: { name: codeMap.metadata.name } },
            { name: "settings", configMap: { name: settingsMap.metadata.name } },
            { name: "passwords", secret: { secretName: wanted.metadata.name, defaultMode: 0o440 } },
            { name: "administrator", secret: { secretName: database.administratorSecret, defaultMode: 0o440 } },
            { name: "ca", configMap: { name: database.caConfigMap } },
          ],
        },
      },
      own,
    );
  }
}
