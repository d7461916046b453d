import type * as https from "node:https";
import { KubeConfig } from "@kubernetes/client-node";
import { attempt, Refusal } from "../../contract/refusal";
import { KubernetesApi } from "./api";

/** What a kubeconfig file says, with its current context. */
export function kubeconfigFrom(file: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(file);
  return config;
}

/** The user's kubeconfig with a context of it as the current one. @throws Refusal if it has no such context. */
export function kubeconfigOf(context: string): KubeConfig {
  const config = new KubeConfig();
  attempt("the kubeconfig cannot be read", () => config.loadFromDefault());
  const known = config.getContexts().map(({ name }) => name);
  if (!known.includes(context)) throw new Refusal(`the kubeconfig has no context "${context}", the stack's nacos-platform:kubeContext; it has ${known.join(", ") || "none"}. Set KUBECONFIG.`);
  config.setCurrentContext(context);
  return config;
}

/** The API server of the current context, as its user. @throws Refusal where the context names no cluster. */
export function apiOf(config: KubeConfig): KubernetesApi {
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) throw new Refusal(`context "${config.getCurrentContext()}" names no cluster.`);
  return new KubernetesApi(server, async () => {
    if (!URL.canParse(server) || new URL(server).protocol !== "https:") throw new Refusal(`context "${config.getCurrentContext()}" names the server "${server}", which is no address that begins with https://.`);
    const options: https.RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    if (config.getCurrentCluster()?.proxyUrl === undefined) delete options.agent; // one for each request: no connection would be used again
    return options;
  });
}
