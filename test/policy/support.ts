import * as assert from "node:assert/strict";
import type {
  PolicyResource,
  ResourceValidationArgs,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";
import * as proxy from "@pulumi/policy/proxy";

// The SDK exports these without types.
const sdk = proxy as unknown as { unknownCheckingProxy<T>(value: T): T; unknownStringValue: string };

/** A value that is not known at preview, as the SDK hands it to a policy. */
export const unknown = sdk.unknownStringValue;

export const types = {
  ConfigMap: "kubernetes:core/v1:ConfigMap",
  CronJob: "kubernetes:batch/v1:CronJob",
  Deployment: "kubernetes:apps/v1:Deployment",
  Job: "kubernetes:batch/v1:Job",
  Pod: "kubernetes:core/v1:Pod",
  StatefulSet: "kubernetes:apps/v1:StatefulSet",
  StorageClass: "kubernetes:storage.k8s.io/v1:StorageClass",
};

export type Props = Record<string, unknown>;

const probe = { httpGet: { path: "/", port: 8080 } };
const goodContainer = {
  name: "main",
  image: "registry.example:5000/nacos/nacos-server:v3.1.0",
  env: [{ name: "MODE", value: "cluster" }],
  resources: { requests: { cpu: "500m", memory: "1Gi" }, limits: { cpu: 1, memory: "1Gi" } },
  readinessProbe: probe,
  livenessProbe: probe,
  startupProbe: probe,
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  },
  volumeMounts: [{ name: "data", mountPath: "/data" }],
};

const goodPodSpec = {
  securityContext: { runAsNonRoot: true },
  initContainers: [{ ...goodContainer, name: "prepare" }],
  containers: [goodContainer],
  volumes: [{ name: "tmp", emptyDir: {} }],
};

/** A StatefulSet nacos/db that keeps to every rule. */
export const goodStatefulSet: Props = {
  metadata: { name: "db", namespace: "nacos" },
  spec: {
    template: { spec: goodPodSpec },
    volumeClaimTemplates: [{ metadata: { name: "data" }, spec: { storageClassName: "fast" } }],
    persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
  },
};

/** A Deployment, Job, … nacos/db with the same pods. */
export const goodWorkload: Props = {
  metadata: { name: "db", namespace: "nacos" },
  spec: { template: { spec: goodPodSpec } },
};
export const goodPod: Props = { metadata: { name: "db", namespace: "nacos" }, spec: goodPodSpec };
export const goodCronJob: Props = {
  metadata: { name: "db", namespace: "nacos" },
  spec: { jobTemplate: { spec: { template: { spec: goodPodSpec } } } },
};

export const podSpec = "spec.template.spec";
export const container = `${podSpec}.containers.0`;

/** A copy of `props` with the value under the dotted `path` set, or taken out when `value` is undefined. */
export function changed(props: Props, path: string, value: unknown): Props {
  // The fixtures share parts, which structuredClone would go on sharing.
  const copy = JSON.parse(JSON.stringify(props)) as Props;
  const steps = path.split(".");
  const last = steps.pop() as string;
  let parent = copy;
  for (const step of steps) {
    parent[step] ??= {};
    parent = parent[step] as Props;
  }
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return copy;
}

/** What a resource policy says of one resource. */
export function violations(policy: ResourceValidationPolicy, type: string, props: Props, exempt?: string[]): string[] {
  const found: string[] = [];
  const args = {
    type,
    name: "logical-name",
    urn: `urn:pulumi:test::nacos-platform::${type}::logical-name`,
    props: sdk.unknownCheckingProxy(props),
    getConfig: () => (exempt ? { exempt } : {}),
  } as unknown as ResourceValidationArgs;
  for (const validate of [policy.validateResource ?? []].flat()) {
    assert.equal(
      validate(args, (message) => found.push(message)),
      undefined,
      "a rule has to be done when it returns",
    );
  }
  return found;
}

/** What a stack policy says of a stack, each message with the logical name of the resource it blames. */
export function stackViolations(
  policy: StackValidationPolicy,
  resources: { type: string; name: string; props: Props }[],
  exempt?: string[],
): string[] {
  const found: string[] = [];
  const args = {
    resources: resources.map((resource) => ({
      ...resource,
      urn: resource.name,
      props: sdk.unknownCheckingProxy(resource.props),
    })) as unknown as PolicyResource[],
    stackTags: new Map<string, string>(),
    getConfig: <T extends object>() => (exempt ? { exempt } : {}) as T,
    notApplicable: () => assert.fail("not used"),
  };
  assert.equal(
    policy.validateStack(args, (message, urn) => found.push(`[${urn}] ${message}`)),
    undefined,
  );
  return found;
}

export interface Case {
  title: string;
  /** Dotted path of the one field that is changed, and its value; undefined takes the field out. */
  path: string;
  value: unknown;
  says: string[];
  type?: string;
  from?: Props;
}

/** One test for each case: the good fixture with one field changed, and exactly what the policy says of it. */
export function check(policy: ResourceValidationPolicy, cases: Case[]): void {
  for (const { title, path, value, says, type = types.StatefulSet, from = goodStatefulSet } of cases) {
    it(title, () => {
      assert.deepEqual(violations(policy, type, changed(from, path, value)), says);
    });
  }
}

/** The tests every policy on pods shares: what passes untouched. */
export function passes(policy: ResourceValidationPolicy): void {
  const good: [string, string, Props][] = [
    ["a good StatefulSet", types.StatefulSet, goodStatefulSet],
    ["a good Deployment", types.Deployment, goodWorkload],
    ["a good Job", types.Job, goodWorkload],
    ["a good Pod", types.Pod, goodPod],
    ["a good CronJob", types.CronJob, goodCronJob],
    ["a resource that makes no pods", "kubernetes:core/v1:Service", { spec: { containers: [{}] } }],
    [
      "a kind of the same name in another API group",
      "kubernetes:example.com/v1:Deployment",
      changed(goodWorkload, container, {}),
    ],
    [
      "a workload whose pod template is not known yet",
      types.Deployment,
      changed(goodWorkload, "spec.template", unknown),
    ],
    [
      "a workload whose containers are not known yet",
      types.Deployment,
      changed(goodWorkload, `${podSpec}.containers`, unknown),
    ],
    ["a container that is not known yet", types.Deployment, changed(goodWorkload, container, unknown)],
    ["an empty workload", types.Deployment, {}],
  ];
  for (const [title, type, props] of good) {
    it(`passes ${title}`, () => assert.deepEqual(violations(policy, type, props), []));
  }
}
