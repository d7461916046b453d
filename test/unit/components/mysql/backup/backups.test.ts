import assert from "node:assert/strict";
import { binlogSidecar } from "../../../../../components/mysql/backup/binlog-sidecar";
import { Backups, type BackupsArgs } from "../../../../../components/mysql/backup/backups";
import { IDENTITIES } from "../../../../../contract/identities";
import { endpointOf } from "../../../../../kube/connections";
import {
  backupFootprint,
  registryRestoreFootprint,
  restoreFootprint,
  scratchPoolMiB,
  verifyFootprint,
} from "../../../../../components/mysql/backup/footprint";
import { OffsiteBackup } from "../../../../../components/mysql/backup/offsite-backup";
import { PODS } from "../../../../support/pods";
import { items, record, settle, type Recording, type Tree } from "../../../../support/recorder";

const scratch = { requests: { cpu: "100m", memory: "512Mi" }, limits: { cpu: "1", memory: "1Gi" } };
const args: BackupsArgs = {
  namespace: "nacos-x",
  kubeContext: "x",
  pods: PODS,
  batchPriorityClassName: "nacos-x-batch",
  images: { mysql: "mysql:9.7.2", node: "node:22", rclone: "rclone:1.71.2" },
  servers: ["mysql-0.mysql-headless.nacos-x:3306", "mysql-1.mysql-headless.nacos-x:3306"],
  primary: "mysql.nacos-x:3306",
  retention: { count: 7, days: 30 },
  maxAgeHours: 26,
  scratchGiB: 10,
  scratch,
  storageGiB: 20,
  schedule: { backup: "0 1 * * *", verify: "0 4 * * *" },
  timeZone: "Europe/Berlin",
  deadlineMinutes: 60,
  database: endpointOf("mysql", IDENTITIES.mysql, [3306]),
  nacos: { host: "nacos.nacos-x", servers: "nacos-headless.nacos-x", version: "3.1.2", identitySecret: "nacos-auth" },
  nacosHttp: endpointOf("nacos-http", IDENTITIES.nacos, [8848]),
  own: true,
  caConfigMap: "mysql-ca",
  backupCredentials: "mysql-backup",
  restoreCredentials: "mysql-restore",
  storageClass: "fast",
  protect: false,
};
const store = {
  cidrs: ["10.9.0.0/16"],
  namespaceLabels: { stores: "objects" },
  endpoint: "http://s3.test:9000",
  region: "eu",
  bucket: "backups",
  path: "nacos-x",
  accessKeyId: "the-key",
  secretAccessKey: "the-secret",
};
const ALL = ["mysql-backup", "mysql-verify", "mysql-restore", "nacos-registry-restore"];
const CRON_JOB = "kubernetes:batch/v1:CronJob";

interface Made {
  readonly backups: Backups;
  readonly copy?: OffsiteBackup;
}

const made = (more: Partial<BackupsArgs> = {}): Promise<Recording<Made>> =>
  record(() => ({ backups: new Backups("backups", { ...args, ...more }) }));
const withCopy = (more: Partial<BackupsArgs> = {}): Promise<Recording<Made>> =>
  record(() => {
    const copy = new OffsiteBackup("offsite", { namespace: "nacos-x", store, protect: more.protect ?? false });
    return { copy, backups: new Backups("backups", { ...args, copy, ...more }) };
  });
const spec = (recording: Recording<Made>, name: string): Tree => recording.one(CRON_JOB, name).inputs.spec;
const pod = (recording: Recording<Made>, name: string): Tree => spec(recording, name).jobTemplate.spec.template.spec;
const steps = (tree: Tree): Tree[] => [...items(tree.initContainers), ...items(tree.containers)];
const one = (recording: Recording<Made>, name: string, step: string): Tree =>
  steps(pod(recording, name)).find((c) => nameOf(c) === step) as Tree;
const environment = (container: Tree): Record<string, unknown> =>
  Object.fromEntries(items(container.env).map((e) => [nameOf(e), e.value]));
const nameOf = (tree: Tree): string => tree.name as unknown as string;
const mounts = (container: Tree): unknown[] => items(container.volumeMounts).map((m) => m.name);

describe("Backups", () => {
  it("run in their time zone, one at a time, with a deadline", async () => {
    const recording = await made();
    for (const [name, schedule, suspend] of [
      ["mysql-backup", "0 1 * * *", false],
      ["mysql-verify", "0 4 * * *", false],
      ["mysql-restore", "0 0 1 1 *", true],
      ["nacos-registry-restore", "0 0 1 1 *", true],
    ] as const) {
      const cronJob = spec(recording, name);
      assert.deepEqual(
        [
          cronJob.schedule,
          cronJob.timeZone,
          cronJob.suspend,
          cronJob.concurrencyPolicy,
          cronJob.startingDeadlineSeconds,
          cronJob.jobTemplate.spec.activeDeadlineSeconds,
        ],
        // A restore must not be stopped half-way.
        [schedule, "Europe/Berlin", suspend, "Forbid", 3600, suspend ? undefined : 3600],
      );
      assert.deepEqual([cronJob.successfulJobsHistoryLimit, cronJob.failedJobsHistoryLimit], [3, 5]);
    }
  });

  it("retry a dump, but never a verification or a restore", async () => {
    const recording = await made();
    assert.deepEqual(
      ALL.map((name) => spec(recording, name).jobTemplate.spec.backoffLimit as unknown),
      [2, 0, 0, 0],
    );
  });

  it("dump only once if the object store is unreachable", async () => {
    const failing = (recording: Recording<Made>): unknown[] =>
      ALL.flatMap((name) => items(spec(recording, name).jobTemplate.spec.podFailurePolicy.rules))
        .map((rule) => rule.onExitCodes)
        .filter((codes) => codes !== undefined);
    assert.deepEqual(failing(await withCopy()), [{ containerName: "copy", operator: "NotIn", values: [0] }]);
    assert.deepEqual(failing(await made()), []);
  });

  it("replace a pod that is evicted, unless it restores: another would not know what it has changed", async () => {
    const recording = await made();
    const actions = ALL.map((name) => {
      const [{ action, onPodConditions }] = items(spec(recording, name).jobTemplate.spec.podFailurePolicy.rules);
      assert.deepEqual(onPodConditions, [{ type: "DisruptionTarget", status: "True" }]);
      return action;
    });
    assert.deepEqual(actions, ["Ignore", "Ignore", "FailJob", "Ignore"]);
  });

  it("run their steps in order", async () => {
    const recording = await withCopy();
    const order = (name: string): unknown[] => steps(pod(recording, name)).map((c) => [c.name, c.image]);
    const [mysql, node, rclone] = ["mysql:9.7.2", "node:22", "rclone:1.71.2"];
    assert.deepEqual(order("mysql-backup"), [
      ["list", rclone],
      ["plan", node],
      ["registry", node],
      ["dump", mysql],
      ["seal", node],
      ["copy", rclone],
    ]);
    const choice = [
      ["list", rclone],
      ["choose", node],
      ["fetch", rclone],
    ];
    const verification = [...choice, ["prepare", node], ["prove", mysql]];
    assert.deepEqual(order("mysql-verify"), [...verification, ["verify", node]]);
    assert.deepEqual(order("mysql-restore"), [
      ...verification,
      ["judge", node],
      ["load", mysql],
      ["publish", node],
      ["report", node],
    ]);
    assert.deepEqual(order("nacos-registry-restore"), [...choice, ["registry", node]]);
  });

  it("stay on the backup volume if there is no object store", async () => {
    const recording = await made();
    assert.deepEqual(
      steps(pod(recording, "mysql-backup")).map((c) => c.name as unknown),
      ["plan", "registry", "dump", "seal"],
    );
    for (const name of ["list", "choose", "fetch"])
      assert.equal(environment(one(recording, "mysql-verify", name)).PLACE, "volume", name);
    assert.equal(environment(one(recording, "mysql-verify", "prepare")).COPYING_SERVERS, undefined);
  });

  it("are verified with the binary logs of every server, and restored without", async () => {
    const of = async (made: Promise<Recording<Made>>, name: string): Promise<unknown> =>
      environment(one(await made, name, "prepare")).COPYING_SERVERS;
    assert.equal(await of(withCopy(), "mysql-verify"), "mysql-0 mysql-1");
    assert.deepEqual(
      [await of(withCopy(), "mysql-restore"), await of(withCopy({ own: false }), "mysql-verify")],
      [undefined, undefined],
    );
  });

  it("have a point in time only if they restore: a verification reports a newest backup that is incomplete", async () => {
    const recording = await made();
    const until = (name: string) => environment(one(recording, name, "choose")).UNTIL_NAME;
    const jobs = ["mysql-verify", "mysql-restore", "nacos-registry-restore"];
    assert.deepEqual(jobs.map(until), [undefined, "", ""]);
  });

  it("run what decides in Node.js, by the name of its action", async () => {
    const recording = await withCopy();
    const actions = ALL.flatMap((name) =>
      steps(pod(recording, name)).flatMap((c) => {
        const [program, file, action] = c.command as unknown as [string, string, string];
        assert.equal(file, program === "node" ? "/tools/main.js" : file);
        return program === "node" ? [[action, nameOf(c)] as const] : [];
      }),
    );
    assert.deepEqual(
      [...new Map(actions)],
      [
        ["plan-dump", "plan"],
        ["registry", "registry"],
        ["seal", "seal"],
        ["choose", "choose"],
        ["prepare", "prepare"],
        ["verify", "verify"],
        ["judge", "judge"],
        ["publish", "publish"],
        ["report", "report"],
        ["restore-registry", "registry"],
      ],
    );
    const { data, binaryData } = recording.one("kubernetes:core/v1:ConfigMap", "mysql-backup-tools").inputs;
    assert.deepEqual([Object.keys(data), Object.keys(binaryData)], [["main.js"], ["main.gz"]]);
  });

  it("show the log of the dump if `kubectl logs` names no container", async () => {
    const { annotations } = spec(await withCopy(), "mysql-backup").jobTemplate.spec.template.metadata;
    assert.equal(annotations["kubectl.kubernetes.io/default-container"], "dump");
  });

  it("can be restored from off-site after the backup volume is lost", async () => {
    const volumes = items(pod(await withCopy(), "mysql-restore").volumes).map((v) => v.name);
    assert.ok(!volumes.includes("store" as unknown as Tree));
  });

  it("only plan by default, and do not change the primary", async () => {
    const { MODE, SUFFIX, PRIMARY } = environment(one(await made(), "mysql-restore", "judge"));
    assert.deepEqual([MODE, SUFFIX, PRIMARY], ["plan", "", "mysql.nacos-x:3306"]);
  });

  it("mount the accounts of MySQL only in the steps that log in", async () => {
    const recording = await withCopy();
    const readers = ALL.flatMap((name) =>
      steps(pod(recording, name))
        .filter((c) => mounts(c).includes("credentials"))
        .map((c) => `${name} ${nameOf(c)}`),
    );
    assert.deepEqual(readers, [
      "mysql-backup plan",
      "mysql-backup dump",
      `mysql-restore ${"judge"}`,
      "mysql-restore load",
      "mysql-restore publish",
    ]);
    const secret = (name: string): unknown =>
      items(pod(recording, name).volumes).find((v) => (v.name as unknown) === "credentials")?.secret.secretName;
    assert.deepEqual(
      [secret("mysql-backup"), secret("mysql-verify"), secret("mysql-restore")],
      ["mysql-backup", undefined, "mysql-restore"],
    );
  });

  it("mount the backup volume for writing only in the steps that write to it", async () => {
    const writers = (recording: Recording<Made>): string[] =>
      ALL.flatMap((name) =>
        steps(pod(recording, name))
          .filter((c) => items(c.volumeMounts).some((m) => (m.name as unknown) === "store" && !m.readOnly))
          .map((c) => `${name} ${nameOf(c)}`),
      );
    const expected = ["plan", "registry", "dump", "seal"]
      .map((step) => `mysql-backup ${step}`)
      .concat("mysql-verify verify");
    assert.deepEqual(writers(await made()), expected);
    assert.deepEqual(writers(await withCopy()), expected);
  });

  it("mount the keys of the object store only in the steps that read or write there", async () => {
    const recording = await withCopy();
    const readers = ALL.flatMap((name) =>
      steps(pod(recording, name))
        .filter((c) => mounts(c).includes("offsite-store"))
        .map((c) => `${name} ${nameOf(c)}`),
    );
    assert.deepEqual(readers, [
      "mysql-backup list",
      "mysql-backup copy",
      "mysql-verify list",
      "mysql-verify fetch",
      "mysql-restore list",
      "mysql-restore fetch",
      "nacos-registry-restore list",
      "nacos-registry-restore fetch",
    ]);
  });

  it("mount the identity of Nacos' servers only in the steps that ask them, and do without it", async () => {
    const recording = await withCopy();
    const readers = ALL.flatMap((name) =>
      steps(pod(recording, name))
        .filter((c) => mounts(c).includes("identity"))
        .map((c) => `${name} ${nameOf(c)}`),
    );
    assert.deepEqual(readers, [
      "mysql-backup registry",
      `mysql-restore ${"judge"}`,
      "mysql-restore publish",
      "nacos-registry-restore registry",
    ]);
    const volume = items(pod(recording, "mysql-backup").volumes).find((v) => nameOf(v) === "identity") as Tree;
    assert.deepEqual(volume.secret, {
      secretName: "nacos-auth",
      items: ["identityKey", "identityValue"].map((key) => ({ key, path: key })),
      optional: true,
      defaultMode: 0o440,
    });
  });

  it("connect to Nacos only to export and to restore what it has", async () => {
    const recording = await withCopy();
    const label = "nacos-platform/connects-to-nacos-http" as keyof Tree;
    assert.deepEqual(
      ALL.filter((name) => spec(recording, name).jobTemplate.spec.template.metadata.labels[label] !== undefined),
      ["mysql-backup", "mysql-restore", "nacos-registry-restore"],
    );
  });

  it("restore no configurations by default, and get the same empty values in all steps that need them", async () => {
    const recording = await made();
    for (const step of ["prepare", "judge"]) {
      const { CONFIGURATIONS_OF, GROUP, DATA_ID } = environment(one(recording, "mysql-restore", step));
      assert.deepEqual([CONFIGURATIONS_OF, GROUP, DATA_ID], ["", "", ""], step);
    }
    assert.equal(environment(one(recording, "mysql-verify", "prepare")).CONFIGURATIONS_OF, undefined);
    const { PRIMARY, NACOS_HOST } = environment(one(recording, "mysql-restore", "publish"));
    assert.deepEqual([PRIMARY, NACOS_HOST], ["mysql.nacos-x:3306", "nacos.nacos-x"]);
  });

  it("leave most of their time to the dump, however long Nacos' registry takes", async () => {
    for (const [deadlineMinutes, seconds] of [
      [60, "300"],
      [5, "75"],
    ] as const)
      assert.equal(
        environment(one(await made({ deadlineMinutes }), "mysql-backup", "registry")).LIMIT_SECONDS,
        seconds,
      );
  });

  it("fetch only the registry to restore it, and only report what it lacks by default", async () => {
    const recording = await made();
    const env = (step: string) => environment(one(recording, "nacos-registry-restore", step));
    assert.equal(env("fetch").FILES, "manifest.json registry.json.gz");
    assert.deepEqual(env("registry"), {
      HOME: "/tmp",
      MODE: "plan",
      NACOS_SERVERS: "nacos-headless.nacos-x",
      NACOS_VERSION: "3.1.2",
    });
    assert.equal(env("choose").UNTIL_NAME, "");
  });

  it("have no secret in environment or arguments, and send the encryption key as a secret", async () => {
    const recording = await withCopy();
    const shown = JSON.stringify(
      recording.resources.filter((r) => r.type !== "kubernetes:core/v1:Secret").map((r) => r.inputs),
    );
    assert.doesNotMatch(shown, /password-of-|the-key|the-secret/);
    const access = recording.one("kubernetes:core/v1:Secret", "mysql-backup-store");
    assert.deepEqual(
      [access.secretInputs, access.inputs.stringData],
      [["stringData"], { accessKeyId: "the-key", secretAccessKey: "the-secret" }],
    );
    const key = recording.one("kubernetes:core/v1:Secret", "mysql-backup-key");
    assert.deepEqual(
      [key.secretInputs, key.inputs.stringData],
      [["stringData"], { password: "password-of-offsite-key" }],
    );
    assert.deepEqual(await settle((recording.result.copy as OffsiteBackup).keySecret), {
      value: "mysql-backup-key",
      secret: false,
    });
  });

  it("run without privileges and without a token", async () => {
    const recording = await withCopy();
    for (const name of ALL) {
      const spec = pod(recording, name);
      assert.deepEqual(
        [
          spec.automountServiceAccountToken,
          spec.enableServiceLinks,
          spec.restartPolicy,
          spec.securityContext.runAsUser,
        ],
        [false, false, "Never", 999],
      );
      for (const container of steps(spec)) {
        assert.deepEqual(container.securityContext, {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
          capabilities: { drop: ["ALL"] },
        });
      }
    }
  });

  it("have the resources of their footprints", async () => {
    const recording = await withCopy();
    const sizing = { scratch, scratchGiB: 10, storageGiB: 20, storageClass: "fast", outside: true };
    for (const [name, footprint] of [
      ["mysql-backup", backupFootprint(sizing)],
      ["mysql-verify", verifyFootprint(sizing)],
      ["mysql-restore", restoreFootprint(sizing)],
      ["nacos-registry-restore", registryRestoreFootprint()],
    ] as const) {
      const asked = Object.fromEntries(steps(pod(recording, name)).map((c) => [nameOf(c), c.resources])) as unknown;
      assert.deepEqual(asked, { ...footprint.initContainers, ...footprint.containers });
    }
    const claim = recording.one("kubernetes:core/v1:PersistentVolumeClaim", "mysql-backups").inputs;
    assert.deepEqual([claim.spec.resources.requests.storage, backupFootprint(sizing).claimsGiB], ["20Gi", [20]]);
  });

  it("mount only volumes that exist, and every volume at least once", async () => {
    for (const recording of [await made(), await withCopy()]) {
      for (const name of ALL) {
        const spec = pod(recording, name);
        const used = [...new Set(steps(spec).flatMap(mounts))].sort();
        assert.deepEqual(
          used,
          items(spec.volumes)
            .map((v) => v.name as unknown)
            .sort(),
          name,
        );
      }
    }
  });

  it("are protected if configured", async () => {
    const recording = await withCopy({ protect: true });
    assert.deepEqual(
      recording.resources
        .filter((r) => r.protect)
        .map((r) => r.name)
        .sort(),
      ["backups-claim", "offsite-key"],
    );
  });

  it("give the scratch instance the buffer pool that its memory leaves, and refuse too little memory", () => {
    assert.equal(scratchPoolMiB(scratch), 640);
    assert.throws(
      () => scratchPoolMiB({ ...scratch, limits: { cpu: "1", memory: "384Mi" } }),
      /with 384Mi is too small: it needs at least 512Mi/,
    );
  });
});

describe("The container that copies binary logs", () => {
  it("mounts the server's volume read-only", async () => {
    const { result } = await record(() =>
      binlogSidecar({
        image: "rclone:1.71.2",
        scripts: "mysql-binlog-scripts",
        outside: new OffsiteBackup("offsite", { namespace: "nacos-x", store, protect: false }),
      }),
    );
    const data = (result.container.volumeMounts as { name: string }[]).find((mount) => mount.name === "data");
    assert.deepEqual(data, { name: "data", mountPath: "/var/lib/mysql", readOnly: true });
    const own = new Set(result.volumes.map((volume) => (volume as { name: string }).name));
    const missing = (result.container.volumeMounts as { name: string }[]).filter((mount) => !own.has(mount.name));
    assert.deepEqual(
      missing.map((mount) => mount.name),
      ["data"],
    );
  });
});
