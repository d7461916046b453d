import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** What all pods of the stack have in common: no token, no environment variables for Services, and DNS names resolved as they are written. */
export function podBasics(args: {
  readonly uid: number;
  readonly priorityClassName: pulumi.Input<string>;
}): Omit<k8s.types.input.core.v1.PodSpec, "containers"> {
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    priorityClassName: args.priorityClassName,
    securityContext: podSecurity(args.uid),
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

/** Pod-level settings that Pod Security `restricted` requires, and a group that may write the pod's volumes. */
function podSecurity(id: number): k8s.types.input.core.v1.PodSecurityContext {
  return {
    runAsNonRoot: true,
    runAsUser: id,
    runAsGroup: id,
    fsGroup: id,
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
