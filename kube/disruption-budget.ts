import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { labels, selectorLabels, type Identity } from "../contract/identities";

export interface DisruptionBudgetArgs {
  readonly name: string;
  readonly namespace: pulumi.Input<string>;
  readonly identity: Identity;
  /** Whether a pod that is not ready may always be evicted: yes if it only serves clients, no if it holds data. */
  readonly evictUnready: boolean;
}

/** Lets voluntary disruptions (drains of nodes) evict one pod of a set at a time. */
export function disruptionBudget(
  name: string,
  args: DisruptionBudgetArgs,
  opts: pulumi.CustomResourceOptions,
): k8s.policy.v1.PodDisruptionBudget {
  return new k8s.policy.v1.PodDisruptionBudget(
    name,
    {
      metadata: { name: args.name, namespace: args.namespace, labels: labels(args.identity) },
      spec: {
        maxUnavailable: 1,
        selector: { matchLabels: selectorLabels(args.identity) },
        unhealthyPodEvictionPolicy: args.evictUnready ? "AlwaysAllow" : "IfHealthyBudget",
      },
    },
    opts,
  );
}
