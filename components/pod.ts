import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type * as k8s from "@pulumi/kubernetes";

/** Pod-level settings that Pod Security `restricted` asks for, and a group that may write the pod's volumes. */
export function podSecurity(id: number): k8s.types.input.core.v1.PodSecurityContext {
  return {
    runAsNonRoot: true,
    runAsUser: id,
    runAsGroup: id,
    fsGroup: id,
    // Large volumes would otherwise be walked through at every start.
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

/** A file that runs in a pod, read from beside the component that mounts it. */
export function podFile(...path: string[]): string {
  return readFileSync(join(__dirname, ...path), "utf8");
}

/** Short checksum for a pod template's annotation, so that changed files roll the pods. Never of a secret. */
export function checksum(...contents: string[]): string {
  const hash = createHash("sha256");
  contents.forEach((content) => hash.update(content).update("\0"));
  return hash.digest("hex").slice(0, 16);
}
