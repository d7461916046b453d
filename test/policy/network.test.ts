import * as assert from "node:assert/strict";
import { networkPolicyShape } from "../../policy-pack/rules/network/network-policy-shape";
import { serviceExposure } from "../../policy-pack/rules/network/service-exposure";
import { changed, check, type Props, types, unknown, violations } from "./support";

const metadata = { name: "db", namespace: "nacos" };

describe("service-exposure", () => {
  const from = { metadata, spec: { type: "LoadBalancer", loadBalancerSourceRanges: ["192.0.2.0/24"] } };
  const service = { type: types.Service, from };
  const open = (what: string) => [
    `Service nacos/db: loadBalancerSourceRanges ${what}, so everybody may connect. List the addresses of clients.`,
  ];
  const ranges = "spec.loadBalancerSourceRanges";
  check(serviceExposure, [
    { ...service, title: "passes a Service of the cluster", path: "spec", value: {}, says: [] },
    { ...service, title: "passes a load balancer for some", path: "spec.ports", value: [], says: [] },
    { ...service, title: "stops one for everybody", path: ranges, value: undefined, says: open("is not set") },
    { ...service, title: "stops ::/0", path: ranges, value: ["192.0.2.0/24", "::/0"], says: open('has "::/0"') },
    { ...service, title: "leaves unknown ranges to the update", path: ranges, value: unknown, says: [] },
    {
      ...service,
      title: "stops a port on every node",
      path: "spec",
      value: { type: "NodePort", ports: [{ port: 8848, nodePort: 30848 }] },
      says: [
        'Service nacos/db, field "type": it is "NodePort", which opens a port on every node to everybody. Use "ClusterIP", or "LoadBalancer" with loadBalancerSourceRanges.',
      ],
    },
    {
      ...service,
      title: "stops external addresses",
      path: "spec.externalIPs",
      value: ["192.0.2.1"],
      says: [
        "Service nacos/db: externalIPs is set: whoever may do that can take over the traffic to any address. Leave it out.",
      ],
    },
    {
      ...service,
      title: "stops a name of the node itself",
      path: "spec",
      value: { type: "ExternalName", externalName: "127.0.0.1" },
      says: [
        'Service nacos/db: externalName is "127.0.0.1", the pod\'s own node or the pod itself. Name another host.',
      ],
    },
  ]);
});

describe("network-policy-shape", () => {
  const ports = [{ protocol: "TCP", port: 3306 }];
  const says = (spec: Props, path = "none", value?: unknown) =>
    violations(networkPolicyShape, types.NetworkPolicy, changed({ metadata, spec }, path, value)).map((text) =>
      text.replace("NetworkPolicy nacos/db", ""),
    );
  const ingress = (rule: Props) => says({ podSelector: {}, policyTypes: ["Ingress"], ingress: [rule] });
  const egress = (rule: Props) => says({ podSelector: {}, policyTypes: ["Egress"], egress: [rule] });
  const pods = { podSelector: { matchLabels: { app: "nacos" } } };
  const team = { namespaceSelector: { matchLabels: { team: "shop" } } };

  it("passes a denial of everything, and an empty list, which denies too", () => {
    assert.deepEqual(says({ podSelector: {}, policyTypes: ["Ingress", "Egress"], ingress: [] }), []);
  });
  it("wants the directions", () => {
    assert.deepEqual(says({ podSelector: {} }), [": policyTypes is not set. Name the directions that it isolates."]);
  });
  it("passes peers in one and in several namespaces", () => {
    assert.deepEqual(ingress({ from: [pods, { ...pods, ...team }], ports }), []);
  });
  it("stops a rule that lets everybody in", () => {
    const all = [', ingress rule "0": from is not set, which means everybody. Name the peers.'];
    assert.deepEqual(ingress({}), all);
    assert.deepEqual(ingress({ from: [], ports }), all);
    assert.deepEqual(ingress({ from: unknown, ports }), []);
  });
  it("stops every address, and only remarks on it for the few ports of an egress rule", () => {
    const everybody = 'rule "0": to has 0.0.0.0/0, which means everybody. Narrow it.';
    const to = [{ ipBlock: { cidr: "0.0.0.0/0" } }];
    assert.deepEqual(egress({ to }), [`, egress ${everybody}`]);
    assert.deepEqual(egress({ to, ports }), [`advisory: , egress ${everybody}`]);
    assert.deepEqual(ingress({ from: to, ports }), [`, ingress ${everybody.replace("to has", "from has")}`]);
  });
  it("stops every namespace, unless its pods are selected", () => {
    assert.deepEqual(ingress({ from: [{ namespaceSelector: {} }], ports }), [
      ', ingress rule "0": from has an empty namespaceSelector, which means every pod of the cluster. Narrow it.',
    ]);
    assert.deepEqual(ingress({ from: [{ namespaceSelector: {}, ...pods }], ports }), []);
  });
  it("remarks on two peers that look like one", () => {
    assert.deepEqual(ingress({ from: [team, pods], ports }), [
      'advisory: , ingress rule "0": from has a namespaceSelector and a podSelector as two peers, which means either. Put both in one peer if the pods have to be in these namespaces.',
    ]);
  });
  it("stops an empty range of ports, and remarks on a port without a protocol", () => {
    assert.deepEqual(ingress({ from: [pods], ports: [{ protocol: "TCP", port: 20, endPort: 10 }, { port: 80 }] }), [
      ', ingress rule "0": endPort 10 is below port 20. Swap them.',
      'advisory: , ingress rule "0": a port has no protocol, which means TCP. Name it.',
    ]);
  });
});
