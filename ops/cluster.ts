import * as fs from "node:fs";
import * as os from "node:os";
import type { AddressInfo } from "node:net";
import type { KubeConfig } from "@kubernetes/client-node";
import { parse } from "yaml";
import type { Settings } from "../contract/settings";
import { parseCredentials } from "../contract/credentials";
import { OBJECTS } from "../contract/objects";
import { leasePath, WriterService } from "../runtime/mysql-controller/writer-service";
import { type PlatformConfig, readFile } from "../schema";
import type { KubernetesApi } from "../clients/kubernetes/api";
import { openForward } from "../clients/kubernetes/forward";
import { apiOf, kubeconfigOf } from "../clients/kubernetes/kubeconfig";
import { Lease } from "../clients/kubernetes/lease";
import { attempt, Refusal } from "../contract/refusal";
import { Server } from "../runtime/mysql-controller/server";
import type { Topology } from "../runtime/mysql-controller/topology";

/** A stack for `ops`: the cluster that its configuration names, never another. */
export interface StackCluster {
  readonly stack: string;
  readonly namespace: string;
  /** Whether MySQL runs in the cluster. */
  readonly mysql: Pick<PlatformConfig["mysql"], "mode">;
  /** How old the newest backup may be. */
  readonly backupMaxAgeHours: number;
  readonly api: KubernetesApi;
  readonly config: KubeConfig;
}

/**
 * The cluster and the namespace of a stack, from the configuration file that `pulumi` itself reads.
 *
 * @throws Refusal if there is no such file, or the kubeconfig has no such context.
 */
export function clusterOf(stack: string): StackCluster {
  const file = process.env.PULUMI_OPTION_CONFIG_FILE ?? `Pulumi.${stack}.yaml`;
  if (!fs.existsSync(file))
    throw new Refusal(
      "STACK_FILE_MISSING",
      `there is no ${file}: run this in the project's folder, with --stack and the name of a configured stack.`,
    );
  const { config: keys } =
    attempt(
      "STACK_FILE_UNREADABLE",
      `${file} cannot be read`,
      () => parse(fs.readFileSync(file, "utf8")) as { config?: Record<string, unknown> } | null,
    ) ?? {};
  const { kubeContext, namespace, mysql } = readFile(stack, keys ?? {});
  const config = kubeconfigOf(kubeContext);
  const { maxAgeHours: backupMaxAgeHours } = mysql.backup;
  return { stack, namespace, mysql, backupMaxAgeHours, api: apiOf(config), config };
}

/** @param otherwise what is true of an external MySQL @throws Refusal with that if the stack does not run the servers itself. */
export function requireOwnMySql({ stack, mysql }: Pick<StackCluster, "stack" | "mysql">, otherwise: string): void {
  if (mysql.mode === "external")
    throw new Refusal("STACK_MYSQL_EXTERNAL", `the MySQL of stack ${stack} is external: ${otherwise}`);
}

/** The part of a ConfigMap or a Secret that is read here. */
export interface ConfigMapObject {
  data: Record<string, string>;
}

/** The servers of a stack, reached through the API server, and the lease that prevents two processes from changing roles at once. */
export interface MySqlServers {
  readonly topology: Topology;
  readonly settings: Settings;
  readonly lease: Lease;
  readonly api: KubernetesApi;
  close(): void;
}

/** Opens tunnels to a stack's servers. The caller closes them. @throws Refusal if the stack does not run the servers itself. */
export async function serversOf(cluster: StackCluster, log: (message: string) => void): Promise<MySqlServers> {
  requireOwnMySql(
    cluster,
    "this command works only for servers that the stack runs itself. `backup`, `verify` and `restore` work with an external MySQL too.",
  );
  const { api, namespace, config } = cluster;
  const core = `/api/v1/namespaces/${namespace}`;
  const [settingsMap, authorities, secret] = await Promise.all([
    api.get<ConfigMapObject>(`${core}/configmaps/${OBJECTS.settings}`),
    api.get<ConfigMapObject>(`${core}/configmaps/${OBJECTS.ca}`),
    api.get<ConfigMapObject>(`${core}/secrets/${OBJECTS.control}`),
  ]);
  const settings = JSON.parse(settingsMap.data["settings.json"]) as Settings;
  const credentials = (key: string) => parseCredentials(Buffer.from(secret.data[key], "base64").toString());
  const control = credentials("control.json");
  const tunnels: { close(): void }[] = [];
  const servers = settings.servers.map((pod) => {
    let port: Promise<number> | undefined;
    const address = async () => {
      port ??= openForward(config, { listen: 0, namespace, to: { pod }, port: 3306 }).then((tunnel) => {
        tunnels.push(tunnel);
        tunnel.unref();
        return (tunnel.address() as AddressInfo).port;
      });
      return { host: "127.0.0.1", port: await port };
    };
    return new Server(pod, `${pod}.${settings.hostSuffix}`, address, control, () => authorities.data["ca.crt"]);
  });
  const lease = new Lease(api, leasePath(namespace, settings.name), `ops-${os.userInfo().username}-${process.pid}`);
  return {
    settings,
    lease,
    api,
    topology: {
      servers,
      declaration: new WriterService(api, settings, lease),
      notebook: lease,
      semiSync: settings.semiSync,
      control,
      replication: credentials("replication.json"),
      log,
    },
    close: () => {
      for (const server of servers) server.close();
      for (const tunnel of tunnels) tunnel.close();
    },
  };
}
