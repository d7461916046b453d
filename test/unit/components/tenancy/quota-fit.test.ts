import assert from "node:assert/strict";
import type { WorkloadFootprint } from "../../../../kube/footprint";
import { requireFit, type FitArgs } from "../../../../components/tenancy/quota-fit";
import { ConfigError } from "../../../../config";

const server: WorkloadFootprint = {
  workload: "StatefulSet/nacos",
  pods: 3,
  surgePods: 0,
  containers: {
    nacos: {
      requests: { cpu: "500m", memory: "1Gi", "ephemeral-storage": "1Gi" },
      limits: { cpu: "1", memory: "2Gi", "ephemeral-storage": "4Gi" },
    },
  },
  initContainers: {},
  claimsGiB: [10],
  storageClass: "fast",
};
const job: WorkloadFootprint = {
  ...server,
  workload: "Job/x",
  pods: 1,
  claimsGiB: [],
  containers: {
    apply: {
      requests: { cpu: "50m", memory: "64Mi", "ephemeral-storage": "64Mi" },
      limits: { cpu: "500m", memory: "256Mi", "ephemeral-storage": "1Gi" },
    },
  },
};
/** Exactly what the two need together. */
const exact: FitArgs = {
  project: "nacos-platform",
  quota: {
    requestsCpu: "1550m",
    requestsMemory: "3136Mi",
    requestsEphemeralStorage: "3136Mi",
    limitsCpu: "3500m",
    limitsMemory: "6400Mi",
    limitsEphemeralStorage: "13Gi",
    pods: 4,
    persistentVolumeClaims: 3,
    storageGiB: 30,
    storageClasses: { fast: { storageGiB: 30 }, slow: { storageGiB: 1 } },
  },
  containerMin: { cpu: "50m", memory: "64Mi", ephemeralStorage: "64Mi" },
  containerMax: { cpu: "1", memory: "2Gi", ephemeralStorage: "4Gi" },
  maxLimitRequestRatio: { cpu: 10, memory: 4 },
  workloads: [server, job],
};

function message(args: FitArgs): string[] {
  try {
    requireFit(args);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message.split("\n");
  }
  return [];
}

describe("the fit into the stack's quota", () => {
  it("succeeds if the quota is exactly what is needed", () => assert.deepEqual(message(exact), []));

  it("shows the sum for each workload, and the fix", () => {
    assert.deepEqual(message({ ...exact, quota: { ...exact.quota, limitsMemory: "6399Mi" } }), [
      "What this stack deploys does not fit its limits. [CONFIG_LIMITS_EXCEEDED: docs/runbooks/pulumi-up.md]",
      "  limits.memory: 6400Mi needed, the quota is 6399Mi",
      "    StatefulSet/nacos  3 pods × 2Gi = 6Gi",
      "    Job/x              1 pod × 256Mi = 256Mi",
      "    fix: pulumi config set --path nacos-platform:tenancy.quota.limitsMemory 6400Mi, or lower the values above",
    ]);
  });

  for (const [key, oneLess, headline] of [
    ["requestsCpu", "1549m", "requests.cpu: 1550m needed, the quota is 1549m"],
    ["requestsMemory", "3135Mi", "requests.memory: 3136Mi needed, the quota is 3135Mi"],
    ["requestsEphemeralStorage", "3135Mi", "requests.ephemeral-storage: 3136Mi needed, the quota is 3135Mi"],
    ["limitsEphemeralStorage", "12Gi", "limits.ephemeral-storage: 13Gi needed, the quota is 12Gi"],
    ["limitsCpu", "3499m", "limits.cpu: 3500m needed, the quota is 3499m"],
    ["pods", 3, "pods: 4 needed, the quota is 3"],
    ["persistentVolumeClaims", 2, "persistentvolumeclaims: 3 needed, the quota is 2"],
    ["storageGiB", 29, "requests.storage: 30Gi needed, the quota is 29Gi"],
  ] as const) {
    it(`fails with one step less of ${key}`, () => {
      const found = message({ ...exact, quota: { ...exact.quota, [key]: oneLess } });
      assert.equal(found[1].trim(), headline);
      assert.equal(found.filter((line) => line.includes("needed")).length, 1);
    });
  }

  it("proposes a quota that is enough", () => {
    const [, , , , fix] = message({ ...exact, quota: { ...exact.quota, requestsCpu: "1" } });
    const proposed = /requestsCpu (\S+),/.exec(fix)?.[1];
    assert.equal(proposed, "1600m");
    assert.deepEqual(message({ ...exact, quota: { ...exact.quota, requestsCpu: proposed } }), []);
  });

  it("counts the pods that a rolling update adds", () => {
    const surging = { ...exact, workloads: [{ ...server, surgePods: 1 }, job] };
    const headlines = message(surging)
      .filter((line) => line.includes("needed"))
      .map((line) => line.trim().split(":")[0]);
    assert.deepEqual(headlines, [
      ...["cpu", "memory", "ephemeral-storage"].map((resource) => `requests.${resource}`),
      ...["cpu", "memory", "ephemeral-storage"].map((resource) => `limits.${resource}`),
      "pods",
    ]);
  });

  it("names every container above the LimitRange's maximum, including init containers, and each fix once", () => {
    const args: FitArgs = {
      ...exact,
      containerMax: { cpu: "400m", memory: "2Gi", ephemeralStorage: "3Gi" },
      workloads: [{ ...server, initContainers: { conf: job.containers.apply } }, job],
    };
    assert.deepEqual(message(args), [
      "What this stack deploys does not fit its limits. [CONFIG_LIMITS_EXCEEDED: docs/runbooks/pulumi-up.md]",
      "  StatefulSet/nacos, container conf: limits.cpu is 500m, the LimitRange allows 400m",
      "  Job/x, container apply: limits.cpu is 500m, the LimitRange allows 400m",
      "    fix: pulumi config set --path nacos-platform:tenancy.containerMax.cpu 500m, or lower the container's limit",
      "  StatefulSet/nacos, container nacos: limits.cpu is 1, the LimitRange allows 400m",
      "    fix: pulumi config set --path nacos-platform:tenancy.containerMax.cpu 1, or lower the container's limit",
      "  StatefulSet/nacos, container nacos: limits.ephemeral-storage is 4Gi, the LimitRange allows 3Gi",
      "    fix: pulumi config set --path nacos-platform:tenancy.containerMax.ephemeralStorage 4Gi, or lower the container's limit",
    ]);
  });

  it("names every container below the LimitRange's minimum, and those with limits far above their requests", () => {
    const args: FitArgs = {
      ...exact,
      containerMin: { cpu: "60m", memory: "64Mi", ephemeralStorage: "64Mi" },
      maxLimitRequestRatio: { cpu: 10, memory: 3 },
    };
    assert.deepEqual(message(args).slice(1), [
      "  Job/x, container apply: requests.cpu is 50m, the LimitRange needs 60m",
      "    fix: pulumi config set --path nacos-platform:tenancy.containerMin.cpu 50m, or raise the container's request",
      "  Job/x, container apply: limits.memory 256Mi is more than 3 times requests.memory 64Mi, which the LimitRange allows",
      "    fix: pulumi config set --path nacos-platform:tenancy.maxLimitRequestRatio.memory 4, or raise the container's request",
    ]);
  });

  it("counts the claims of a StorageClass against its quota", () => {
    const storageClasses = { fast: { storageGiB: 29 }, slow: { storageGiB: 0 } };
    assert.deepEqual(message({ ...exact, quota: { ...exact.quota, storageClasses } }).slice(1), [
      "  requests.storage of class fast: 30Gi needed, the quota is 29Gi",
      "    StatefulSet/nacos  3 pods × 10Gi = 30Gi",
      "    fix: pulumi config set --path nacos-platform:tenancy.quota.storageClasses.fast.storageGiB 30, or lower the values above",
    ]);
  });
});
