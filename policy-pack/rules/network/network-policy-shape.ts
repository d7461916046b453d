import { DIRECTIONS, type Direction, EVERYWHERE } from "../../lib/network-policy";
import { at, entries, items, UNKNOWN } from "../../lib/read";
import { type Finding, onKinds } from "../../lib/rule";

const isEmpty = (map: unknown) => map !== undefined && map !== UNKNOWN && entries(map).length === 0;
const isAbsent = (list: unknown) => list === undefined || (Array.isArray(list) && list.length === 0);

export const networkPolicyShape = onKinds(
  {
    name: "network-policy-shape",
    severity: "high",
    description:
      "A NetworkPolicy names its directions, peers and ports; what is left out is allowed, or silently not isolated.",
    remediationSteps:
      "Set policyTypes, and in each rule peers that are as narrow as they can be, and ports with their protocol.",
    url: "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
    tags: ["cis:5.3.2", "nsa"],
  },
  ["networking.k8s.io/NetworkPolicy"],
  function* ({ props }): Iterable<Finding | string> {
    const spec = at(props, "spec");
    if (spec === undefined || spec === UNKNOWN) return;
    if (isAbsent(at(spec, "policyTypes"))) yield "policyTypes is not set. Name the directions that it isolates.";
    for (const direction of DIRECTIONS) {
      for (const [index, rule] of items(spec, direction.rules).entries()) {
        if (rule === UNKNOWN) continue;
        const part = { kind: `${direction.rules} rule`, name: String(index) };
        for (const found of ofRule(rule, direction)) yield { part, ...found };
      }
    }
  },
);

function* ofRule(rule: unknown, direction: Direction): Iterable<Finding> {
  const [peers, ports] = [at(rule, direction.peers), at(rule, "ports")];
  if (isAbsent(peers)) yield { problem: `${direction.peers} is not set, which means everybody. Name the peers.` };
  for (const peer of items(peers)) {
    const cidr = at(peer, "ipBlock", "cidr");
    const toPorts = direction.type === "Egress" && items(ports).length > 0 && items(ports).length <= 3;
    if (EVERYWHERE.has(cidr))
      yield {
        problem: `${direction.peers} has ${cidr as string}, which means everybody. Narrow it.`,
        advisory: toPorts,
      };
    if (isEmpty(at(peer, "namespaceSelector")) && at(peer, "podSelector") === undefined)
      yield {
        problem: `${direction.peers} has an empty namespaceSelector, which means every pod of the cluster. Narrow it.`,
      };
  }
  const only = (field: string) =>
    items(peers).some((peer) => peer !== UNKNOWN && entries(peer).length === 1 && at(peer, field) !== undefined);
  if (only("namespaceSelector") && only("podSelector")) {
    const problem = `${direction.peers} has a namespaceSelector and a podSelector as two peers, which means either. Put both in one peer if the pods have to be in these namespaces.`;
    yield { problem, advisory: true };
  }
  for (const port of items(ports)) {
    const [first, last] = [at(port, "port"), at(port, "endPort")];
    if (typeof first === "number" && typeof last === "number" && last < first)
      yield { problem: `endPort ${last} is below port ${first}. Swap them.` };
    if (port !== UNKNOWN && at(port, "protocol") === undefined)
      yield { problem: "a port has no protocol, which means TCP. Name it.", advisory: true };
  }
}
