import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { KubernetesApi } from "../../clients/kubernetes/api";
import type { Identity } from "../../contract/identities";
import { autoscaler } from "../../kube/autoscaler";
import { steps } from "../../kube/autoscaling-behavior";
import { cpu } from "../../kube/autoscaling-metrics";
import { apiOfContext, askingHook } from "../../kube/cluster-api";
import { countNodes } from "../../kube/nodes";
import type { Transform } from "../../kube/transform";
import { UpdateRefusal } from "../../kube/update-refusal";
import type { NacosAutoscaling } from "./autoscaling-config";

const MINUTE = 60;

/**
 * How fast the number of servers follows the load. A server takes a minute to start and to join, its connections come later,
 * and dumps and garbage collection make short peaks: so two servers at a time, and not for a peak. With each server that
 * leaves, its Raft groups and clients move: so one at a time, and only after the load has been low for long.
 */
const UP = { pods: 2, periodSeconds: 3 * MINUTE, windowSeconds: 2 * MINUTE };
const DOWN = { pods: 1, periodSeconds: 30 * MINUTE, windowSeconds: 30 * MINUTE };

export interface NacosAutoscalerArgs {
  /** Name of the StatefulSet. */
  readonly base: string;
  readonly namespace: pulumi.Input<string>;
  readonly identity: Identity;
  readonly kubeContext: string;
  /** The smallest number of servers. */
  readonly replicas: number;
  readonly spread: "preferred" | "required";
  readonly autoscaling: NacosAutoscaling & { readonly mode: "enabled" };
  readonly transform?: Transform<k8s.autoscaling.v2.HorizontalPodAutoscalerArgs>;
}

/** What to say about an even maximum; undefined about an odd one. */
export function evenWarning(servers: number): string | undefined {
  return servers % 2 === 1
    ? undefined
    : `nacos.autoscaling.maxReplicas is ${servers}: a Raft group of ${servers} tolerates no more lost servers than one of ${servers - 1}`;
}

/**
 * Checks that each server finds a node, if no two may share one.
 *
 * @returns what could not be checked
 * @throws UpdateRefusal if there are too few nodes.
 */
export async function requireNodes(
  api: Pick<KubernetesApi, "get">,
  { replicas, maxReplicas }: { readonly replicas: number; readonly maxReplicas: number },
): Promise<string | undefined> {
  const nodes = await countNodes(api);
  const key = "nacos-platform:nacos";
  if (typeof nodes === "string")
    return `could not count the nodes, of which ${key}.autoscaling.maxReplicas needs ${maxReplicas}: ${nodes}`;
  if (nodes.open >= maxReplicas) return undefined;
  const [set, cost] =
    nodes.open > replicas
      ? [`${key}.autoscaling.maxReplicas ${nodes.open}`, ""]
      : [`${key}.spread preferred`, " (all servers restart, and two may share a node)"];
  throw new UpdateRefusal(
    "AUTOSCALING_NODES_TOO_FEW",
    `${key}.autoscaling.maxReplicas is ${maxReplicas}, and with nacos.spread required each server needs a node: ${nodes.open} of ${nodes.all} accept pods. Run: pulumi config set --path ${set}${cost}. If the cluster adds nodes by itself, set ${key}.autoscaling.nodesOnDemand to true`,
  );
}

/**
 * The autoscaler of Nacos' servers. It measures the CPU of the container `nacos` only: the sidecar idles, and would lower the
 * mean. Memory is no metric for Nacos: its heap has a fixed size, which the JVM takes at its start and never gives back, so
 * that utilisation says nothing about load, and a threshold below it would add servers up to the maximum.
 */
export function nacosAutoscaler(
  name: string,
  { base, replicas, autoscaling, ...args }: NacosAutoscalerArgs,
  opts: pulumi.CustomResourceOptions & { readonly parent: pulumi.Resource },
): k8s.autoscaling.v2.HorizontalPodAutoscaler {
  const { maxReplicas, cpuPercent, scaleDown } = autoscaling;
  const even = evenWarning(maxReplicas);
  if (even !== undefined) void pulumi.log.warn(even, opts.parent);
  const nodes = askingHook(`check if there is a node for each server of ${base}`, async () => {
    const warning = await requireNodes(apiOfContext(args.kubeContext), { replicas, maxReplicas });
    if (warning !== undefined) void pulumi.log.warn(warning);
  });
  const hooks = args.spread === "required" && !autoscaling.nodesOnDemand ? [nodes] : [];
  return autoscaler(
    name,
    {
      ...args,
      name: base,
      kind: "StatefulSet",
      minReplicas: replicas,
      maxReplicas,
      metrics: [cpu(cpuPercent, "nacos")],
      behavior: steps(UP, scaleDown ? DOWN : undefined),
      withoutMetrics: "Or run: pulumi config set --path nacos-platform:nacos.autoscaling.mode disabled",
    },
    { ...opts, hooks: { beforeCreate: hooks, beforeUpdate: hooks } },
  );
}
