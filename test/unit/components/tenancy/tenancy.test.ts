import assert from "node:assert/strict";
import { Tenancy, type TenancyArgs } from "../../../../components/tenancy/tenancy";
import { KUBE_DNS } from "../../../../contract/dns";
import { record, settle } from "../../../support/recorder";

const args: TenancyArgs = {
  namespace: "nacos-x",
  owner: "nacos-platform/dev",
  kubeContext: "my-cluster",
  quota: {
    requestsCpu: "1",
    requestsMemory: "2Gi",
    requestsEphemeralStorage: "8Gi",
    limitsCpu: "4",
    limitsMemory: "4Gi",
    limitsEphemeralStorage: "16Gi",
    pods: 10,
    persistentVolumeClaims: 4,
    storageGiB: 20,
    services: 20,
    loadBalancers: 2,
    nodePorts: 10,
    storageClasses: { fast: { storageGiB: 15 } },
  },
  containerDefault: {
    requests: { cpu: "50m", memory: "64Mi", ephemeralStorage: "32Mi" },
    limits: { cpu: "200m", memory: "256Mi", ephemeralStorage: "1Gi" },
  },
  containerMin: { cpu: "10m", memory: "16Mi", ephemeralStorage: "8Mi" },
  containerMax: { cpu: "2", memory: "2Gi", ephemeralStorage: "4Gi" },
  maxLimitRequestRatio: { cpu: 25, memory: 4 },
  dns: KUBE_DNS,
  priority: 1000,
  batchPriority: 100,
  protect: false,
};
const CLASS = "kubernetes:scheduling.k8s.io/v1:PriorityClass";
const POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy";

describe("Tenancy", () => {
  it("creates only a namespace with limits and default-deny policies, and two PriorityClasses", async () => {
    const { resources } = await record(() => new Tenancy("tenancy", args));
    assert.deepEqual(resources.map((r) => `${r.type} ${r.name}`).sort(), [
      "kubernetes:core/v1:LimitRange tenancy-limits",
      "kubernetes:core/v1:Namespace tenancy-cluster-system",
      "kubernetes:core/v1:Namespace tenancy-namespace",
      "kubernetes:core/v1:ResourceQuota tenancy-quota",
      `${POLICY} tenancy-default-deny`,
      `${POLICY} tenancy-dns`,
      `${CLASS} tenancy-batch-priority`,
      `${CLASS} tenancy-priority`,
      "nacos-platform:tenancy:Tenancy tenancy",
      "pulumi:index:Stash tenancy-cluster",
    ]);
    assert.deepEqual(
      resources.filter((r) => r.name !== "tenancy" && !r.read).map((r) => r.parent),
      Array(8).fill("tenancy"),
    );
  });

  it("puts the namespace under Pod Security restricted in all three modes", async () => {
    const { inputs } = (await record(() => new Tenancy("tenancy", args))).one(
      "kubernetes:core/v1:Namespace",
      "nacos-x",
    );
    const { metadata } = inputs;
    assert.equal(metadata.name, "nacos-x");
    for (const mode of ["enforce", "audit", "warn"]) {
      assert.equal(metadata.labels[`pod-security.kubernetes.io/${mode}`], "restricted");
      assert.equal(metadata.labels[`pod-security.kubernetes.io/${mode}-version`], "latest");
    }
  });

  it("protects the namespace if configured", async () => {
    for (const protect of [false, true]) {
      const recording = await record(() => new Tenancy("tenancy", { ...args, protect }));
      assert.equal(recording.one("kubernetes:core/v1:Namespace", "nacos-x").protect, protect);
    }
  });

  it("sets the configured quota and limits", async () => {
    const recording = await record(() => new Tenancy("tenancy", args));
    assert.deepEqual(recording.one("kubernetes:core/v1:ResourceQuota").inputs.spec.hard, {
      "requests.cpu": "1",
      "requests.memory": "2Gi",
      "requests.ephemeral-storage": "8Gi",
      "limits.cpu": "4",
      "limits.memory": "4Gi",
      "limits.ephemeral-storage": "16Gi",
      pods: "10",
      persistentvolumeclaims: "4",
      "requests.storage": "20Gi",
      services: "20",
      "services.loadbalancers": "2",
      "services.nodeports": "10",
      "fast.storageclass.storage.k8s.io/requests.storage": "15Gi",
    });
    assert.deepEqual(recording.one("kubernetes:core/v1:LimitRange").inputs.spec.limits, [
      {
        type: "Container",
        defaultRequest: { cpu: "50m", memory: "64Mi", "ephemeral-storage": "32Mi" },
        default: { cpu: "200m", memory: "256Mi", "ephemeral-storage": "1Gi" },
        max: { cpu: "2", memory: "2Gi", "ephemeral-storage": "4Gi" },
        min: { cpu: "10m", memory: "16Mi", "ephemeral-storage": "8Mi" },
        maxLimitRequestRatio: { cpu: "25", memory: "4" },
      },
    ]);
  });

  it("sets the limits first, because they have the defaults that the quota requires", async () => {
    const quota = (await record(() => new Tenancy("tenancy", args))).one("kubernetes:core/v1:ResourceQuota");
    assert.ok(quota.dependsOn.includes("tenancy-limits"));
  });

  it("denies all traffic except queries to the cluster's DNS", async () => {
    const recording = await record(() => new Tenancy("tenancy", args));
    assert.deepEqual(recording.one(POLICY, "default-deny").inputs.spec, {
      podSelector: {},
      policyTypes: ["Ingress", "Egress"],
    });
    assert.deepEqual(recording.one(POLICY, "allow-dns").inputs.spec, {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [
        {
          to: [
            {
              namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
              podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
            },
            { ipBlock: { cidr: "169.254.20.10/32" } },
          ],
          ports: [
            { protocol: "UDP", port: 53 },
            { protocol: "TCP", port: 53 },
          ],
        },
      ],
    });
  });

  it("allows queries to another DNS if configured", async () => {
    const dns = {
      namespaceLabels: { "kubernetes.io/metadata.name": "openshift-dns" },
      podLabels: { "dns.operator.openshift.io/daemonset-dns": "default" },
      cidrs: ["fd00::a/128"],
      ports: [5353],
    };
    const { inputs } = (await record(() => new Tenancy("tenancy", { ...args, dns }))).one(POLICY, "allow-dns");
    assert.deepEqual(inputs.spec.egress, [
      {
        to: [
          {
            namespaceSelector: { matchLabels: dns.namespaceLabels },
            podSelector: { matchLabels: dns.podLabels },
          },
          { ipBlock: { cidr: "fd00::a/128" } },
        ],
        ports: [
          { protocol: "UDP", port: 5353 },
          { protocol: "TCP", port: 5353 },
        ],
      },
    ]);
  });

  it("names the cluster-wide PriorityClasses after the namespace; the one of batch never preempts", async () => {
    const recording = await record(() => new Tenancy("tenancy", args));
    const { result } = recording;
    assert.equal((await settle(result.priorityClassName)).value, "nacos-x-platform-1000");
    assert.equal((await settle(result.batchPriorityClassName)).value, "nacos-x-batch-100");
    assert.equal((await settle(result.namespace)).value, "nacos-x");
    const classes = recording
      .all(CLASS)
      .map(({ name, inputs }) => [name, inputs.value, inputs.preemptionPolicy, inputs.globalDefault]);
    assert.deepEqual(classes, [
      ["tenancy-priority", 1000, undefined, false],
      ["tenancy-batch-priority", 100, "Never", false],
    ]);
  });

  it("takes PriorityClasses that exist, and creates none then", async () => {
    const existing = { priorityClass: "high", batchPriorityClass: "low" };
    const recording = await record(() => new Tenancy("tenancy", { ...args, ...existing }));
    const { result } = recording;
    assert.deepEqual(recording.all(CLASS), []);
    assert.equal((await settle(result.priorityClassName)).value, "high");
    assert.equal((await settle(result.batchPriorityClassName)).value, "low");
  });
});
