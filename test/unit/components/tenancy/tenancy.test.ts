import assert from "node:assert/strict";
import { NetworkPolicies, portOf, type NetworkPoliciesArgs } from "../../../../components/network/policies";
import { Tenancy, type TenancyArgs } from "../../../../components/tenancy/tenancy";
import { items, record, settle } from "../../../support/recorder";

const args: TenancyArgs = {
  namespace: "nacos-x",
  owner: "nacos-platform/dev",
  kubeContext: "my-cluster",
  quota: { requestsCpu: "1", requestsMemory: "2Gi", limitsCpu: "4", limitsMemory: "4Gi", pods: 10, persistentVolumeClaims: 4, storageGiB: 20 },
  containerDefault: { requests: { cpu: "50m", memory: "64Mi" }, limits: { cpu: "200m", memory: "256Mi" } },
  containerMax: { cpu: "2", memory: "2Gi" },
  priority: 1000,
  protect: false,
};
const POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy";

describe("Tenancy", () => {
  it("makes a namespace with its limits, its default-deny network and a priority, and nothing else", async () => {
    const { resources } = await record(() => new Tenancy("tenancy", args));
    assert.deepEqual(resources.map((r) => `${r.type} ${r.name}`).sort(), [
      "kubernetes:core/v1:LimitRange tenancy-limits",
      "kubernetes:core/v1:Namespace tenancy-cluster-system",
      "kubernetes:core/v1:Namespace tenancy-namespace",
      "kubernetes:core/v1:ResourceQuota tenancy-quota",
      `${POLICY} tenancy-default-deny`,
      `${POLICY} tenancy-dns`,
      "kubernetes:scheduling.k8s.io/v1:PriorityClass tenancy-priority",
      "nacos-platform:tenancy:Tenancy tenancy",
      "pulumi:index:Stash tenancy-cluster",
    ]);
    assert.deepEqual(resources.filter((r) => r.name !== "tenancy" && !r.read).map((r) => r.parent), Array(7).fill("tenancy"));
  });

  it("puts the namespace under Pod Security restricted in all three modes", async () => {
    const { inputs } = (await record(() => new Tenancy("tenancy", args))).one("kubernetes:core/v1:Namespace", "nacos-x");
    const { metadata } = inputs;
    assert.equal(metadata.name, "nacos-x");
    for (const mode of ["enforce", "audit", "warn"]) {
      assert.equal(metadata.labels[`pod-security.kubernetes.io/${mode}`], "restricted");
      assert.equal(metadata.labels[`pod-security.kubernetes.io/${mode}-version`], "latest");
    }
  });

  it("protects the namespace where asked to", async () => {
    for (const protect of [false, true]) {
      const recording = await record(() => new Tenancy("tenancy", { ...args, protect }));
      assert.equal(recording.one("kubernetes:core/v1:Namespace", "nacos-x").protect, protect);
    }
  });

  it("sets the quota and the limits that were asked for", async () => {
    const recording = await record(() => new Tenancy("tenancy", args));
    assert.deepEqual(recording.one("kubernetes:core/v1:ResourceQuota").inputs.spec.hard, {
      "requests.cpu": "1", "requests.memory": "2Gi", "limits.cpu": "4", "limits.memory": "4Gi",
      pods: "10", persistentvolumeclaims: "4", "requests.storage": "20Gi",
    });
    assert.deepEqual(recording.one("kubernetes:core/v1:LimitRange").inputs.spec.limits, [{
      type: "Container",
      defaultRequest: { cpu: "50m", memory: "64Mi" },
      default: { cpu: "200m", memory: "256Mi" },
      max: { cpu: "2", memory: "2Gi" },
    }]);
  });

  it("denies all traffic but questions to the cluster's DNS", async () => {
    const recording = await record(() => new Tenancy("tenancy", args));
    assert.deepEqual(recording.one(POLICY, "default-deny").inputs.spec, { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
    assert.deepEqual(recording.one(POLICY, "allow-dns").inputs.spec, {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [{
        to: [{
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
          podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
        }],
        ports: [{ protocol: "UDP", port: 53 }, { protocol: "TCP", port: 53 }],
      }],
    });
  });

  it("names the cluster-wide priority after the namespace", async () => {
    const { result } = await record(() => new Tenancy("tenancy", args));
    assert.equal((await settle(result.priorityClassName)).value, "nacos-x-platform-1000");
    assert.equal((await settle(result.namespace)).value, "nacos-x");
  });
});

describe("NetworkPolicies", () => {
  const nacos = { podSelector: { matchLabels: { "app.kubernetes.io/name": "nacos", "app.kubernetes.io/component": "server" } } };
  const schema = { podSelector: { matchLabels: { "app.kubernetes.io/name": "nacos", "app.kubernetes.io/component": "schema" } } };
  const mysql = { podSelector: { matchLabels: { "app.kubernetes.io/name": "mysql", "app.kubernetes.io/component": "server" } } };
  const tcp = (...ports: number[]) => ports.map((port) => ({ protocol: "TCP", port }));
  const controller = { podSelector: { matchLabels: { "app.kubernetes.io/name": "mysql", "app.kubernetes.io/component": "controller" } } };
  const [backup, verify, restore] = ["backup", "verify", "restore"].map((component) => ({ podSelector: { matchLabels: { "app.kubernetes.io/name": "mysql", "app.kubernetes.io/component": component } } }));
  const flows = (consolePort: number, more: Partial<NetworkPoliciesArgs> = {}) => () => new NetworkPolicies("network", {
    namespace: "n", consolePort, apiServerCidrs: ["10.0.0.1/32"], clientNamespaceLabels: { client: "yes" }, monitoringNamespaceLabels: { watches: "all" }, ...more,
  });
  const monitoring = { namespaceSelector: { matchLabels: { watches: "all" } } };

  it("lets Nacos, the schema Job, the controller, backups, restores and each other reach MySQL, monitoring its metrics, and MySQL nobody else", async () => {
    const recording = await record(flows(8848));
    assert.deepEqual(recording.one(POLICY, "mysql").inputs.spec, {
      ...mysql,
      policyTypes: ["Ingress", "Egress"],
      ingress: [
        { from: [nacos, schema, controller, backup, restore, mysql], ports: tcp(3306) },
        { from: [monitoring], ports: tcp(9104) },
      ],
      egress: [{ to: [mysql], ports: tcp(3306) }],
    });
    assert.deepEqual(recording.one(POLICY, "nacos-schema").inputs.spec, {
      ...schema, policyTypes: ["Egress"], egress: [{ to: [mysql], ports: tcp(3306) }],
    });
  });

  it("lets namespaces with the labels reach MySQL where labels are set", async () => {
    const { spec } = (await record(flows(8848, { mysqlClientNamespaceLabels: { shop: "yes", tier: "web" } }))).one(POLICY, "mysql").inputs;
    const shops = { namespaceSelector: { matchLabels: { shop: "yes", tier: "web" } } };
    assert.deepEqual(items(spec.ingress), [
      { from: [nacos, schema, controller, backup, restore, mysql, shops], ports: tcp(3306) },
      { from: [monitoring], ports: tcp(9104) },
    ]);
  });

  it("lets MySQL's controller reach the servers, and the API server where it may be, and monitoring its metrics", async () => {
    const recording = await record(flows(8848, { apiServerCidrs: ["10.0.0.1/32", "10.0.0.2/32"] }));
    assert.deepEqual(recording.one(POLICY, "mysql-controller").inputs.spec, {
      ...controller,
      policyTypes: ["Ingress", "Egress"],
      ingress: [{ from: [monitoring], ports: tcp(8080) }],
      egress: [
        { to: [mysql], ports: tcp(3306) },
        { to: [{ ipBlock: { cidr: "10.0.0.1/32" } }, { ipBlock: { cidr: "10.0.0.2/32" } }], ports: tcp(443, 6443) },
      ],
    });
  });

  it("lets clients' namespaces and the servers themselves reach Nacos", async () => {
    const { spec } = (await record(flows(8848))).one(POLICY, "nacos").inputs;
    assert.deepEqual(spec.ingress, [
      { from: [{ namespaceSelector: { matchLabels: { client: "yes" } } }], ports: tcp(8848, 9848) },
      { from: [nacos], ports: tcp(8848, 9848, 9849, 7848) },
    ]);
    assert.deepEqual(spec.egress, [{ to: [mysql], ports: tcp(3306) }, { to: [nacos], ports: tcp(8848, 9848, 9849, 7848) }]);
  });

  it("opens the console's own port of Nacos 3", async () => {
    const { spec } = (await record(flows(8080))).one(POLICY, "nacos").inputs;
    assert.deepEqual(spec.ingress[0].ports, tcp(8848, 9848, 8080));
  });

  it("lets backups and restores reach MySQL, and a proof nobody", async () => {
    const recording = await record(flows(8848));
    const toMysql = [{ to: [mysql], ports: tcp(3306) }];
    for (const [name, pods, egress] of [["mysql-backup", backup, toMysql], ["mysql-verify", verify, []], ["mysql-restore", restore, toMysql]] as const) {
      assert.deepEqual(recording.one(POLICY, name).inputs.spec, { ...pods, policyTypes: ["Egress"], egress });
    }
  });

  it("lets those, and MySQL itself, reach the store outside where there is one", async () => {
    const objectStore = { cidrs: ["10.9.0.0/16"], namespaceLabels: { stores: "objects" }, port: 9000 };
    const recording = await record(flows(8848, { objectStore }));
    const toStore = { to: [{ ipBlock: { cidr: "10.9.0.0/16" } }, { namespaceSelector: { matchLabels: { stores: "objects" } } }], ports: tcp(9000) };
    for (const name of ["mysql", "mysql-backup", "mysql-verify", "mysql-restore"]) {
      assert.deepEqual(items(recording.one(POLICY, name).inputs.spec.egress).at(-1), toStore, name);
    }
    for (const name of ["mysql-controller", "nacos-schema", "nacos"]) {
      assert.ok(!JSON.stringify(recording.one(POLICY, name).inputs).includes("10.9.0.0"), name);
    }
  });

  it("finds the store's port in its address", () => {
    assert.deepEqual(["https://s3.example.com", "http://s3.example.com", "http://s3.test:9000"].map(portOf), [443, 80, 9000]);
  });

  it("makes a policy for each workload", async () => {
    const recording = await record(flows(8848));
    const names = ["mysql", "mysql-controller", "mysql-backup", "mysql-verify", "mysql-restore", "nacos-schema", "nacos"];
    assert.deepEqual((await settle(recording.result.policyNames)).value, names);
    assert.equal(recording.all(POLICY).length, names.length);
  });
});
