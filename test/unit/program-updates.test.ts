import assert from "node:assert/strict";
import { record } from "../support/recorder";
import { run, runAutoscaled, secretKeys, settings, start } from "../support/program";

describe("an update of the program", () => {
  it("ends only after the rollout of the servers, for which the program itself waits", async () => {
    const { resources } = await run("prod");
    const sets = resources.filter((r) => r.type === "kubernetes:apps/v1:StatefulSet");
    assert.deepEqual(
      sets.map(({ inputs }) => [inputs.metadata.name, inputs.metadata.annotations["pulumi.com/skipAwait"]]),
      [
        ["mysql", "true"],
        ["nacos", "true"],
      ],
    );
    const waits = resources.filter((r) => r.type === "pulumi:index:Stash" && r.name.endsWith("-rollout"));
    assert.deepEqual(
      waits.map(({ name, hooks }) => [name, hooks]),
      ["mysql", "nacos"].map((set) => {
        const hook = [`wait for StatefulSet ${set}`];
        return [`${set}-rollout`, { beforeCreate: hook, beforeUpdate: hook }];
      }),
    );
    assert.deepEqual(
      waits.map(({ dependsOn }) => dependsOn.includes("mysql-server") || dependsOn.includes("nacos-server")),
      [true, true],
    );
    assert.deepEqual(
      waits.map(({ inputs }) => [inputs.input.namespace, inputs.input.statefulSet]),
      [
        ["nacos-prod", "mysql"],
        ["nacos-prod", "nacos"],
      ],
    );
    assert.ok(resources.find((r) => r.name === "accounts")?.dependsOn.includes("mysql-rollout"));
  });

  for (const [step, job, next] of [
    ["accounts", "mysql-accounts", "schema"],
    ["schema", "nacos-schema", "nacos"],
  ]) {
    it(`waits for Job ${job} itself, and creates another only after the previous one is deleted`, async () => {
      const { resources } = await run("dev");
      const find = (name: string) => resources.find((r) => r.name === name);
      assert.deepEqual(find(`${step}-job`)?.hooks.beforeCreate, [`wait until the previous Job ${job} is deleted`]);
      const wait = [`wait for Job ${job}`];
      assert.deepEqual(
        [find(`${step}-end`)?.hooks, find(`${step}-end`)?.dependsOn.includes(`${step}-job`)],
        [{ beforeCreate: wait, beforeUpdate: wait }, true],
      );
      assert.ok(find(next)?.dependsOn.includes(`${step}-end`));
    });
  }

  it("ends an upgrade from 2.x to 3.x by a Job after the rollout, which exists only for that", async () => {
    const jobs = async (nacos: object) => {
      const { resources } = await record(start, {
        stack: "test",
        config: settings("test", { "nacos-platform:nacos": JSON.stringify({ storageClass: "fast", ...nacos }) }),
        secretKeys,
      });
      const job = resources.find(({ name }) => name === "upgrade-end-job");
      const [schema] = resources.filter(({ name }) => name === "schema-job");
      return {
        env: (schema.inputs.spec.template.spec.containers[0].env as unknown as { name: string; value: string }[]).find(
          ({ name }) => name === "SERIES_UPGRADE",
        )?.value,
        command: job?.inputs.spec.template.spec.containers[0].command as unknown,
        waits: resources.find(({ name }) => name === "upgrade-end")?.dependsOn.includes("nacos-rollout"),
      };
    };
    const ends = { command: ["node", "/code/schema.js", "end"], waits: true };
    const none = { command: undefined, waits: undefined };
    assert.deepEqual(await jobs({}), { env: "refuse", ...none });
    assert.deepEqual(await jobs({ seriesUpgrade: "hold" }), { env: "hold", ...none });
    assert.deepEqual(await jobs({ seriesUpgrade: "complete" }), { env: "complete", ...ends });
    const back = { image: "nacos:v2.5.3", seriesUpgrade: "hold" };
    assert.deepEqual(await jobs(back), { env: "hold", ...ends });
    assert.deepEqual(await jobs({ replicas: 1, seriesUpgrade: "complete" }), { env: "refuse", ...none });
  });

  it("checks the primary before MySQL's controller learns of other servers", async () => {
    const { resources } = await run("prod");
    const [settings] = resources.filter(({ name }) => name === "mysql-controller-settings");
    assert.deepEqual(settings.hooks, { beforeCreate: [], beforeUpdate: ["check if mysql keeps its primary"] });
  });

  it("lets claims grow before it changes the servers, and ignores claim templates", async () => {
    const { resources } = await run("prod");
    const sets = resources.filter((r) => r.type === "kubernetes:apps/v1:StatefulSet");
    assert.deepEqual(
      sets.map(({ hooks, ignoreChanges }) => ({ hooks, ignoreChanges })),
      ["mysql", "nacos"].map((set) => {
        const grow = `let the claims of ${set} grow`;
        return {
          hooks: {
            beforeCreate: [`wait until the previous StatefulSet ${set} is deleted`, grow],
            beforeUpdate:
              set === "nacos"
                ? [
                    "check if the version of nacos may change",
                    // In the first update without an autoscaler.
                    "take back the number of pods of StatefulSet nacos",
                    grow,
                  ]
                : ["check if mysql keeps its primary", grow],
          },
          ignoreChanges: ["spec.volumeClaimTemplates"],
        };
      }),
    );
    assert.deepEqual(
      sets.map(({ inputs }) => inputs.metadata.annotations["nacos-platform/claims-gib"] as unknown),
      sets.map(({ inputs }) =>
        (
          inputs.spec.volumeClaimTemplates as unknown as { spec: { resources: { requests: { storage: string } } } }[]
        )[0].spec.resources.requests.storage.replace("Gi", ""),
      ),
    );
  });

  it("restarts no MySQL server for another number of Nacos servers", async () => {
    const servers = async (replicas: number): Promise<unknown> => {
      const recording = await record(start, {
        stack: "test",
        config: settings("test", { "nacos-platform:nacos": JSON.stringify({ storageClass: "fast", replicas }) }),
        secretKeys,
      });
      const { spec } = recording.one("kubernetes:apps/v1:StatefulSet", "nacos").inputs;
      assert.equal(spec.replicas, replicas);
      return recording.one("kubernetes:apps/v1:StatefulSet", "mysql").inputs;
    };
    assert.deepEqual(await servers(1), await servers(3));
  });

  it("leaves the number of Nacos servers to their autoscaler, and counts with the largest one", async () => {
    const recording = await runAutoscaled();
    const set = recording.one("kubernetes:apps/v1:StatefulSet", "nacos");
    assert.deepEqual(set.ignoreChanges, ["spec.volumeClaimTemplates", "spec.replicas"]);
    assert.equal(set.inputs.spec.replicas, 3); // for its creation
    const { hooks, dependsOn, inputs } = recording.one("kubernetes:autoscaling/v2:HorizontalPodAutoscaler", "nacos");
    assert.deepEqual([inputs.spec.minReplicas, inputs.spec.maxReplicas], [3, 5]);
    assert.ok(dependsOn.includes("nacos-rollout"), dependsOn.join());
    const checks = [
      "check if the cluster serves the metrics of autoscaler nacos",
      "check if there is a node for each server of nacos",
    ];
    assert.deepEqual(hooks, { beforeCreate: checks, beforeUpdate: checks });
    const { resources } = await run("prod");
    assert.deepEqual(
      resources.filter(({ type }) => type.includes("autoscaling")),
      [],
    );
  });

  it("stops before it changes anything in another cluster, or in the namespace of another stack", async () => {
    const { resources } = await run("dev");
    const find = (name: string) => resources.find((r) => r.name === name);
    assert.deepEqual(find("tenancy-cluster")?.hooks.beforeUpdate, ["check if it is the same cluster"]);
    assert.deepEqual(find("tenancy-namespace")?.hooks.beforeCreate, ["check who owns the namespace"]);
    assert.deepEqual(find("mysql-mode")?.hooks, {
      beforeCreate: ["check if MySQL runs in the cluster already"],
      beforeUpdate: ["check if mysql.mode changes"],
    });
    assert.equal(find("mysql-mode")?.inputs.input, "cluster");
    assert.deepEqual(find("backups-claim")?.hooks.beforeUpdate, [
      "check if the claim of mysql.backup.storageGiB may change",
    ]);
    assert.deepEqual(find("tenancy-namespace")?.dependsOn, ["tenancy-cluster"]);
    assert.equal(find("policies")?.inputs.input, "not evaluated");
    assert.deepEqual(find("policies")?.hooks, {
      beforeCreate: ["check if the policy pack evaluates the stack"],
      beforeUpdate: ["check if the policy pack evaluates the stack"],
    });
    assert.deepEqual(find("cluster")?.dependsOn, ["policies"]);
    assert.equal(find("tenancy-namespace")?.inputs.metadata.annotations["nacos-platform/stack"], "nacos-platform/dev");
    const inKubernetes = resources.filter(
      (r) =>
        r.type.startsWith("kubernetes:") &&
        !r.read &&
        !r.name.startsWith("tenancy-") &&
        r.type !== "kubernetes:storage.k8s.io/v1:StorageClass",
    );
    assert.deepEqual(
      inKubernetes.filter((r) => !r.dependsOn.includes("tenancy-namespace")).map((r) => r.name),
      [],
    );
  });

  it("has one field manager in Kubernetes, which is known beforehand", async () => {
    const { resources } = await run("test");
    const made = resources.filter(
      (r) =>
        r.type.startsWith("kubernetes:") &&
        !r.read &&
        r.type !== "kubernetes:storage.k8s.io/v1:StorageClass" &&
        r.name !== "tenancy-cluster-system",
    );
    assert.ok(made.length > 40, String(made.length));
    assert.deepEqual(
      made
        .filter(
          ({ inputs }) =>
            (inputs.metadata.annotations?.["pulumi.com/patchFieldManager"] as unknown) !== "pulumi-nacos-platform-test",
        )
        .map((r) => r.name),
      [],
    );
    const others = made.filter(
      ({ inputs }) =>
        (inputs.metadata.name as unknown) === "mysql" && Object.keys(inputs.metadata.annotations).length < 2,
    );
    assert.deepEqual(
      others.map((r) => r.type.split(":").at(-1)).filter((kind) => kind === "Service" || kind === "StatefulSet"),
      [],
    ); // their other annotations stay
  });
});
