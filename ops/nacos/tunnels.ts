import type { AddressInfo, Server } from "node:net";
import { openForward } from "../../clients/kubernetes/forward";
import { OBJECTS } from "../../contract/objects";
import { NACOS_PORTS } from "../../contract/ports";
import type { Endpoint, Identity } from "../../runtime/nacos-http";
import type { ConfigMapObject, StackCluster } from "../cluster";
import { required } from "../required";

/** Tunnels to the HTTP ports of a stack's Nacos servers, each opened once, and what the servers are asked with. */
export interface NacosTunnels {
  readonly identity: Identity;
  readonly endpoint: (pod: string) => Promise<Endpoint>;
  close(): void;
}

/** The caller closes them. @throws Refusal if the stack is not deployed */
export async function openTunnels({ config, namespace, api, stack }: StackCluster): Promise<NacosTunnels> {
  const { data } = await required(
    api.get<ConfigMapObject>(`/api/v1/namespaces/${namespace}/secrets/${OBJECTS.nacosAuth}`),
    "STACK_NOT_DEPLOYED",
    namespace,
    `Secret ${OBJECTS.nacosAuth}`,
    `deploy stack ${stack} first.`,
  );
  const text = (key: string): string => Buffer.from(data[key] ?? "", "base64").toString();
  const tunnels = new Map<string, Promise<Server>>();
  return {
    identity: { key: text("identityKey"), value: text("identityValue") },
    endpoint: async (pod) => {
      const open =
        tunnels.get(pod) ?? openForward(config, { listen: 0, namespace, to: { pod }, port: NACOS_PORTS.http });
      tunnels.set(pod, open);
      const { port } = (await open).unref().address() as AddressInfo;
      return { host: "127.0.0.1", port };
    },
    close: () => {
      for (const open of tunnels.values()) open.then((tunnel) => tunnel.close()).catch(() => undefined);
    },
  };
}
