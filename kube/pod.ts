import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Placement } from "../config/placement-fields";
import { labels, type Identity } from "../contract/identities";
import { connectionLabels, type Endpoint } from "./connections";
import { placed, type Needs } from "./placement";

/** What a stack sets for pods, whatever runs in them. */
export interface PodSettings {
  readonly priorityClassName: pulumi.Input<string>;
  readonly placement: Placement;
  /** Secrets of the namespace with which the images are pulled. */
  readonly pullSecrets: readonly string[];
  /** In addition to those of the workload, which have precedence. */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Whether the pods name their users and groups, or the cluster assigns them. */
  readonly userIds: "fixed" | "assigned";
}

export interface PodTemplateArgs {
  readonly identity: Identity;
  /** User that the containers run as. */
  readonly uid: number;
  readonly pods: PodSettings;
  readonly needs?: Needs;
  /** What the pods connect to. */
  readonly to: readonly Endpoint[];
  readonly annotations: Readonly<Record<string, pulumi.Input<string>>>;
  readonly spec: k8s.types.input.core.v1.PodSpec;
}

/** The pod template of a workload. Every workload has its template from here, so that what a stack sets for pods reaches them all. */
export function podTemplate(args: PodTemplateArgs): k8s.types.input.core.v1.PodTemplateSpec {
  const { identity, uid, pods, needs = {}, to, annotations, spec } = args;
  return {
    metadata: {
      labels: { ...pods.labels, ...labels(identity), ...connectionLabels(to) },
      annotations: { ...pods.annotations, ...annotations },
    },
    spec: { ...podBasics(pods, uid), ...placed(identity, pods.placement, needs), ...spec },
  };
}

/** What all pods of the stack have in common: no token, no environment variables for Services, and DNS names resolved as they are written. */
function podBasics(pods: PodSettings, uid: number): Omit<k8s.types.input.core.v1.PodSpec, "containers"> {
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    priorityClassName: pods.priorityClassName,
    ...(pods.pullSecrets.length === 0 ? {} : { imagePullSecrets: pods.pullSecrets.map((name) => ({ name })) }),
    securityContext: podSecurity(pods.userIds === "fixed" ? uid : undefined),
    // All names are complete, so they are resolved as they are before the search list, which would turn one query into eight.
    // A lost answer costs 2 s instead of 5 s. The timeout is not shorter, because for musl it is the time for all attempts
    // together.
    dnsConfig: {
      options: [
        { name: "ndots", value: "2" },
        { name: "timeout", value: "2" },
        { name: "attempts", value: "3" },
      ],
    },
  };
}

/** Pod-level settings that Pod Security `restricted` requires, and a group that may write the pod's volumes. @param id absent if the cluster assigns user and group */
function podSecurity(id: number | undefined): k8s.types.input.core.v1.PodSecurityContext {
  return {
    runAsNonRoot: true,
    ...(id === undefined ? {} : { runAsUser: id, runAsGroup: id, fsGroup: id }),
    // Otherwise the kubelet would change the owner of every file of a large volume at every start.
    fsGroupChangePolicy: "OnRootMismatch",
    seccompProfile: { type: "RuntimeDefault" },
  };
}

/** Container-level settings of every container that the stack runs. */
export const containerSecurity: k8s.types.input.core.v1.SecurityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  capabilities: { drop: ["ALL"] },
};

/** The text of a file that runs in a pod, from the folder of the component that mounts it. */
export function podFile(folder: string, ...path: string[]): string {
  return readFileSync(join(folder, ...path), "utf8");
}

/** Short checksum for an annotation of a pod template, so that changed files restart the pods. Never use it for a secret. */
export function checksum(...contents: string[]): string {
  const hash = createHash("sha256");
  contents.forEach((content) => hash.update(content).update("\0"));
  return hash.digest("hex").slice(0, 16);
}
