import type { ResourceValidationPolicy } from "@pulumi/policy";
import { at, items, quote, text, UNKNOWN } from "../lib/read";
import { configSchema } from "../lib/rule";
import { eachWorkload } from "../lib/workload";

export const noHostAccess: ResourceValidationPolicy = {
  name: "no-host-access",
  description:
    "Pods have no access to their node's network, processes, memory and files; with it they would see the traffic and secrets of other pods.",
  severity: "critical",
  remediationSteps:
    "Leave hostNetwork, hostPID and hostIPC out; use a Service instead of the node's network and a PersistentVolumeClaim or emptyDir instead of hostPath.",
  tags: ["security"],
  url: "https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline",
  configSchema,
  validateResource: eachWorkload(function* ({ podSpec }) {
    for (const field of ["hostNetwork", "hostPID", "hostIPC"]) {
      if (at(podSpec, field) === true)
        yield `${field} is true. Leave it out: the pod has to stay in its own namespaces.`;
    }
    for (const volume of items(podSpec, "volumes")) {
      const hostPath = at(volume, "hostPath");
      if (hostPath === undefined || hostPath === UNKNOWN || volume === UNKNOWN) continue;
      const path = text(hostPath, "path");
      yield `volume "${text(volume, "name") ?? ""}" is the hostPath ${quote(path)}. Use a PersistentVolumeClaim or an emptyDir.`;
    }
  }),
};
