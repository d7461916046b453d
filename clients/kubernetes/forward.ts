import * as net from "node:net";
import { type KubeConfig, PortForward } from "@kubernetes/client-node";
import type { KubernetesApi } from "./api";
import { apiOf } from "./kubeconfig";

/** A port on 127.0.0.1 that leads into the cluster. */
export interface Forward {
  /** Port on 127.0.0.1; 0 for any free port. */
  listen: number;
  namespace: string;
  /** A Service (each connection goes to one of its ready pods; with `stay` to the last one, while that is ready), or one pod by name. */
  to: { service: string; stay?: true } | { pod: string };
  /** The container's port. */
  port: number;
}

/**
 * Opens a forward until the returned server is closed. Every connection goes through the API server
 * to a pod that is ready at that time, so a forward to a Service outlives the pods behind it.
 */
export function openForward(config: KubeConfig, forward: Forward): Promise<net.Server> {
  const api = apiOf(config);
  const tunnel = new PortForward(config);
  let told = "";
  let last: string | undefined;
  const readyPod = async ({ service, stay }: { service: string; stay?: true }): Promise<string> => {
    const pods = await readyPods(api, forward.namespace, service);
    if (pods.length === 0) throw new Error("no pod is ready");
    last = choosePod(pods, stay ? last : undefined);
    return last;
  };
  const server = net.createServer({ pauseOnConnect: true }, (socket) => {
    socket.on("error", () => socket.destroy());
    const pod = "pod" in forward.to ? Promise.resolve(forward.to.pod) : readyPod(forward.to);
    pod
      .then((name) => tunnel.portForward(forward.namespace, name, [forward.port], socket, null, socket))
      .then(() => {
        told = "";
        socket.resume();
      })
      .catch((error: unknown) => {
        const target = "pod" in forward.to ? `pod ${forward.to.pod}` : `Service ${forward.to.service}`;
        const reason = (error as { message?: string }).message ?? String(error); // an error, or a web socket's event
        const problem = `${target}, port ${forward.port}: ${reason}`;
        if (problem !== told) console.error(problem); // once, however many connections are tried
        told = problem;
        socket.destroy();
      });
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(forward.listen, "127.0.0.1", () => resolve(server));
  });
}

interface EndpointSliceList {
  readonly items: readonly {
    readonly endpoints?:
      | readonly {
          readonly conditions?: { readonly ready?: boolean };
          readonly targetRef?: { readonly name?: string };
        }[]
      | null;
  }[];
}

/** The names of a Service's ready pods. */
export async function readyPods(
  api: Pick<KubernetesApi, "get">,
  namespace: string,
  service: string,
): Promise<string[]> {
  const { items } = await api.get<EndpointSliceList>(
    `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices?labelSelector=kubernetes.io/service-name=${service}`,
  );
  return items
    .flatMap((slice) => slice.endpoints ?? [])
    .filter((endpoint) => endpoint.conditions?.ready === true)
    .map((endpoint) => endpoint.targetRef?.name)
    .filter((name) => name !== undefined);
}

/** One of the pods: the preferred one if it is among them, otherwise any. */
export function choosePod(pods: readonly string[], preferred: string | undefined): string {
  return preferred !== undefined && pods.includes(preferred)
    ? preferred
    : pods[Math.floor(Math.random() * pods.length)];
}
