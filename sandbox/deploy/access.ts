import * as fs from "node:fs";
import * as path from "node:path";
import type { Forward } from "../../clients/kubernetes/forward";
import { configApi } from "../../contract/nacos-api";
import { Cluster } from "../cluster/cluster";
import { Kubectl, readSecret } from "../cluster/kubectl";
import { ensureHostProcess, processStates, stopHostProcess } from "../cluster/place";
import { UserError } from "../errors";
import { waitFor } from "../exec";
import { writeAtomically } from "../paths";
import type { PlatformOutputs as Outputs } from "../../contract/outputs";
import { Ports } from "./ports";

/**
 * Opens the stack's ports on 127.0.0.1, and closes others that an earlier `up` opened. Each connection looks for a pod when
 * it is made, so the ports may be open before there are any.
 */
export async function openPorts(cluster: Cluster, stack: string, namespace: string, ports: Ports): Promise<void> {
  const forwards: Forward[] = [
    { listen: ports.nacos, namespace, to: { service: "nacos" }, port: 8848 },
    { listen: ports.nacosGrpc, namespace, to: { service: "nacos" }, port: 9848 },
    { listen: ports.console, namespace, to: { service: "nacos-console" }, port: 8080 },
    { listen: ports.mysql, namespace, to: { service: "mysql" }, port: 3306 },
  ];
  const wanted = JSON.stringify(forwards, null, 2);
  if (!fs.existsSync(portsFile(cluster, stack)) || fs.readFileSync(portsFile(cluster, stack), "utf8") !== wanted)
    await stopHostProcess(cluster, processName(stack));
  writeAtomically(portsFile(cluster, stack), wanted);
  ensureHostProcess(cluster, processName(stack), [
    process.execPath,
    "--require",
    require.resolve("sucrase/register"),
    path.join(__dirname, "serve-forwards.ts"),
    cluster.kubeconfig,
    portsFile(cluster, stack),
  ]);
}

/** The ports on 127.0.0.1 that an earlier `up` opened for the stack, and that are open now. */
export function openedPorts(cluster: Cluster, stack: string): number[] {
  const runs = processStates(cluster).some(({ name, alive }) => alive && name === processName(stack));
  if (!runs) return [];
  return forwardsOf(cluster, stack).map((forward) => forward.listen);
}

/** The port on 127.0.0.1 that leads to a port of the stack. @throws UserError if `up` has opened none. */
export function openedPort(cluster: Cluster, stack: string, port: number): number {
  const forward = forwardsOf(cluster, stack).find((candidate) => candidate.port === port);
  const { name } = cluster.spec;
  if (forward === undefined)
    throw new UserError(
      `stack "${stack}" was never up on cluster "${name}". Bring it up there first: \`make up STACK=${stack} NAME=${name}\`.`,
    );
  return forward.listen;
}

function forwardsOf(cluster: Cluster, stack: string): Forward[] {
  const file = portsFile(cluster, stack);
  return fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, "utf8")) as Forward[]) : [];
}

const processName = (stack: string) => `ports-${stack}`;
const portsFile = (cluster: Cluster, stack: string) => path.join(cluster.dir, "pulumi", `ports-${stack}.json`);

/** Writes a curl configuration with the administrator's credentials, so that they stay out of command lines. */
export async function writeCurlConfig(
  cluster: Cluster,
  kubectl: Kubectl,
  stack: string,
  outputs: Outputs,
): Promise<string> {
  const read = (key: string) => readSecret(kubectl, outputs.namespace, outputs.secrets.nacosAdmin, key);
  const file = path.join(cluster.dir, "pulumi", `nacos-${stack}.curl`);
  writeAtomically(
    file,
    `silent\nshow-error\nfail-with-body\nheader = "username: ${await read("username")}"\nheader = "password: ${await read("password")}"\n`,
    0o600,
  );
  return file;
}

/** Waits until Nacos answers a signed-in request through its port: one for a configuration that does not exist. */
export async function waitForNacos(curlConfig: string, ports: Ports, version: string): Promise<void> {
  const headers = Object.fromEntries(
    [...fs.readFileSync(curlConfig, "utf8").matchAll(/^header = "(\w+): (.*)"$/gm)].map(([, name, value]) => [
      name,
      value,
    ]),
  );
  const { read, group } = configApi(version);
  const url = `http://127.0.0.1:${ports.nacos}${read}?dataId=nobody-has-this&${group}=DEFAULT_GROUP`;
  let last = "";
  const answers = async (): Promise<boolean> => {
    try {
      const answer = await fetch(url, { headers });
      last = `HTTP ${answer.status}: ${(await answer.text()).slice(0, 200)}`;
      return answer.status === 200 || answer.status === 404; // 2.x answers 404
    } catch (error) {
      const { message, cause } = error as Error;
      last = cause instanceof Error ? cause.message : message;
      return false;
    }
  };
  await waitFor("", 120, answers).catch(() => {
    throw new UserError(
      `Nacos runs, but did not answer a signed-in request on 127.0.0.1:${ports.nacos} within 120 s; its last answer was: ${last}. \`make logs\` shows its log.`,
    );
  });
}
