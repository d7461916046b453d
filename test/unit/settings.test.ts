import assert from "node:assert/strict";
import { secretKeys, settings, start } from "../support/program";
import { record, type Recorded, type Recording, type Tree } from "../support/recorder";

/** The whole program, if prod has these settings. */
function program(more: Record<string, object>): Promise<Recording<unknown>> {
  const prod = settings("prod");
  const merged = Object.entries(more).map(([key, value]) => {
    const before = JSON.parse(prod[`nacos-platform:${key}`] ?? "{}") as object;
    return [`nacos-platform:${key}`, JSON.stringify({ ...before, ...value })];
  });
  const config = { ...prod, ...(Object.fromEntries(merged) as Record<string, string>) };
  return record(start, { stack: "prod", config, secretKeys });
}

/** Its pod templates, by kind and name. */
async function templates(more: Record<string, object>): Promise<Map<string, Tree>> {
  const { resources } = await program(more);
  return new Map(resources.flatMap((resource) => templateOf(resource) ?? []));
}

function templateOf({ type, inputs }: Recorded): [string, Tree][] | undefined {
  const template = (inputs.spec?.template ?? inputs.spec?.jobTemplate?.spec.template) as Tree | undefined;
  if (template?.spec === undefined || !type.startsWith("kubernetes:")) return undefined;
  return [[`${type.split(":").at(-1)} ${inputs.metadata.name as unknown as string}`, template]];
}

const ALL = [
  "CronJob mysql-backup",
  "CronJob mysql-restore",
  "CronJob mysql-verify",
  "CronJob nacos-registry-restore",
  "Deployment mysql-controller",
  "Job mysql-accounts",
  "Job nacos-schema",
  "StatefulSet mysql",
  "StatefulSet nacos",
];

describe("every pod of the program", () => {
  it("is placed as the section placement says", async () => {
    const toleration = { key: "dedicated", operator: "Equal", value: "nacos", effect: "NoSchedule" };
    const rack = { topologyKey: "topology.kubernetes.io/rack", maxSkew: 1, whenUnsatisfiable: "ScheduleAnyway" };
    const ssd = { matchExpressions: [{ key: "disk", operator: "In", values: ["ssd"] }] };
    const found = await templates({
      placement: {
        nodeSelector: { pool: "nacos" },
        tolerations: [toleration],
        nodeAffinity: { required: [ssd], preferred: [{ weight: 10, ...ssd }] },
        spread: [rack],
      },
    });
    assert.deepEqual([...found.keys()].sort(), ALL);
    for (const [name, { metadata, spec }] of found) {
      assert.deepEqual(spec.nodeSelector, { pool: "nacos" }, name);
      assert.deepEqual(Object.values(spec.tolerations).at(-1), toleration, name);
      const { labelSelector, ...constraint } = Object.values(spec.topologySpreadConstraints).at(-1) as Tree;
      assert.deepEqual(constraint, rack, name);
      for (const [label, value] of Object.entries(labelSelector.matchLabels))
        assert.equal(metadata.labels[label], value, name);
      assert.deepEqual(spec.affinity.nodeAffinity, {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [ssd] },
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 10, preference: ssd }],
      });
    }
  });

  it("is placed by the keys of its own section if they are set", async () => {
    const pool = (name: string) => ({ placement: { nodeSelector: { pool: name } } });
    const found = await templates({ ...pool("rest"), nacos: pool("nacos"), mysql: pool("mysql"), jobs: pool("jobs") });
    const pools = [...found].map(([name, { spec }]) => `${name}: ${spec.nodeSelector.pool as unknown as string}`);
    assert.deepEqual(pools.sort(), [
      "CronJob mysql-backup: jobs",
      "CronJob mysql-restore: jobs",
      "CronJob mysql-verify: jobs",
      "CronJob nacos-registry-restore: jobs",
      "Deployment mysql-controller: mysql",
      "Job mysql-accounts: jobs",
      "Job nacos-schema: jobs",
      "StatefulSet mysql: mysql",
      "StatefulSet nacos: nacos",
    ]);
  });

  it("pulls its images from the stack's registry, with the stack's Secrets", async () => {
    const found = await templates({ images: { registry: "registry.example.com/mirror", pullSecrets: ["registry"] } });
    for (const [name, { spec }] of found) {
      assert.deepEqual(spec.imagePullSecrets, [{ name: "registry" }], name);
      const containers = [spec.containers, spec.initContainers ?? {}].flatMap((list) => Object.values(list));
      for (const { image } of containers)
        assert.match(image as unknown as string, /^registry\.example\.com\/mirror\/[a-z]+\/[a-z-]+:/, name);
    }
  });

  it("has a PriorityClass: backups and verifications one that never preempts", async () => {
    const found = await templates({});
    const classes = [...found].map(([name, { spec }]) => `${name}: ${spec.priorityClassName as unknown as string}`);
    assert.deepEqual(
      classes.sort(),
      ALL.map((name) => `${name}: nacos-prod-${/backup|verify/.test(name) ? "batch-100" : "platform-1000000"}`),
    );
  });

  it("has the stack's labels and annotations, but none instead of its own", async () => {
    const before = await templates({});
    const found = await templates({ pods: { labels: { team: "a" }, annotations: { "example.com/scan": "no" } } });
    for (const [name, { metadata }] of found) {
      const { metadata: own } = before.get(name) ?? assert.fail(name);
      assert.deepEqual({ ...metadata.labels }, { team: "a", ...own.labels }, name);
      assert.deepEqual({ ...metadata.annotations }, { "example.com/scan": "no", ...own.annotations }, name);
    }
  });

  it("names no user and no group if the cluster assigns them", async () => {
    for (const [name, { spec }] of await templates({ pods: { userIds: "assigned" } })) {
      assert.deepEqual(
        spec.securityContext,
        {
          runAsNonRoot: true,
          fsGroupChangePolicy: "OnRootMismatch",
          seccompProfile: { type: "RuntimeDefault" },
        },
        name,
      );
      assert.doesNotMatch(JSON.stringify(spec), /runAsUser|runAsGroup|"fsGroup"/, name);
    }
  });
});

describe("every Service of the program", () => {
  it("has the stack's labels, annotations and IP families", async () => {
    const settings = { labels: { team: "a" }, annotations: { scan: "no" }, ipFamilyPolicy: "PreferDualStack" };
    const services = (await program({ services: settings })).all("kubernetes:core/v1:Service");
    assert.equal(services.length, 6);
    for (const { name, inputs } of services) {
      assert.equal(inputs.metadata.labels.team, "a", name);
      assert.equal(inputs.metadata.annotations.scan, "no", name);
      assert.equal(inputs.spec.ipFamilyPolicy, "PreferDualStack", name);
    }
  });
});

describe("the namespace", () => {
  it("has room for the program's Services, load balancers and node ports", async () => {
    const recording = await program({});
    const { hard } = recording.one("kubernetes:core/v1:ResourceQuota").inputs.spec;
    const services = recording.all("kubernetes:core/v1:Service");
    const ofType = (type: string) => services.filter(({ inputs }) => (inputs.spec.type as unknown) === type).length;
    assert.ok(services.length <= Number(hard.services));
    assert.ok(ofType("LoadBalancer") <= Number(hard["services.loadbalancers"]));
    assert.ok(ofType("NodePort") <= Number(hard["services.nodeports"]));
  });

  it("limits single StorageClasses", async () => {
    const quota = { storageClasses: { fast: { storageGiB: 400 } } };
    const { hard } = (await program({ tenancy: { quota } })).one("kubernetes:core/v1:ResourceQuota").inputs.spec;
    assert.equal(hard["fast.storageclass.storage.k8s.io/requests.storage"], "400Gi");
  });

  it("has the stack's labels and annotations", async () => {
    const annotations = { "field.cattle.io/projectId": "c-abc12:p-xyz34" };
    const { inputs } = (await program({ tenancy: { labels: { team: "a" }, annotations } })).one(
      "kubernetes:core/v1:Namespace",
      "nacos-prod",
    );
    assert.equal(inputs.metadata.labels.team, "a");
    assert.equal(inputs.metadata.annotations["field.cattle.io/projectId"], "c-abc12:p-xyz34");
    assert.equal(inputs.metadata.annotations["nacos-platform/stack"], "nacos-platform/prod");
  });
});
