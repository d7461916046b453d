import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { requireCluster } from "../../../sandbox/cluster/cluster";
import { apply } from "../../../sandbox/cluster/kubectl";
import { loadSession } from "../../../sandbox/commands/session";
import { run } from "../../../sandbox/exec";
import { checkout } from "../../../sandbox/paths";
import { type Environment, type Live, temporaryFolder } from "./environments";

const NAMESPACE = "database";
const PORT = 3307;

/** What docs/external-mysql.md says that the account needs: no SUPER, no RELOAD, no right to change settings. */
function documentedGrants(user: string): string {
  const page = fs.readFileSync(path.join(checkout, "docs/external-mysql.md"), "utf8");
  const grants = /```sql\n(.*?)```/s.exec(page)?.[1] ?? "";
  return grants.replaceAll("'admin'", `'${user}'`);
}

/** A MySQL server that is not part of the platform, as somebody else would run it who does not grant every privilege. */
export interface ManagedMySql {
  readonly namespace: string;
  readonly pod: string;
  readonly host: string;
  readonly port: number;
  readonly caCertificates: string;
  readonly user: string;
  readonly password: string;
  /** Runs statements as its owner, and returns what they print. */
  owner(statements: string): Promise<string>;
  delete(): Promise<void>;
}

/** @param options of mysqld, in addition to those for TLS. */
export async function managedMySql(
  environment: Environment,
  { kubectl }: Live,
  options: readonly string[],
): Promise<ManagedMySql> {
  const { mysql } = loadSession(requireCluster(environment.cluster)).images;
  const host = `db.${NAMESPACE}.svc.cluster.local`;
  const user = "keeper";
  const password = randomBytes(12).toString("hex");
  const { caCertificates, certificate, key } = await certify(environment, host);
  const initial = [
    `CREATE USER '${user}'@'%' IDENTIFIED BY '${password}' REQUIRE SSL;`,
    documentedGrants(user).replace(/,\n\s*/g, ", "), // the init file has one statement per line
  ].join("\n");
  const files = [
    "--ssl-ca=/files/ca.crt",
    "--ssl-cert=/files/tls.crt",
    "--ssl-key=/files/tls.key",
    "--init-file=/files/init.sql",
    "--datadir=/data/mysql",
    "--socket=/data/mysqld.sock",
    "--pid-file=/data/mysqld.pid",
  ];
  const words = [
    "--no-defaults",
    `--port=${PORT}`,
    "--loose-mysqlx=OFF",
    "--server-id=9",
    "--log-bin=binlog",
    "--enforce-gtid-consistency=ON",
    ...files,
    ...options,
  ];
  const labels = { app: "db" };
  const objects = [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } },
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "db", namespace: NAMESPACE },
      stringData: { "ca.crt": caCertificates, "tls.crt": certificate, "tls.key": key, "init.sql": initial },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "db", namespace: NAMESPACE },
      spec: { selector: labels, ports: [{ port: PORT }] },
    },
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "db", namespace: NAMESPACE, labels },
      spec: {
        securityContext: { runAsUser: 999, runAsGroup: 999, fsGroup: 999 },
        containers: [
          {
            name: "mysql",
            image: mysql.ref,
            command: [
              "bash",
              "-ec",
              `mysqld --no-defaults --initialize-insecure --datadir=/data/mysql; exec mysqld ${words.join(" ")}`,
            ],
            readinessProbe: {
              exec: {
                command: [
                  "mysql",
                  "--no-defaults",
                  "--socket=/data/mysqld.sock",
                  "--user=root",
                  "--execute",
                  "SELECT 1",
                ],
              },
              periodSeconds: 1,
              failureThreshold: 120,
            },
            volumeMounts: [
              { name: "data", mountPath: "/data" },
              { name: "files", mountPath: "/files" },
            ],
          },
        ],
        volumes: [
          { name: "data", emptyDir: {} },
          { name: "files", secret: { secretName: "db", defaultMode: 0o440 } },
        ],
      },
    },
  ];
  await apply(kubectl, JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
  await kubectl(["--namespace", NAMESPACE, "wait", "--for=condition=Ready", "pod/db", "--timeout=180s"]);
  return {
    namespace: NAMESPACE,
    pod: "db",
    host,
    port: PORT,
    caCertificates,
    user,
    password,
    owner: async (statements) =>
      (
        await kubectl(
          [
            "--namespace",
            NAMESPACE,
            "exec",
            "-i",
            "db",
            "--",
            "mysql",
            "--no-defaults",
            "--socket=/data/mysqld.sock",
            "--user=root",
            "--batch",
            "--skip-column-names",
          ],
          statements,
        )
      ).trim(),
    delete: async () => {
      await kubectl(["delete", "namespace", NAMESPACE]);
    },
  };
}

async function certify(
  environment: Environment,
  host: string,
): Promise<{ caCertificates: string; certificate: string; key: string }> {
  const folder = temporaryFolder(environment, "ca");
  const openssl = (...args: string[]) => run("openssl", args, { cwd: folder });
  const read = (file: string) => fs.readFileSync(path.join(folder, file), "utf8");
  try {
    await openssl(
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-keyout",
      "ca.key",
      "-out",
      "ca.crt",
      "-days",
      "2",
      "-subj",
      "/CN=somebody-else",
    );
    fs.writeFileSync(path.join(folder, "names"), `subjectAltName=DNS:${host}\n`);
    await openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "tls.key", "-out", "tls.csr", "-subj", "/CN=db");
    await openssl(
      "x509",
      "-req",
      "-in",
      "tls.csr",
      "-CA",
      "ca.crt",
      "-CAkey",
      "ca.key",
      "-days",
      "2",
      "-out",
      "tls.crt",
      "-extfile",
      "names",
    );
    return { caCertificates: read("ca.crt"), certificate: read("tls.crt"), key: read("tls.key") };
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}
