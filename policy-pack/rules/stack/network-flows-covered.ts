import { DIRECTIONS, type Direction, isolates, rulesOf } from "../../lib/network-policy";
import { type Pod, type Port, portsOf } from "../../lib/pods";
import { at, items, quote, UNKNOWN } from "../../lib/read";
import { title } from "../../lib/resource";
import { onStack, type StackFinding } from "../../lib/rule";
import { type Answer, equal, every, matches, same, some } from "../../lib/selector";
import type { Linked, Stack } from "../../lib/stack";

const [INGRESS, EGRESS] = DIRECTIONS;

export const networkFlowsCovered = onStack(
  {
    name: "network-flows-covered",
    severity: "high",
    description:
      "Network policies isolate every pod in both directions, and agree with each other: what one end may send, the other may receive, on ports that exist.",
    remediationSteps: "Add the missing rule at the other end, or remove the one that leads nowhere.",
    url: "https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation",
    tags: ["security", "nsa"],
  },
  function* (stack): Iterable<StackFinding> {
    const policies = stack.all("networking.k8s.io/NetworkPolicy");
    for (const resource of policies) yield* danglingPeers(stack, resource);
    // The pods of a workload differ in labels that network policies do not use.
    const one = new Map(stack.pods.map((pod) => [pod.workload.urn, pod]));
    for (const pod of one.values()) {
      if (!stack.owns(pod.workload.namespace) || at(pod.workload.podSpec, "hostNetwork") === true) continue;
      for (const direction of DIRECTIONS) {
        if (some(policies.map((policy) => isolatesPod(policy, pod, direction))) === false)
          yield {
            resource: pod.workload,
            problem: `no NetworkPolicy isolates its pods for ${direction.rules}. Select them in one with policyTypes "${direction.type}".`,
          };
      }
      yield* closedPorts(policies, pod);
      for (const other of one.values()) yield* oneSided(policies, pod, other);
    }
  },
);

function selectsPod({ namespace, props }: Linked, { workload, label }: Pod): Answer {
  return every([same(namespace, workload.namespace), matches(at(props, "spec", "podSelector"), label)]);
}

function isolatesPod(policy: Linked, pod: Pod, direction: Direction): Answer {
  return every([selectsPod(policy, pod), isolates(policy, direction)]);
}

/** The rules for a pod in a direction: UNKNOWN among them if some are not known yet. */
function rulesFor(policies: readonly Linked[], pod: Pod, direction: Direction): unknown[] {
  return policies.flatMap((policy) => {
    const selected = isolatesPod(policy, pod, direction);
    if (selected === false) return [];
    const rules = rulesOf(policy, direction);
    return selected === UNKNOWN || rules === UNKNOWN ? [UNKNOWN] : rules;
  });
}

/** Whether a rule is for a port. Without ports it is for all. */
function isForPort(rule: unknown, { name, number, protocol }: Port): Answer {
  const ports = at(rule, "ports");
  if (rule === UNKNOWN || ports === UNKNOWN) return UNKNOWN;
  if (items(ports).length === 0) return true;
  return some(
    items(ports).map((port) => {
      const [first, last] = [at(port, "port"), at(port, "endPort")];
      const isIn =
        first === UNKNOWN || last === UNKNOWN
          ? UNKNOWN
          : first === undefined ||
            (typeof first === "string" ? first === name : number >= Number(first) && number <= Number(last ?? first));
      return every([isIn, equal(at(port, "protocol") ?? "TCP", protocol)]);
    }),
  );
}

/** Whether a peer is this pod, for a rule of a policy in `namespace`. Addresses are those of no pod. */
function isPeer(
  peer: unknown,
  namespace: string,
  { workload, label }: Pod,
  isOther: (selector: unknown) => Answer,
): Answer {
  if (peer === UNKNOWN || at(peer, "podSelector") === UNKNOWN) return UNKNOWN;
  if (at(peer, "ipBlock") !== undefined) return false;
  const namespaces = at(peer, "namespaceSelector");
  const inNamespace = namespaces === undefined ? same(namespace, workload.namespace) : isOther(namespaces);
  return every([inNamespace, at(peer, "podSelector") === undefined ? true : matches(at(peer, "podSelector"), label)]);
}

function* danglingPeers(stack: Stack, resource: Linked): Iterable<StackFinding> {
  for (const direction of DIRECTIONS) {
    const rules = rulesOf(resource, direction);
    for (const [index, rule] of (rules === UNKNOWN ? [] : rules).entries()) {
      for (const peer of items(rule, direction.peers)) {
        if (at(peer, "namespaceSelector") !== undefined || at(peer, "podSelector") === undefined) continue;
        const found = stack.pods.map((pod) => isPeer(peer, resource.namespace, pod, () => UNKNOWN));
        if (some(found) === false && stack.owns(resource.namespace)) {
          const part = { kind: `${direction.rules} rule`, name: String(index) };
          yield {
            resource,
            part,
            problem: `${direction.peers} has a podSelector that matches no pod of the stack. Correct or remove it.`,
          };
        }
      }
    }
  }
  if (stack.owns(resource.namespace) && some(stack.pods.map((pod) => selectsPod(resource, pod))) === false)
    yield { resource, problem: "its podSelector matches no pod of the stack. Correct or remove it." };
}

/** Ports that a container declares, and nobody may connect to. */
function* closedPorts(policies: readonly Linked[], pod: Pod): Iterable<StackFinding> {
  if (some(policies.map((policy) => isolatesPod(policy, pod, INGRESS))) !== true) return;
  const rules = rulesFor(policies, pod, INGRESS);
  for (const port of portsOf(pod.workload).ports) {
    if (some(rules.map((rule) => isForPort(rule, port))) !== false) continue;
    const problem = `no NetworkPolicy lets anybody connect to port ${port.name === undefined ? port.number : `${quote(port.name)} (${port.number})`} of container "${port.container}". Add an ingress rule.`;
    // The port of a probe needs no rule: the kubelet is always let in.
    yield { resource: pod.workload, problem, advisory: true };
  }
}

/** What one pod may send to another, and the other may not receive, or the reverse. */
function* oneSided(policies: readonly Linked[], client: Pod, server: Pod): Iterable<StackFinding> {
  const namespaceOf = client.workload.namespace;
  if (namespaceOf !== server.workload.namespace) return;
  // A selector of namespaces may be for this one as well. Then both sides are left to whoever wrote it.
  const allows = (rules: readonly unknown[], direction: Direction, pod: Pod, port: Port, mayBeHere: Answer) =>
    some(
      rules.map((rule) => {
        const peers = at(rule, direction.peers);
        if (rule === UNKNOWN || peers === UNKNOWN) return UNKNOWN;
        const isFor =
          items(peers).length === 0
            ? true
            : some(items(peers).map((peer) => isPeer(peer, namespaceOf, pod, () => mayBeHere)));
        return every([isFor, isForPort(rule, port)]);
      }),
    );
  const [out, into] = [rulesFor(policies, client, EGRESS), rulesFor(policies, server, INGRESS)];
  const isIsolated = (pod: Pod, direction: Direction) =>
    some(policies.map((policy) => isolatesPod(policy, pod, direction))) === true;
  for (const port of portsOf(server.workload).ports) {
    const [sends, receives] = [
      allows(out, EGRESS, server, port, UNKNOWN),
      allows(into, INGRESS, client, port, UNKNOWN),
    ];
    const to = `port ${port.number} of ${title(server.workload)}`;
    if (sends === true && receives === false && isIsolated(server, INGRESS))
      yield {
        resource: client.workload,
        problem: `it may send to ${to}, which may not receive from it. Add an ingress rule there, or remove the egress rule.`,
      };
    if (receives === true && sends === false && isIsolated(client, EGRESS))
      yield {
        resource: client.workload,
        problem: `${to} may receive from it, but it may not send there. Add an egress rule, or remove the ingress rule.`,
      };
  }
}
