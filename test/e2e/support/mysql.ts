import assert from "node:assert/strict";
import * as fs from "node:fs";
import { createConnection, RowDataPacket } from "mysql2/promise";
import { cgroupOf, processesIn } from "../../../sandbox/cluster/cgroups";
import { readSecret } from "../../../sandbox/cluster/kubectl";
import { Live } from "./environments";

/** Runs a statement as Nacos' runtime account, over the stack's MySQL port on 127.0.0.1. */
export async function mysqlQuery(
  environment: Live,
  statement: string,
  values: string[] = [],
): Promise<RowDataPacket[]> {
  const { namespace, secrets, mysql } = environment.outputs;
  const connection = await createConnection({
    host: "127.0.0.1",
    port: environment.ports.mysql,
    user: await readSecret(environment.kubectl, namespace, secrets.mysqlRuntime, "username"),
    password: await readSecret(environment.kubectl, namespace, secrets.mysqlRuntime, "password"),
    database: mysql.database,
    ssl: { rejectUnauthorized: false },
  });
  try {
    const [rows] = await connection.query<RowDataPacket[]>(statement, values);
    return rows;
  } finally {
    await connection.end();
  }
}

/** Runs statements as root, who may log in only inside the pod, and returns what they print. */
export async function administrate({ kubectl, outputs }: Live, statements: string, pod = "mysql-0"): Promise<string> {
  const password = await readSecret(kubectl, outputs.namespace, "mysql-root", "password");
  const options = `[client]\nuser=root\npassword=${password}\nsocket=/run/mysqld/mysqld.sock\n`;
  const client = ["mysql", "--defaults-file=/dev/stdin", "--batch", "--skip-column-names", "--execute", statements];
  return (
    await kubectl(
      ["--namespace", outputs.namespace, "exec", "-i", pod, "--container", "mysql", "--", ...client],
      options,
    )
  ).trim();
}

/** The process of a server, as the machine sees it. If several stacks run on the cluster, its pod's UID says which. */
export function serverProcess(cluster: string, pod: string, uid = ""): number {
  const id = `--server-id=${Number(pod.split("-")[1]) + 1}`;
  const found = processesIn(cgroupOf(cluster)).filter((pid) => {
    const words = read(pid, "cmdline").split("\0");
    return words[0].endsWith("mysqld") && words.includes(id) && read(pid, "cgroup").includes(uid);
  });
  assert.equal(found.length, 1, `${found.length} processes run ${pod}`);
  return found[0];
}

/** Runs `action` while servers are dead: their processes are killed, and their pods cannot come back before it has ended. */
export async function whileDead<T>(
  cluster: string,
  { kubectl, outputs }: Live,
  servers: readonly string[],
  action: () => Promise<T>,
): Promise<T> {
  const namespaced = (...args: string[]) => kubectl(["--namespace", outputs.namespace, ...args]);
  const pods = await Promise.all(
    servers.map(async (name) => {
      const [node, uid] = (
        await namespaced("get", "pod", name, "-o", "jsonpath={.spec.nodeName} {.metadata.uid}")
      ).split(" ");
      return { node, pid: serverProcess(cluster, name, uid) };
    }),
  );
  const nodes = [...new Set(pods.map(({ node }) => node))];
  await kubectl(["cordon", ...nodes]);
  try {
    for (const { pid } of pods) process.kill(pid, "SIGKILL");
    await namespaced("delete", "pod", ...servers, "--grace-period=0", "--force");
    return await action();
  } finally {
    await kubectl(["uncordon", ...nodes]);
  }
}

function read(pid: number, file: "cmdline" | "cgroup"): string {
  try {
    return fs.readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return ""; // it has ended meanwhile
  }
}

/** What MySQL holds for a data ID of the default group, or undefined. */
export async function publishedContent(environment: Live, dataId: string): Promise<string | undefined> {
  const rows = await mysqlQuery(
    environment,
    "SELECT content FROM config_info WHERE data_id = ? AND group_id = 'DEFAULT_GROUP'",
    [dataId],
  );
  return rows[0]?.content as string | undefined;
}
