import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** What the stack's pods have in common: no token, no variables that tell of each Service, and names looked up as they are written. */
export function podBasics(args: { readonly uid: number; readonly priorityClassName: pulumi.Input<string> }): Omit<k8s.types.input.core.v1.PodSpec, "containers"> {
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    priorityClassName: args.priorityClassName,
    securityContext: podSecurity(args.uid),
    // All names are written out, so they are asked for as they are before the search list is gone through, which would make
    // eight questions of one. An answer that is lost costs two seconds instead of five. Not less, because for musl this is
    // the time for all attempts together.
    dnsConfig: { options: [{ name: "ndots", value: "2" }, { name: "timeout", value: "2" }, { name: "attempts", value: "3" }] },
  };
}

/** Pod-level settings that Pod Security `restricted` asks for, and a group that may write the pod's volumes. */
function podSecurity(id: number): k8s.types.input.core.v1.PodSecurityContext {
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

/** A file that runs in a pod, read from the folder of the component that mounts it. */
export function podFile(folder: string, ...path: string[]): string {
  return readFileSync(join(folder, ...path), "utf8");
}

/** Short checksum for a pod template's annotation, so that changed files roll the pods. Never of a secret. */
export function checksum(...contents: string[]): string {
  const hash = createHash("sha256");
  contents.forEach((content) => hash.update(content).update("\0"));
  return hash.digest("hex").slice(0, 16);
}
