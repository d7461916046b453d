import { at, entries, items, nameIn, quote, UNKNOWN } from "../../lib/read";
import { type Finding, onPods } from "../../lib/rule";
import { containersOf } from "../../lib/workload";

export const noHostAccess = onPods(
  {
    name: "no-host-access",
    severity: "critical",
    description:
      "Pods have no access to their node's network, processes, memory and files; with it they would see the traffic and secrets of other pods.",
    remediationSteps:
      "Leave hostNetwork, hostPID, hostIPC, hostPort and the hosts of probes out; use a Service instead of the node's network and a PersistentVolumeClaim or emptyDir instead of hostPath.",
    url: "https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline",
    tags: ["pss:baseline", "cis:5.2.3", "cis:5.2.4", "cis:5.2.5", "cis:5.2.11", "cis:5.2.12", "nsa"],
  },
  function* (workload): Iterable<Finding | string> {
    const { podSpec } = workload;
    for (const field of ["hostNetwork", "hostPID", "hostIPC"]) {
      if (at(podSpec, field) === true)
        yield `${field} is true. Leave it out: the pod has to stay in its own namespaces.`;
    }
    for (const volume of items(podSpec, "volumes")) {
      const hostPath = at(volume, "hostPath");
      if (hostPath === undefined || hostPath === UNKNOWN || volume === UNKNOWN) continue;
      const part = { kind: "volume", name: nameIn(volume, "name") };
      yield {
        part,
        problem: `it is the hostPath ${quote(at(hostPath, "path"))}. Use a PersistentVolumeClaim or an emptyDir.`,
      };
    }
    for (const container of containersOf(workload)) {
      for (const problem of ofContainer(container.spec, (at(podSpec, "hostNetwork") ?? false) !== false))
        yield { part: container, problem };
    }
  },
);

const HANDLERS = [
  ["livenessProbe"],
  ["readinessProbe"],
  ["startupProbe"],
  ["lifecycle", "postStart"],
  ["lifecycle", "preStop"],
];

function* ofContainer(spec: unknown, onHostNetwork: boolean): Iterable<string> {
  for (const port of items(spec, "ports")) {
    const hostPort = at(port, "hostPort");
    // On the node's network, Kubernetes itself sets it, and hostNetwork is reported.
    if (typeof hostPort === "number" && hostPort !== 0 && !onHostNetwork)
      yield `hostPort ${hostPort} is a port of the node. Leave it out, and use a Service.`;
  }
  for (const path of HANDLERS) {
    for (const [handler, settings] of entries(spec, ...path)) {
      const host = at(settings, "host");
      if ((handler === "httpGet" || handler === "tcpSocket") && typeof host === "string" && host !== "")
        yield `${[...path, handler].join(".")}.host is ${quote(host)}, to which the node would connect. Leave it out.`;
    }
  }
}
