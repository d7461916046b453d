import { openForward, readyPods } from "../../clients/kubernetes/forward";
import { NACOS_ADMIN } from "../../contract/accounts";
import { OBJECTS } from "../../contract/objects";
import { consolePath } from "../../contract/ports";
import { Refusal } from "../../contract/refusal";
import type { StackCluster } from "../cluster";
import { required } from "../required";

interface Service {
  readonly spec: { readonly ports: readonly { readonly port: number }[] };
}

/** The console on a port of this machine. */
export interface Console {
  readonly url: string;
  readonly close: () => void;
}

/**
 * Opens a port on this machine that leads to the console. Its page calls nothing but the port that it comes from, so one
 * port is enough in every series.
 *
 * @param server whose console; without it that of any ready server, and of another one when that is not ready any more
 */
export async function openConsole(
  { stack, namespace, api, config }: Pick<StackCluster, "stack" | "namespace" | "api" | "config">,
  listen: number,
  server?: string,
): Promise<Console> {
  const service = OBJECTS.nacosConsole;
  const { spec } = await required(
    api.get<Service>(`/api/v1/namespaces/${namespace}/services/${service}`),
    "STACK_NOT_DEPLOYED",
    namespace,
    `Service ${service}`,
    `deploy stack ${stack} first.`,
  );
  // The port of the Service is that of the version that runs, which may not be the version in the stack file.
  const [{ port }] = spec.ports;
  requireReady(await readyPods(api, namespace, service), namespace, server);
  const to = server === undefined ? ({ service, stay: true } as const) : { pod: server };
  const forward = await openForward(config, { listen, namespace, to, port }).catch((error: unknown) => {
    throw notOpened(listen, error as NodeJS.ErrnoException);
  });
  return { url: `http://127.0.0.1:${listen}${consolePath(port)}`, close: () => forward.close() };
}

function requireReady(ready: readonly string[], namespace: string, server: string | undefined): void {
  if (server === undefined ? ready.length > 0 : ready.includes(server)) return;
  const known = [...ready].sort().join(", ") || "none";
  throw new Refusal(
    "NACOS_SERVER_NOT_READY",
    server === undefined
      ? `no Nacos server in namespace ${namespace} is ready.`
      : `${server} is no Nacos server in namespace ${namespace} that is ready; ready: ${known}.`,
  );
}

function notOpened(port: number, { code, message }: NodeJS.ErrnoException): Refusal {
  return new Refusal(
    "NACOS_CONSOLE_NOT_OPENED",
    code === "EADDRINUSE"
      ? `port ${port} of 127.0.0.1 is in use; choose another one with --port.`
      : `port ${port} of 127.0.0.1 cannot be opened: ${message}; choose another one with --port.`,
  );
}

/** With which user to log in, and how to get the password. It is never printed here. */
export function loginText({ namespace, config }: Pick<StackCluster, "namespace" | "config">): string {
  const kubectl = `kubectl --context ${config.getCurrentContext()} --namespace ${namespace}`;
  return [
    `User: ${NACOS_ADMIN}. The password is in Secret ${OBJECTS.nacosAdmin}:`,
    `  ${kubectl} get secret ${OBJECTS.nacosAdmin} --output jsonpath='{.data.password}' | base64 --decode`,
  ].join("\n");
}
