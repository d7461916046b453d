import * as assert from "node:assert/strict";
import type { PolicyResource, ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import * as proxy from "@pulumi/policy/proxy";
import { entries } from "../../policy-pack/catalogue";
import { readExemptions } from "../../policy-pack/platform-exemptions";
import type { Exemption } from "../../policy-pack/lib/exemption";
import { type Levels, policyOf } from "../../policy-pack/lib/policy";
import type { Rule } from "../../policy-pack/lib/rule";
import { Run } from "../../policy-pack/lib/run";
import type { Recorded } from "../support/recorder";
import { changed, type Props } from "./props";

export { changed, type Props };

// The SDK exports these without types.
const sdk = proxy as unknown as { unknownCheckingProxy<T>(value: T): T; unknownStringValue: string };

/** Properties as the SDK hands them to a policy. */
export const unknownCheckingProxy = (props: Props): Props => sdk.unknownCheckingProxy(props);

/** A value that is not known at preview, as the SDK hands it to a policy. */
export const unknown = sdk.unknownStringValue;

export const types = {
  ClusterRoleBinding: "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
  ConfigMap: "kubernetes:core/v1:ConfigMap",
  CronJob: "kubernetes:batch/v1:CronJob",
  Deployment: "kubernetes:apps/v1:Deployment",
  HorizontalPodAutoscaler: "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
  Job: "kubernetes:batch/v1:Job",
  LimitRange: "kubernetes:core/v1:LimitRange",
  Namespace: "kubernetes:core/v1:Namespace",
  NetworkPolicy: "kubernetes:networking.k8s.io/v1:NetworkPolicy",
  PersistentVolumeClaim: "kubernetes:core/v1:PersistentVolumeClaim",
  Pod: "kubernetes:core/v1:Pod",
  PodDisruptionBudget: "kubernetes:policy/v1:PodDisruptionBudget",
  ResourceQuota: "kubernetes:core/v1:ResourceQuota",
  Role: "kubernetes:rbac.authorization.k8s.io/v1:Role",
  RoleBinding: "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
  Secret: "kubernetes:core/v1:Secret",
  Service: "kubernetes:core/v1:Service",
  StatefulSet: "kubernetes:apps/v1:StatefulSet",
  StorageClass: "kubernetes:storage.k8s.io/v1:StorageClass",
};

const labels = Object.fromEntries(
  ["name", "instance", "component", "part-of", "managed-by"].map((label) => [`app.kubernetes.io/${label}`, "db"]),
);
const metadata = { name: "db", namespace: "nacos", labels };

const probe = { httpGet: { path: "/", port: 8080 } };
const goodContainer = {
  name: "main",
  image: "registry.example:5000/nacos/nacos-server:v3.1.0",
  ports: [{ name: "http", containerPort: 8080 }],
  env: [{ name: "MODE", value: "cluster" }],
  resources: { requests: { cpu: "500m", memory: "1Gi" }, limits: { cpu: 1, memory: "1Gi" } },
  readinessProbe: probe,
  livenessProbe: { ...probe, failureThreshold: 6 },
  startupProbe: { ...probe, periodSeconds: 5, failureThreshold: 30 },
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  },
  volumeMounts: [{ name: "data", mountPath: "/data" }],
};

const goodPodSpec = {
  securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
  serviceAccountName: "db",
  automountServiceAccountToken: false,
  priorityClassName: "platform",
  enableServiceLinks: false,
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: labels } },
      ],
    },
  },
  initContainers: [{ ...goodContainer, name: "prepare" }],
  containers: [goodContainer],
  volumes: [
    { name: "tmp", emptyDir: { sizeLimit: "1Gi" } },
    { name: "credentials", secret: { secretName: "db", defaultMode: 0o440 } },
  ],
};
const template = { metadata: { labels }, spec: goodPodSpec };

/** A StatefulSet nacos/db that complies with every rule. */
export const goodStatefulSet: Props = {
  metadata,
  spec: {
    replicas: 3,
    template,
    volumeClaimTemplates: [
      {
        metadata: { name: "data" },
        spec: {
          storageClassName: "fast",
          accessModes: ["ReadWriteOnce"],
          resources: { requests: { storage: "1Gi" } },
        },
      },
    ],
    persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
  },
};

/** A Deployment nacos/db with the same pods. */
export const goodWorkload: Props = { metadata, spec: { replicas: 2, template } };
export const goodPod: Props = { metadata, spec: goodPodSpec };
const jobSpec = { backoffLimit: 2, activeDeadlineSeconds: 600, template };
export const goodJob: Props = { metadata, spec: jobSpec };
export const goodCronJob: Props = {
  metadata,
  spec: {
    schedule: "30 2 * * *",
    timeZone: "Etc/UTC",
    concurrencyPolicy: "Forbid",
    startingDeadlineSeconds: 600,
    jobTemplate: { spec: jobSpec },
  },
};

export const podSpec = "spec.template.spec";
export const container = `${podSpec}.containers.0`;

const mandatory: Levels = { dev: "mandatory", test: "mandatory", prod: "mandatory" };

/** A day on which the pack's exemptions apply. */
export const TODAY = "2026-12-01";

/** An exemption that applies. */
export function exemption(object: string, until = "2027-01-31"): Exemption {
  return { object, reason: "it is the subject of a test", owner: "tests", until };
}

/** What a policy reports, without its description; remarks that stop nothing are marked. */
function listen(found: string[], prefix = "") {
  return (message: unknown, urn?: string): void => {
    if (typeof message === "string") found.push(`${urn === undefined ? prefix : `[${urn}] `}${message}`);
    else {
      const remark = message as { message: string; urn?: string; enforcementLevel: string };
      assert.equal(remark.enforcementLevel, "advisory");
      const text = remark.message.split("\n").slice(1).join("\n");
      found.push(`${remark.urn === undefined ? prefix : `[${remark.urn}] `}advisory: ${text}`);
    }
  };
}

/** What Pulumi hands over of a resource in addition to its properties. */
export interface Registration {
  readonly name?: string;
  readonly opts?: object;
  readonly provider?: { readonly name: string; readonly props: Props };
  /** Name of the stack. */
  readonly stack?: string;
  readonly settings?: object;
  readonly levels?: Levels;
}

/** What a rule says of one resource. @param exempt objects */
export function violations(
  rule: Rule,
  type: string,
  props: Props,
  exempt?: string[],
  more: Registration = {},
): string[] {
  const found: string[] = [];
  const { name = "logical-name", stack = "test", opts, provider, settings, levels = mandatory } = more;
  const policy = policyOf(rule, levels, new Run({}, TODAY)) as ResourceValidationPolicy;
  const args = {
    type,
    name,
    opts,
    provider: provider && { ...provider, props: sdk.unknownCheckingProxy(provider.props) },
    urn: `urn:pulumi:${stack}::nacos-platform::${type}::${name}`,
    props: sdk.unknownCheckingProxy(props),
    getConfig: () => ({ ...(exempt ? { exempt: exempt.map((object) => exemption(object)) } : {}), ...settings }),
  };
  for (const validate of [policy.validateResource ?? []].flat()) {
    assert.equal(
      validate(args as unknown as Parameters<typeof validate>[0], listen(found)),
      undefined,
      "a rule has to be done when it returns",
    );
  }
  return found;
}

/** A resource of a stack. It is known to the others by its name. */
export interface Member {
  readonly type: string;
  readonly name: string;
  readonly props: Props;
  readonly urn?: string;
  readonly opts?: object;
  readonly parent?: string;
  /** Names of the resources that it depends on. */
  readonly dependsOn?: readonly string[];
  /** By property: names of the resources from which its value comes. */
  readonly sources?: Readonly<Record<string, readonly string[]>>;
}

/** What a rule says of a stack, each message with the name of the resource that it blames. */
export function stackViolations(
  rule: Rule,
  members: readonly Member[],
  exempt?: string[],
  { settings = {}, stack = "test", run = new Run({}, TODAY) }: { settings?: object; stack?: string; run?: Run } = {},
): string[] {
  const found: string[] = [];
  const policy = policyOf(rule, mandatory, run) as StackValidationPolicy;
  const args = {
    resources: linked(members),
    stackTags: new Map<string, string>(),
    getConfig: <T extends object>() =>
      ({
        environment: stack,
        ...(exempt ? { exempt: exempt.map((object) => exemption(object)) } : {}),
        ...settings,
      }) as T,
    notApplicable: () => assert.fail("not used"),
  };
  assert.equal(policy.validateStack(args, listen(found)), undefined);
  return found;
}

interface Link {
  parent?: Link;
  dependencies: readonly Link[];
  readonly propertyDependencies: Record<string, readonly Link[]>;
}

/** Resources of a stack as Pulumi hands them over. */
export function linked(members: readonly Member[]): PolicyResource[] {
  const resources = new Map<string, Link>(
    members.map(({ type, name, props, opts, urn = name }) => [
      name,
      {
        ...{ type, opts, name: name.split("::").at(-1) ?? name, urn },
        props: sdk.unknownCheckingProxy(props),
        dependencies: [],
        propertyDependencies: {},
      },
    ]),
  );
  const known = (names: readonly string[] = []) => names.flatMap((name) => resources.get(name) ?? []);
  for (const { name, parent, dependsOn, sources = {} } of members) {
    const resource = resources.get(name);
    assert.ok(resource);
    resource.parent = parent === undefined ? undefined : resources.get(parent);
    resource.dependencies = known(dependsOn);
    for (const [property, names] of Object.entries(sources)) resource.propertyDependencies[property] = known(names);
  }
  return [...resources.values()] as unknown as PolicyResource[];
}

/**
 * What the whole pack says of what a program registers in a stack: first what stops it, then remarks.
 *
 * @param run default: with the exemptions of the platform
 * @param config by the name of the rule, as in a file for `--policy-pack-config`
 */
export function findings(
  recorded: readonly Recorded[],
  stack: string,
  run = new Run(readExemptions(), TODAY),
  config: Readonly<Record<string, object>> = {},
): { stops: string[]; remarks: string[] } {
  const found: string[] = [];
  const key = ({ type, name }: { type: string; name: string }) => `${type}::${name}`;
  const resources = linked(
    recorded
      .filter(({ read }) => !read)
      .map((r) => ({
        ...{
          type: r.type,
          name: key(r),
          urn: `urn:pulumi:${stack}::${r.urn}`,
          props: r.inputs,
          parent: r.links.parent,
        },
        ...{ dependsOn: r.links.dependencies, sources: r.links.sources },
        opts: { protect: r.protect, ignoreChanges: r.ignoreChanges, deleteBeforeReplace: r.deleteBeforeReplace },
      })),
  );
  const provider = new Map(recorded.map((r) => [key(r), r.provider]));
  const clusters = new Map(
    recorded.filter(({ type }) => type.startsWith("pulumi:providers:")).map((r) => [r.name, r.inputs]),
  );
  const policies = entries.map(({ rule, levels }) => policyOf(rule, levels, run));
  const shared = ({ name }: { readonly name: string }) => ({
    getConfig: <T extends object>() => (config[name] ?? {}) as T,
    stackTags: new Map<string, string>(),
  });
  for (const policy of policies) {
    for (const resource of "validateResource" in policy ? resources : []) {
      const name = provider.get(key(resource)) ?? "";
      const args = {
        ...shared(policy),
        ...resource,
        provider: { name: name === "" ? "default" : name, props: clusters.get(name) ?? {} },
      };
      for (const validate of "validateResource" in policy ? [policy.validateResource ?? []].flat() : [])
        void validate(args as unknown as Parameters<typeof validate>[0], listen(found, `${policy.name}: `));
    }
  }
  for (const policy of policies) {
    const args = { ...shared(policy), resources, notApplicable: () => assert.fail("not used") };
    if ("validateStack" in policy)
      void policy.validateStack(args, (message: unknown) => {
        const plain = typeof message === "string" ? message : { ...(message as object), urn: undefined };
        listen(found, `${policy.name}: `)(plain);
      });
  }
  return {
    stops: found.filter((text) => !text.includes(": advisory: ")),
    remarks: found.filter((text) => text.includes(": advisory: ")).map((text) => text.replace(" advisory:", "")),
  };
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
export function check(rule: Rule, cases: Case[]): void {
  for (const { title, path, value, says, type = types.StatefulSet, from = goodStatefulSet } of cases) {
    it(title, () => {
      assert.deepEqual(violations(rule, type, changed(from, path, value)), says);
    });
  }
}

/** The tests every policy on pods shares: what passes untouched. */
export function passes(rule: Rule): void {
  const good: [string, string, Props][] = [
    ["a good StatefulSet", types.StatefulSet, goodStatefulSet],
    ["a good Deployment", types.Deployment, goodWorkload],
    ["a good Job", types.Job, goodJob],
    ["a good Pod", types.Pod, goodPod],
    ["a good CronJob", types.CronJob, goodCronJob],
    ["a resource that creates no pods", "kubernetes:core/v1:Endpoints", { metadata, spec: { containers: [{}] } }],
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
    it(`passes ${title}`, () => assert.deepEqual(violations(rule, type, props), []));
  }
}
