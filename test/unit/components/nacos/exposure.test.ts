import assert from "node:assert/strict";
import { consolePaths } from "../../../../components/nacos/console-paths";
import { admitted, expose, NOT_EXPOSED, type Exposed } from "../../../../components/nacos/exposure";
import type { Exposure } from "../../../../components/nacos/exposure-config";
import { knownNacos } from "../../../../components/nacos/versions";
import { IDENTITIES } from "../../../../contract/identities";
import { SERVICES } from "../../../support/pods";
import { items, record, settle, type Recording } from "../../../support/recorder";
import { run, runExposed } from "../../../support/program";

const SERVICE = "kubernetes:core/v1:Service";
const INGRESS = "kubernetes:networking.k8s.io/v1:Ingress";
const [two, three] = ["nacos:v2.5.3", "nacos:v3.1.2"].map(knownNacos);
const nodePort: Exposure["clients"] = { mode: "nodePort", sourceRanges: ["192.0.2.0/24"], httpPort: 30_900 };
const loadBalancer: Exposure["clients"] = {
  mode: "loadBalancer",
  sourceRanges: ["192.0.2.0/24", "198.51.100.7/32"],
  annotations: { "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal" },
  loadBalancerClass: "service.k8s.aws/nlb",
};
const ingress = {
  mode: "ingress",
  host: "nacos.example.com",
  className: "traefik",
  tlsSecret: "nacos-console-tls",
  annotations: { "cert-manager.io/cluster-issuer": "letsencrypt" },
  controllerNamespace: "traefik",
} as const satisfies Exposure["console"];

describe("a Nacos that is reached from outside", () => {
  const exposed = (exposure: Partial<Exposure>, facts = three): Promise<Recording<Exposed>> =>
    record(() =>
      expose(
        "nacos",
        {
          base: "registry",
          namespace: "n",
          identity: IDENTITIES.nacos,
          settings: SERVICES,
          exposure: { ...NOT_EXPOSED, ...exposure },
          facts,
          consoleService: "registry-console",
        },
        {},
      ),
    );

  it("is not, by default", async () => {
    const { resources, result } = await exposed({});
    assert.deepEqual([resources, result], [[], {}]);
    assert.deepEqual(admitted(NOT_EXPOSED, three), []);
  });

  it("has its ports on the nodes, 1000 apart", async () => {
    const recording = await exposed({ clients: nodePort });
    const { spec, metadata } = recording.one(SERVICE, "registry-external").inputs;
    assert.deepEqual(
      items(spec.ports).map(({ name, port, targetPort, nodePort }) => [name, port, targetPort, nodePort]),
      [
        ["http", 8848, "http", 30_900],
        ["client-grpc", 9848, "client-grpc", 31_900],
      ],
    );
    assert.deepEqual([spec.type, spec.externalTrafficPolicy], ["NodePort", "Local"]);
    assert.deepEqual(metadata.annotations, { "pulumi.com/skipAwait": "true" });
    assert.equal(spec.publishNotReadyAddresses, undefined);
    assert.ok(recording.result.exposedClients);
    assert.deepEqual((await settle(recording.result.exposedClients)).value, {
      service: "registry-external",
      ports: [30_900, 31_900],
    });
  });

  it("has both ports on one load balancer, for the addresses of its clients only", async () => {
    const recording = await exposed({ clients: loadBalancer });
    const { spec, metadata } = recording.one(SERVICE, "registry-external").inputs;
    assert.deepEqual(
      items(spec.ports).map(({ port, nodePort }) => [port, nodePort]),
      [
        [8848, undefined],
        [9848, undefined],
      ],
    );
    assert.deepEqual(
      [spec.type, spec.externalTrafficPolicy, spec.loadBalancerClass, spec.loadBalancerSourceRanges],
      ["LoadBalancer", "Local", "service.k8s.aws/nlb", ["192.0.2.0/24", "198.51.100.7/32"]],
    );
    assert.equal(metadata.annotations["service.beta.kubernetes.io/aws-load-balancer-scheme"], "internal");
    assert.ok(recording.result.exposedClients);
    assert.deepEqual((await settle(recording.result.exposedClients)).value.ports, [8848, 9848]);
  });

  it("has its console behind an Ingress with TLS", async () => {
    const recording = await exposed({ console: ingress });
    const { spec, metadata } = recording.one(INGRESS, "registry-console").inputs;
    assert.deepEqual(
      [spec.ingressClassName, spec.tls],
      ["traefik", [{ hosts: ["nacos.example.com"], secretName: "nacos-console-tls" }]],
    );
    assert.equal(metadata.annotations["cert-manager.io/cluster-issuer"], "letsencrypt");
    const [{ host, http }] = items(spec.rules);
    assert.equal(host, "nacos.example.com");
    for (const { backend } of items(http.paths))
      assert.deepEqual(backend, { service: { name: "registry-console", port: { name: "console" } } });
    assert.deepEqual(recording.result, { consoleUrl: "https://nacos.example.com/" });
    assert.deepEqual((await exposed({ console: ingress }, two)).result, {
      consoleUrl: "https://nacos.example.com/nacos/",
    });
  });

  it("admits the clients' addresses to HTTP and gRPC, and the controller to the console", () => {
    assert.deepEqual(admitted({ clients: loadBalancer, console: ingress }, three), [
      { peers: [{ cidrs: ["192.0.2.0/24", "198.51.100.7/32"] }], ports: [8848, 9848] },
      { peers: [{ namespaces: { "kubernetes.io/metadata.name": "traefik" } }], ports: [8080] },
    ]);
    const elsewhere = { ...ingress, controllerNamespace: undefined, controllerCidrs: ["10.1.0.0/24"] };
    assert.deepEqual(admitted({ ...NOT_EXPOSED, console: elsewhere }, two), [
      { peers: [{ cidrs: ["10.1.0.0/24"] }], ports: [8848] },
    ]);
  });

  it("is an output of the program, and restarts no server", async () => {
    const recording = await runExposed();
    const { value, secret } = await settle(recording.result.nacos);
    assert.deepEqual(
      [value.exposedClients, value.consoleUrl, secret],
      [{ service: "nacos-external", ports: [8848, 9848] }, "https://nacos.example.com/", false],
    );
    const set = "kubernetes:apps/v1:StatefulSet";
    assert.deepEqual(recording.one(set, "nacos").inputs, (await run("prod")).one(set, "nacos").inputs);
  });
});

describe("the paths of the console", () => {
  /** Whether an Ingress sends a request there, by the rules of Kubernetes. */
  const isRouted = (facts: typeof two, request: string): boolean =>
    consolePaths(facts).some(({ path, pathType }) =>
      pathType === "Exact" ? request === path : request === path || request.startsWith(`${path}/`),
    );

  it("are those that its page loads and calls", () => {
    for (const request of [
      "/",
      "/js/main.js",
      "/console-ui/public/css/bootstrap.css",
      "/next/js/main.js",
      "/v3/console/server/state",
      "/v3/console/cs/config/list",
      "/v3/auth/user/login",
      "/v3/auth/user",
      "/v3/auth/role/list",
    ])
      assert.ok(isRouted(three, request), request);
    for (const request of [
      "/nacos/",
      "/nacos/js/main.js",
      "/nacos/v1/auth/users/login",
      "/nacos/v1/cs/configs",
      "/nacos/v1/cs/configs/listener",
      "/nacos/v1/ns/catalog/services",
      "/nacos/v1/core/cluster/nodes",
      "/nacos/v1/console/namespaces",
    ])
      assert.ok(isRouted(two, request), request);
  });

  it("are not those that need no login, or only servers need", () => {
    for (const request of [
      "/actuator/prometheus",
      "/v3/auth/user/admin",
      "/v3/api-docs",
      "/nacos/v3/admin/core/state",
      "/v1/console/server/state",
    ])
      assert.ok(!isRouted(three, request), request);
    for (const request of [
      "/nacos/actuator/prometheus",
      "/nacos/prometheus",
      "/nacos/v1/auth/users/admin",
      "/nacos/v1/core/cluster/switch/lookup",
      "/nacos/v1/core/cluster/report",
      "/nacos/v1/core/ops/log",
      "/nacos/v1/core/ops/raft",
      "/nacos/v1/cs/capacity",
      "/nacos/v1/cs/ops/log",
      "/nacos/v1/cs/ops/localCache",
      "/nacos/v1/ns/operator/log",
      "/nacos/v1/ns/operator/switches",
      "/nacos/v2/core/cluster/node/list",
    ])
      assert.ok(!isRouted(two, request), request);
  });

  it("are accepted by every controller: some refuse other characters", () => {
    for (const facts of [two, three])
      for (const { path } of consolePaths(facts)) assert.match(path, /^\/[A-Za-z0-9/-]*$/);
  });
});
