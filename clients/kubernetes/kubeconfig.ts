import type * as https from "node:https";
import { KubeConfig } from "@kubernetes/client-node";
import { attempt, Refusal } from "../../contract/refusal";
import { KubernetesApi } from "./api";

/** The content of a kubeconfig file, with its current context. */
export function kubeconfigFrom(file: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(file);
  return config;
}

/** The user's kubeconfig, with one of its contexts as the current one. @throws Refusal if it has no such context. */
export function kubeconfigOf(context: string): KubeConfig {
  const config = new KubeConfig();
  attempt("CLUSTER_KUBECONFIG_INVALID", "the kubeconfig cannot be read", () => config.loadFromDefault());
  const known = config.getContexts().map(({ name }) => name);
  if (!known.includes(context))
    throw new Refusal(
      "CLUSTER_CONTEXT_UNKNOWN",
      `the kubeconfig has no context "${context}", the stack's nacos-platform:kubeContext; it has ${known.join(", ") || "none"}. Set KUBECONFIG.`,
    );
  config.setCurrentContext(context);
  return config;
}

/** The API server of the current context, as its user. @throws Refusal if the context names no cluster. */
export function apiOf(config: KubeConfig, maxSockets?: number): KubernetesApi {
  const server = config.getCurrentCluster()?.server;
  if (server === undefined)
    throw new Refusal("CLUSTER_KUBECONFIG_INVALID", `context "${config.getCurrentContext()}" names no cluster.`);
  return new KubernetesApi(
    server,
    async () => {
      if (!URL.canParse(server) || new URL(server).protocol !== "https:")
        throw new Refusal(
          "CLUSTER_KUBECONFIG_INVALID",
          `context "${config.getCurrentContext()}" names the server "${server}", which is not an address that begins with https://.`,
        );
      const options: https.RequestOptions = {};
      await config.applyToHTTPSOptions(options);
      if (config.getCurrentCluster()?.proxyUrl === undefined) delete options.agent; // it would be a new agent for each request, so no connection would be reused
      return options;
    },
    maxSockets,
  );
}
