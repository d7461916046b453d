import { DiscoveryV1Api, KubeConfig, PortForward } from "@kubernetes/client-node";
import * as net from "node:net";

/** A port on 127.0.0.1 that leads into the cluster. */
export interface Forward {
  /** Port on 127.0.0.1; 0 takes a free one. */
  listen: number;
  namespace: string;
  /** A Service, of whose ready pods each connection gets one, or one pod by name. */
  to: { service: string } | { pod: string };
  /** The container's port. */
  port: number;
}

/**
 * Opens a forward until the returned server is closed. Every connection goes through the API server
 * to a pod that is ready at that moment, so a forward to a Service outlives the pods behind it.
 */
export function openForward(config: KubeConfig, forward: Forward): Promise<net.Server> {
  const slices = config.makeApiClient(DiscoveryV1Api);
  const tunnel = new PortForward(config);
  const server = net.createServer({ pauseOnConnect: true }, (socket) => {
    socket.on("error", () => socket.destroy());
    const pod = "pod" in forward.to ? Promise.resolve(forward.to.pod) : readyPod(slices, forward.namespace, forward.to.service);
    pod
      .then((name) => tunnel.portForward(forward.namespace, name, [forward.port], socket, null, socket))
      .then(() => socket.resume())
      .catch((error: unknown) => {
        const target = "pod" in forward.to ? `pod ${forward.to.pod}` : `Service ${forward.to.service}`;
        console.error(`${target}, port ${forward.port}: ${(error as { message?: string }).message ?? String(error)}`); // an error, or a web socket's event
        socket.destroy();
      });
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(forward.listen, "127.0.0.1", () => resolve(server));
  });
}

async function readyPod(slices: DiscoveryV1Api, namespace: string, service: string): Promise<string> {
  const list = await slices.listNamespacedEndpointSlice({ namespace, labelSelector: `kubernetes.io/service-name=${service}` });
  const pods = list.items
    .flatMap((slice) => slice.endpoints ?? [])
    .filter((endpoint) => endpoint.conditions?.ready === true)
    .map((endpoint) => endpoint.targetRef?.name)
    .filter((name) => name !== undefined);
  if (pods.length === 0) throw new Error("no pod is ready");
  return pods[Math.floor(Math.random() * pods.length)];
}

/** What a kubeconfig file says, with its current context. */
export function kubeconfigFrom(file: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(file);
  return config;
}
