import { at, items, quote, text, UNKNOWN } from "../../lib/read";
import { type Finding, onKinds } from "../../lib/rule";
import { EVERYWHERE } from "../../lib/network-policy";

export const serviceExposure = onKinds(
  {
    name: "service-exposure",
    severity: "high",
    description: "No Service is open to everybody outside the cluster.",
    remediationSteps: "Use type ClusterIP, or a LoadBalancer with loadBalancerSourceRanges.",
    url: "https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types",
    tags: ["security"],
  },
  ["core/Service"],
  function* ({ props }): Iterable<Finding | string> {
    const spec = at(props, "spec");
    const [type, ranges] = [at(spec, "type"), at(spec, "loadBalancerSourceRanges")];
    if (type === "NodePort")
      yield {
        part: { kind: "field", name: "type" },
        problem:
          'it is "NodePort", which opens a port on every node to everybody. Use "ClusterIP", or "LoadBalancer" with loadBalancerSourceRanges.',
      };
    const open = items(ranges).filter((range) => EVERYWHERE.has(range));
    if (type === "LoadBalancer" && ranges !== UNKNOWN && (items(ranges).length === 0 || open.length > 0))
      yield `loadBalancerSourceRanges ${open.length > 0 ? `has ${open.map(quote).join(", ")}` : "is not set"}, so everybody may connect. List the addresses of clients.`;
    if (items(spec, "externalIPs").length > 0)
      yield "externalIPs is set: whoever may do that can take over the traffic to any address. Leave it out.";
    const external = text(spec, "externalName") ?? "";
    if (type === "ExternalName" && /^(localhost|127\.|\[?::1)/.test(external))
      yield `externalName is ${quote(external)}, the pod's own node or the pod itself. Name another host.`;
  },
);
