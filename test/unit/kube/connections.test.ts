import assert from "node:assert/strict";
import { connecting, connectionLabels, connections, endpointOf } from "../../../kube/connections";
import { record } from "../../support/recorder";

const POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
const server = { name: "store", component: "server" };
const endpoint = endpointOf("store", server, [80, 443]);

describe("the connections of a workload", () => {
  it("are allowed by its policy, with pods, namespaces and addresses", async () => {
    const web = { name: "web", component: "server" };
    const to = [
      endpoint,
      {
        name: "elsewhere",
        peers: [{ namespaces: { team: "a" } }, { cidrs: ["10.0.0.0/8", "192.168.0.0/16"] }],
        ports: [9000],
      },
    ];
    const { inputs } = (
      await record(() => connections("web", { name: "web", namespace: "n", identity: web, to }, {}))
    ).one(POLICY, "web");
    assert.deepEqual(inputs.spec, {
      podSelector: { matchLabels: { "app.kubernetes.io/name": "web", "app.kubernetes.io/component": "server" } },
      policyTypes: ["Egress"],
      egress: [
        {
          to: [
            {
              podSelector: {
                matchLabels: { "app.kubernetes.io/name": "store", "app.kubernetes.io/component": "server" },
              },
            },
          ],
          ports: [
            { protocol: "TCP", port: 80 },
            { protocol: "TCP", port: 443 },
          ],
        },
        {
          to: [
            { namespaceSelector: { matchLabels: { team: "a" } } },
            { ipBlock: { cidr: "10.0.0.0/8" } },
            { ipBlock: { cidr: "192.168.0.0/16" } },
          ],
          ports: [{ protocol: "TCP", port: 9000 }],
        },
      ],
    });
  });

  it("admit all pods that declare them with a label", async () => {
    const { inputs } = (
      await record(() =>
        connections(
          "store",
          {
            name: "store",
            namespace: "n",
            identity: server,
            from: [{ peers: [connecting(endpoint)], ports: [80] }],
            to: [],
          },
          {},
        ),
      )
    ).one(POLICY, "store");
    assert.deepEqual(inputs.spec, {
      podSelector: { matchLabels: { "app.kubernetes.io/name": "store", "app.kubernetes.io/component": "server" } },
      policyTypes: ["Ingress", "Egress"],
      ingress: [
        {
          from: [{ podSelector: { matchLabels: { "nacos-platform/connects-to-store": "true" } } }],
          ports: [{ protocol: "TCP", port: 80 }],
        },
      ],
      egress: [],
    });
    assert.deepEqual(connectionLabels([endpoint]), { "nacos-platform/connects-to-store": "true" });
  });
});
