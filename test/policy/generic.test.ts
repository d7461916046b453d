import * as assert from "node:assert/strict";
import { entries } from "../../policy-pack/catalogue";
import { resourceOf, title } from "../../policy-pack/lib/resource";
import type { Finding } from "../../policy-pack/lib/rule";
import { Run } from "../../policy-pack/lib/run";
import { Stack } from "../../policy-pack/lib/stack";
import { goodStack, stackWith } from "./stack-support";
import {
  changed,
  goodCronJob,
  goodJob,
  goodStatefulSet,
  type Member,
  type Props,
  linked,
  TODAY,
  types,
  unknown,
  unknownCheckingProxy,
  violations,
} from "./support";

const rules = entries.map(({ rule }) => rule);
const ofResources = rules.filter(({ resource }) => resource !== undefined);
const ofStacks = rules.filter(({ stack }) => stack !== undefined);
/** A value that is not known yet counts as a secret there: the update would stop half-way at it. */
const COUNTS_UNKNOWN = "no-plain-secrets";

const metadata = {
  name: "db",
  namespace: "default",
  annotations: { "pulumi.com/skipAwait": "true", "pulumi.com/patchForce": "true" },
};
const container = {
  name: "main",
  image: "mysql:latest",
  ports: [{ containerPort: 80, hostPort: 80 }],
  env: [
    { name: "DB_PASSWORD", value: "canary-1" },
    { name: "KEY", valueFrom: { secretKeyRef: { name: "db", key: "key" } } },
    { name: "URL", value: "mysql://root:canary-2@db/nacos" },
  ],
  command: ["mysql", "-pcanary-3"],
  resources: { requests: { cpu: "1m" }, limits: { cpu: "1" } },
  livenessProbe: { httpGet: { host: "example.com", port: 80 } },
  readinessProbe: { tcpSocket: { port: "none" } },
  securityContext: {
    privileged: true,
    runAsUser: 0,
    capabilities: { add: ["SYS_ADMIN"], drop: ["KILL"] },
    seccompProfile: { type: "Unconfined" },
    procMount: "Unmasked",
    seLinuxOptions: { type: "spc_t", user: "root" },
  },
  lifecycle: { preStop: { exec: { command: ["sh", "-c", "sleep 20; sleep 20"] } } },
  volumeMounts: [{ name: "credentials", mountPath: "/a", subPath: "a" }],
};
const podSpec = {
  hostNetwork: true,
  hostPID: true,
  serviceAccountName: "default",
  terminationGracePeriodSeconds: 10,
  securityContext: {
    runAsUser: 0,
    fsGroup: 0,
    supplementalGroups: [0],
    sysctls: [{ name: "kernel.msgmax", value: "1" }],
  },
  containers: [container],
  initContainers: [{ ...container, name: "side", restartPolicy: "Always" }],
  volumes: [
    { name: "host", hostPath: { path: "/" } },
    { name: "share", nfs: { server: "a", path: "/" } },
    { name: "scratch", emptyDir: {} },
    { name: "credentials", secret: { secretName: "db", items: [{ key: "a", path: "a", mode: 0o777 }] } },
  ],
  topologySpreadConstraints: [{ topologyKey: "zone", labelSelector: { matchLabels: { app: "other" } } }],
};
const template = { metadata: { labels: { app: "db" } }, spec: podSpec };
/** For what differs from a StatefulSet by other things than its pods. */
const small = { metadata: { labels: { app: "db" } }, spec: { containers: [{ name: "main", image: "mysql:8.4.6" }] } };

/** What breaks as many rules as it can. */
const bad: [type: string, props: Props][] = [
  [types.Pod, { metadata, spec: small.spec }],
  [
    types.Deployment,
    {
      metadata,
      spec: {
        replicas: 1,
        paused: true,
        revisionHistoryLimit: 0,
        strategy: { rollingUpdate: { maxUnavailable: "50%" } },
        template: small,
      },
    },
  ],
  [types.HorizontalPodAutoscaler, { metadata, spec: { minReplicas: 1, maxReplicas: 1, metrics: [] } }],
  [
    types.Role,
    {
      metadata,
      rules: [
        { apiGroups: [""], resources: ["secrets", "pods/exec"], verbs: ["list", "create"] },
        { apiGroups: ["rbac.authorization.k8s.io"], resources: ["roles"], verbs: ["escalate"], resourceNames: ["db"] },
      ],
    },
  ],
  [
    types.StatefulSet,
    {
      metadata,
      spec: {
        replicas: 2,
        template,
        volumeClaimTemplates: [{ metadata: { name: "data" }, spec: {} }],
        persistentVolumeClaimRetentionPolicy: { whenScaled: "Delete" },
      },
    },
  ],
  [types.Job, { metadata: { name: "db" }, spec: { activeDeadlineSeconds: 7200 } }],
  [types.Job, { metadata, spec: { backoffLimit: 20, ttlSecondsAfterFinished: 1, template: small } }],
  [
    types.CronJob,
    {
      metadata,
      spec: { schedule: "61 * * * *", failedJobsHistoryLimit: 0, jobTemplate: { spec: { template: small } } },
    },
  ],
  [
    types.PodDisruptionBudget,
    { metadata, spec: { maxUnavailable: 0, minAvailable: "100%", selector: { matchLabels: {} } } },
  ],
  [
    types.Service,
    {
      metadata,
      spec: {
        type: "LoadBalancer",
        loadBalancerSourceRanges: ["0.0.0.0/0"],
        externalIPs: ["192.0.2.1"],
        externalName: "localhost",
      },
    },
  ],
  [
    types.NetworkPolicy,
    {
      metadata,
      spec: {
        podSelector: {},
        ingress: [{}, { from: [{ namespaceSelector: {} }, { podSelector: {} }] }],
        egress: [{ to: [{ ipBlock: { cidr: "::/0" } }], ports: [{ port: 9, endPort: 1 }] }],
      },
    },
  ],
  [types.Role, { metadata, rules: [{ apiGroups: ["*"], resources: ["pods/*"], verbs: ["*"] }] }],
  [
    types.ClusterRoleBinding,
    {
      metadata,
      roleRef: { kind: "ClusterRole", name: "cluster-admin" },
      subjects: [{ kind: "Group", name: "system:masters" }],
    },
  ],
  [types.ConfigMap, { metadata, data: { "my.cnf": "password = canary-4", token: "canary-5" } }],
  [
    types.Secret,
    {
      metadata,
      type: "kubernetes.io/service-account-token",
      stringData: { token: "canary-6" },
      data: { token: "Y2FuYXJ5" },
    },
  ],
  [types.StorageClass, { metadata, volumeBindingMode: "Immediate" }],
  [types.PersistentVolumeClaim, { metadata, spec: { resources: {} } }],
  ["kubernetes:policy/v1beta1:PodDisruptionBudget", { metadata }],
  ["kubernetes:example.com/v1:Rollout", { metadata, spec: { template: small } }],
];
const provider = { name: "default", props: { kubeconfig: "canary-7" } };
const opts = { ignoreChanges: ["spec"] };
const context = { environment: "prod", settings: {}, exemptions: new Run({}, TODAY) } as const;

/** What each rule says of a resource, by its name: without the names of the object and its parts, which may be what is unknown. */
function says(type: string, props: Props): Map<string, string[]> {
  const resource = resourceOf({ ...{ type, opts, provider }, name: "db", urn: "", props: unknownCheckingProxy(props) });
  const text = (found: Finding | string) => (typeof found === "string" ? found : found.problem);
  return new Map(
    ofResources.map(({ name, resource: check }) => [name, [...(check?.(resource, context) ?? [])].map(text)]),
  );
}

/** Every path to a value, with or without what is below it. */
function paths(value: unknown, at: string[] = []): string[][] {
  const below =
    typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([key, child]) => paths(child, [...at, key]))
      : [];
  return at.length === 0 ? below : [at, ...below];
}

/** A copy with another value at a path, whose steps may have dots. */
function replaced(props: unknown, [step, ...rest]: string[], value: unknown): unknown {
  const copy = (Array.isArray(props) ? [...(props as unknown[])] : { ...(props as Props) }) as Props;
  if (rest.length > 0) copy[step] = replaced(copy[step], rest, value);
  else if (value === undefined && !Array.isArray(copy)) delete copy[step];
  else copy[step] = value;
  return copy;
}

describe("every rule on resources", () => {
  it("finds something in what is bad, and nothing in what is good", () => {
    const found = bad.map(([type, props]) => says(type, props));
    const quiet = ofResources.filter(({ name }) => found.every((by) => by.get(name)?.length === 0));
    // Without configuration it is off.
    assert.deepEqual(
      quiet.map(({ name }) => name),
      ["restrict-image-registries"],
    );
    for (const rule of ofResources)
      for (const [type, props] of [
        [types.StatefulSet, goodStatefulSet],
        [types.Job, goodJob],
        [types.CronJob, goodCronJob],
      ] as const)
        assert.deepEqual(violations(rule, type, props), [], rule.name);
  });

  it("finds less, never more, if a value is not known yet", () => {
    for (const [type, props] of bad) {
      const known = says(type, props);
      for (const path of paths(props)) {
        for (const [rule, found] of says(type, replaced(props, path, unknown) as Props)) {
          const before = known.get(rule)?.map(plain);
          const more = found.filter((text) => before?.includes(plain(text)) !== true);
          if (rule !== COUNTS_UNKNOWN) assert.deepEqual(more, [], `${rule} with an unknown ${path.join(".")}`);
        }
      }
    }
  });

  it("takes null for what is left out", () => {
    for (const [type, props] of bad) {
      for (const path of paths(props).filter((steps) => !/^\d+$|^app$/.test(steps.at(-1) ?? "")))
        assert.deepEqual(
          says(type, replaced(props, path, null) as Props),
          says(type, replaced(props, path, undefined) as Props),
          path.join("."),
        );
    }
  });

  it("takes the API's default for what is left out", () => {
    const defaults: [string, Props, string, unknown][] = [
      [types.StatefulSet, changed(goodStatefulSet, "spec.template.spec.affinity", undefined), "spec.replicas", 1],
      [types.StatefulSet, goodStatefulSet, "spec.template.spec.restartPolicy", "Always"],
      [types.StatefulSet, goodStatefulSet, "spec.template.spec.hostNetwork", false],
      [types.CronJob, changed(goodCronJob, "spec.concurrencyPolicy", undefined), "spec.concurrencyPolicy", "Allow"],
      [types.CronJob, goodCronJob, "spec.suspend", false],
      [types.Service, { metadata, spec: {} }, "spec.type", "ClusterIP"],
      [
        types.StatefulSet,
        changed(goodStatefulSet, "spec.template.spec.volumes.1.secret.defaultMode", undefined),
        "spec.template.spec.volumes.1.secret.defaultMode",
        0o644,
      ],
      [
        types.StorageClass,
        { metadata: { name: "fast" }, reclaimPolicy: "Retain", allowVolumeExpansion: true },
        "volumeBindingMode",
        "Immediate",
      ],
    ];
    const text = (found: Map<string, string[]>) => JSON.stringify([...found]);
    for (const [type, props, path, value] of defaults)
      assert.equal(
        text(says(type, changed(props, path, value))),
        text(says(type, changed(props, path, undefined))),
        path,
      );
  });

  it("never repeats a secret", () => {
    const found = ofResources.flatMap((rule) =>
      bad.flatMap(([type, props]) => violations(rule, type, props, [], { provider, opts })),
    );
    assert.ok(found.length > 60);
    assert.deepEqual(
      found.filter((text) => /canary|Y2FuYXJ5/.test(text)),
      [],
    );
  });
});

/** Without values that may be what is unknown. */
const plain = (text: string) => text.replace('"/"', "(unknown)").replace(/env "\S+"/, "env");

describe("every rule on stacks", () => {
  const broken: Member[] = [
    ...stackWith({
      "namespace metadata.labels": {},
      deny: undefined,
      "quota spec.hard": { pods: "2", "requests.cpu": "1" },
      "config data": { other: "" },
      "service spec.ports": [{ port: 80, targetPort: "web" }],
      "budget-web spec.selector": { matchLabels: { app: "db" } },
      "policy-web spec.egress": [],
      "web spec.template.spec.automountServiceAccountToken": true,
    }),
    {
      type: types.StatefulSet,
      name: "set",
      props: {
        metadata: { name: "set", namespace: "nacos", annotations: { "nacos-platform/quorum": "true" } },
        spec: {
          replicas: 1,
          serviceName: "typo",
          template: { metadata: { labels: { app: "set" } }, spec: { containers: [{ name: "a", image: "mysql:8" }] } },
          volumeClaimTemplates: [{ metadata: { name: "data" }, spec: { storageClassName: "fast" } }],
        },
      },
    },
    {
      type: types.HorizontalPodAutoscaler,
      name: "autoscaler",
      props: {
        metadata: { name: "web", namespace: "nacos" },
        spec: { scaleTargetRef: { kind: "Deployment", name: "typo" } },
      },
    },
    { type: types.StorageClass, name: "class", props: { metadata: { name: "fast" }, reclaimPolicy: "Delete" } },
    {
      type: types.ConfigMap,
      name: "twin",
      props: { metadata: { name: "db", namespace: "nacos" } },
      sources: { data: ["password"] },
    },
    { type: "random:index/randomPassword:RandomPassword", name: "password", props: {} },
  ];
  const all = (members: readonly Member[]) => {
    const stack = new Stack(linked(members), new Map());
    return ofStacks.flatMap(({ name, stack: check }) =>
      [...(check?.(stack, context) ?? [])].map(
        ({ resource, problem }) => `${name} ${resource === undefined ? "" : `${title(resource)}: `}${problem}`,
      ),
    );
  };
  /** Without the names of objects, and sums, which may be what is unknown. */
  const summary = (text: string) =>
    text.replace(/up to .* Raise/, "more. Raise").replace(/(nacos|\(unknown\))(\/[^\s,:]+)?/g, "X");

  it("finds something in what is bad, and nothing in what is good", () => {
    const found = all(broken);
    const quiet = ofStacks.filter(({ name }) => !found.some((text) => text.startsWith(`${name} `)));
    assert.deepEqual(
      quiet.map(({ name }) => name),
      ["exemptions-current"],
    );
    assert.deepEqual(all(goodStack), []);
  });

  it("finds less, never more, if a value is not known yet", () => {
    for (const stack of [goodStack, broken]) {
      const known = new Set(all(stack).map(summary));
      // What both stacks have is changed in the good one.
      for (const [index, member] of stack.entries()) {
        if (stack === broken && goodStack.some(({ name }) => name === member.name)) continue;
        for (const path of paths(member.props)) {
          const changedStack = stack.map((other, at) =>
            at === index ? { ...member, props: replaced(member.props, path, unknown) as Props } : other,
          );
          const more = all(changedStack).filter((text) => !known.has(summary(text)));
          assert.deepEqual(more, [], `with an unknown ${path.join(".")} of ${member.name}`);
        }
      }
    }
  });
});
