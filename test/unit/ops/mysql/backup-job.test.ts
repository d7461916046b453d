import assert from "node:assert/strict";
import { backup } from "../../../../ops/mysql/commands/backup";
import type { JobContext } from "../../../../ops/mysql/backup-job";
import { restore } from "../../../../ops/mysql/commands/restore";
import { verify } from "../../../../ops/mysql/commands/verify";
import { failed, refused } from "../../../support/refusal";

interface JobObject {
  readonly metadata: { readonly name: string; readonly ownerReferences: readonly object[] };
  readonly spec: {
    readonly template: {
      readonly spec: { readonly initContainers: readonly Step[]; readonly containers: readonly Step[] };
    };
  };
}

interface Step {
  readonly name: string;
  readonly env: readonly { readonly name: string; readonly value: string }[];
}

interface End {
  readonly fails?: boolean;
  readonly step?: string;
  readonly message?: string;
  /** Whether its pod is lost: it tells of no container that has failed. */
  readonly lost?: boolean;
  /** Whether an earlier restore has left Nacos stopped. */
  readonly stopped?: boolean;
  /** CronJob of a Job that is under way already. */
  readonly running?: string;
  /** How many looks it takes until that Job is there. */
  readonly unseen?: number;
  /** What becomes of the request to make a Job: it is refused, or the answer is lost, or was the request. */
  readonly making?: "refused" | "unanswered" | "lost";
  /** Whether the stack has no CronJob that restores the registry. */
  readonly old?: boolean;
  /** How the Job ends that restores the registry. */
  readonly registry?: { readonly fails?: boolean; readonly message: string };
  /** Whether a server of Nacos never ends. */
  readonly clings?: boolean;
  /** How often its pod is seen while it is being deleted. */
  readonly deleted?: number;
  /** How often the API server does not answer when it is asked how the Job goes. */
  readonly unanswered?: number;
}

/** An API server with the four CronJobs, the Job of accounts and Nacos; each Job of a CronJob ends as told. */
function cluster({
  fails = false,
  step = "load",
  message = "done",
  lost = false,
  stopped = false,
  running,
  unseen = 0,
  making,
  old = false,
  registry = { message: "the registry lacks none" },
  clings = false,
  deleted = 0,
  unanswered = 0,
}: End = {}) {
  const said: string[] = [];
  const jobs: JobObject[] = [];
  const scaled: unknown[] = [];
  let accountsMade = 0;
  let replicas = stopped ? 0 : 3;
  let time = Date.parse("2026-11-21T13:00:00Z");
  let annotations: object | undefined = stopped ? { "nacos-platform/servers-before-restore": "3" } : {};
  let managed: object[] | undefined = [{ manager: "pulumi" }, { manager: "nacos-platform-ops" }];
  const env = (...names: string[]) => names.map((name) => ({ name, value: "" }));
  const api = {
    get: (path: string): Promise<unknown> => new Promise((resolve) => resolve(answer(path))),
    create: (_: string, body: object): Promise<unknown> => {
      if ("generateName" in (body as JobObject).metadata)
        return Promise.resolve({ metadata: { name: `mysql-accounts-${++accountsMade}` } });
      if (making !== "refused" && making !== "lost") jobs.push(body as JobObject);
      if (making === "refused") return Promise.reject(Object.assign(new Error("forbidden"), { status: 403 }));
      return making === undefined ? Promise.resolve() : Promise.reject(new Error("no answer"));
    },
    patch: (path: string, body: object): Promise<unknown> => {
      const { spec, metadata } = body as {
        spec?: { replicas: number };
        metadata: { annotations?: Record<string, string>; managedFields?: object[] };
      };
      if (spec === undefined) managed = metadata.managedFields;
      else {
        replicas = spec.replicas;
        annotations = metadata.annotations;
        scaled.push([path.split("/").at(-1), replicas, jobs.length]);
      }
      return Promise.resolve();
    },
  };
  function answer(path: string): unknown {
    if (path.endsWith("/statefulsets/nacos"))
      return {
        metadata: { annotations, managedFields: managed },
        spec: { replicas },
        status: { replicas: clings ? 1 : replicas },
      };
    if (path.endsWith("/cronjobs/nacos-registry-restore") && !old) {
      const spec = {
        initContainers: [{ name: "choose", env: env("UNTIL_NAME") }],
        containers: [{ name: "registry", env: env("MODE") }],
      };
      return {
        metadata: { name: "nacos-registry-restore", uid: "2" },
        spec: { jobTemplate: { spec: { template: { spec } } } },
      };
    }
    if (path.includes("/cronjobs/mysql-")) {
      const spec = {
        initContainers: [
          { name: "choose", env: env("UNTIL_NAME", "PLACE") },
          { name: "prepare", env: env("UNTIL") },
          { name: "judge", env: env("MODE", "SUFFIX") },
        ],
        containers: [{ name: "report", env: env() }],
      };
      return {
        metadata: { name: path.split("/").at(-1), uid: "1" },
        spec: { jobTemplate: { spec: { backoffLimit: 0, template: { spec } } } },
      };
    }
    if (path.endsWith("/jobs"))
      return {
        items:
          running !== undefined && unseen-- <= 0
            ? [{ metadata: { name: `${running}-1`, ownerReferences: [{ name: running }] }, status: { active: 1 } }]
            : [],
      };
    if (path.endsWith("/jobs/mysql-accounts"))
      return { spec: { template: { spec: { containers: [{ command: [] }] } } } };
    if (path.includes("/jobs/mysql-accounts-"))
      return { status: { conditions: [{ type: "Complete", status: "True" }] } };
    if (path.includes("/jobs/") && unanswered-- > 0) throw new Error("no answer");
    if (path.includes("/jobs/") && jobs.length === 0) throw Object.assign(new Error(path), { status: 404 });
    if (path.includes("/jobs/") && deleted > 0) return {};
    if (path.includes("/pods?") && deleted-- > 0)
      return { items: [{ metadata: { name: "p", creationTimestamp: "1", deletionTimestamp: "2" } }] };
    const end = path.includes("nacos-registry-restore") ? { step: "registry", ...registry } : { fails, step, message };
    if (path.includes("/jobs/"))
      return {
        status: { conditions: [{ type: end.fails ? "Failed" : "Complete", status: "True", message: "evicted" }] },
      };
    if (path.includes("/pods?")) {
      const state = { terminated: { exitCode: end.fails && !lost ? 1 : 0, message: end.message } };
      return {
        items: [
          {
            metadata: { name: "p", creationTimestamp: "1" },
            status: { containerStatuses: [{ name: end.step, state }] },
          },
        ],
      };
    }
    throw Object.assign(new Error(path), { status: 404 });
  }
  const context = {
    namespace: "nacos-x",
    api,
    say: (line: string) => void said.push(line),
    now: () => new Date(time),
    sleep: (milliseconds: number) => Promise.resolve(void (time += milliseconds)),
  } as unknown as JobContext;
  const values = (job = 0): Record<string, string> => {
    const { initContainers, containers } = jobs[job].spec.template.spec;
    return Object.fromEntries([...initContainers, ...containers].flatMap((c) => c.env.map((e) => [e.name, e.value])));
  };
  return { context, said, jobs, scaled, values, managers: () => managed, accountsMade: () => accountsMade };
}

describe("ops mysql backup and verify", () => {
  it("run a Job of the CronJob, owned by it, and report how it ended", async () => {
    const { context, jobs, said } = cluster({ message: "backup B is complete" });
    await backup(context);
    assert.equal(jobs[0].metadata.name, "mysql-backup-20261121t130000z");
    assert.deepEqual(jobs[0].metadata.ownerReferences, [
      { apiVersion: "batch/v1", kind: "CronJob", name: "mysql-backup", uid: "1", controller: true },
    ]);
    assert.equal(said.at(-1), "backup B is complete");
  });

  it("fail with the faults that the Job names", async () => {
    await assert.rejects(
      verify(
        cluster({ fails: true, message: "verification failed: 1 fault\n- there is no backup in the object store" })
          .context,
      ),
      failed("BACKUP_VERIFY_FAILED", "there is no backup in the object store"),
    );
  });
});

describe("the watch over a Job", () => {
  it("outlives an API server that does not answer for a while", async () => {
    const { context, said } = cluster({ unanswered: 3, message: "backup B is complete" });
    await backup(context);
    assert.equal(said.at(-1), "backup B is complete");
    assert.equal(said.filter((line) => line.includes("asking again; a Job that has started continues")).length, 1);
  });

  it("says once what to do if the node of its pod is lost for good", async () => {
    const { context, said } = cluster({ deleted: 2 });
    await backup(context);
    assert.deepEqual(said.slice(1, -1), [
      "  its pod is being deleted; if its node is lost for good: kubectl delete pod p --force",
    ]);
  });

  it("refuses a second Job beside one that is under way", async () => {
    const { context, jobs } = cluster({ running: "mysql-backup" });
    await assert.rejects(backup(context), refused("BACKUP_JOB_RUNNING", "Job mysql-backup-1"));
    assert.equal(jobs.length, 0);
  });
});

describe("ops mysql restore", () => {
  const T = "2026-11-21T12:30:00Z";

  it("restores beside the live databases at once", async () => {
    const { context, values, scaled, said } = cluster();
    await restore(context, { to: "2026-11-21T12:30:15.5Z" });
    assert.deepEqual(values(), {
      UNTIL_NAME: "20261121T123015Z",
      PLACE: "",
      UNTIL: "2026-11-21T12:30:15.5Z",
      MODE: "fresh",
      SUFFIX: "_restored_20261121T130000Z",
    });
    assert.deepEqual(scaled, []);
    assert.match(said.at(-1) ?? "", /names that end in _restored_20261121T130000Z/);
  });

  it("reports what it would lose in place, and does no more without the confirmation", async () => {
    const { context, values, scaled, said, accountsMade } = cluster({ message: "lost in place: 3 transactions" });
    await restore(context, { to: T, inPlace: true });
    assert.equal(accountsMade(), 0);
    assert.equal(values().MODE, "plan");
    assert.deepEqual(scaled, []);
    assert.deepEqual(values(1), { UNTIL_NAME: "20261121T123000Z", MODE: "plan" });
    assert.equal(said.filter((line) => line === "lost in place: 3 transactions").length, 1);
    assert.deepEqual(said.slice(-2), [
      "the registry lacks none",
      "Nothing was changed. To replace the databases with this state, run the command again with --confirm nacos-x. Nacos is stopped meanwhile. Its registry is restored only if Nacos has lost it.",
    ]);
  });

  it("reports in place also if Nacos is lost, so that nobody knows what its registry lacks", async () => {
    const { context, said } = cluster({ registry: { fails: true, message: "Nacos does not serve: no answer" } });
    await restore(context, { to: T, inPlace: true });
    assert.match(said.at(-2) ?? "", /^What the registry lacks is not known: Nacos does not serve: no answer/);
  });

  it("refuses a confirmation for another namespace, a time in the future, and one without a time zone", async () => {
    for (const [options, reason] of [
      [{ inPlace: true, confirm: "nacos-x" }, refused("USAGE_OPTIONS_CONFLICT", "--in-place", "--to")],
      [{ registryOnly: true }, refused("USAGE_OPTIONS_CONFLICT", "--registry-only", "--to")],
      [{ to: T, inPlace: true, registryOnly: true }, refused("USAGE_OPTIONS_CONFLICT", "--registry-only")],
      [{ to: T, confirm: "nacos-x" }, refused("USAGE_OPTIONS_CONFLICT", "--in-place", "--registry-only")],
      [{ to: T, inPlace: true, confirm: "nacos-y" }, refused("RESTORE_CONFIRM_MISMATCH", "nacos-y", "nacos-x")],
      [{ to: T, registryOnly: true, confirm: "nacos-y" }, refused("RESTORE_CONFIRM_MISMATCH", "nacos-y", "nacos-x")],
      [{ to: "2026-11-21T13:00:01Z" }, refused("USAGE_VALUE_INVALID", "2026-11-21T13:00:01Z")],
      [{ to: "2026-11-21T12:00:00" }, refused("USAGE_VALUE_INVALID", "2026-11-21T12:00:00")],
    ] as const) {
      const { context, jobs } = cluster();
      await assert.rejects(restore(context, options), reason);
      assert.equal(jobs.length, 0);
    }
  });

  it("stops Nacos while it replaces the databases, restores the registry, and makes a backup of what there is then", async () => {
    const { context, values, scaled, managers, jobs, accountsMade } = cluster();
    await restore(context, { to: T, inPlace: true, confirm: "nacos-x" });
    assert.equal(values().MODE, "in-place");
    assert.equal(accountsMade(), 1); // the servers may have lost theirs
    assert.deepEqual(scaled, [
      ["nacos?fieldManager=nacos-platform-ops", 0, 0],
      ["nacos?fieldManager=nacos-platform-ops", 3, 1],
    ]);
    assert.deepEqual(managers(), [{ manager: "pulumi" }]);
    assert.deepEqual(
      jobs.map(({ metadata }) => metadata.name),
      ["mysql-restore", "nacos-registry-restore", "mysql-backup"].map((name) => `${name}-20261121t130000z`),
    );
    assert.deepEqual(values(1), { UNTIL_NAME: "20261121T123000Z", MODE: "if-lost" });
  });

  it("makes a backup if the registry is not restored, says how to repeat it, and fails", async () => {
    const { context, said, jobs, scaled } = cluster({ registry: { fails: true, message: "1 of 3 missing" } });
    await assert.rejects(
      restore(context, { to: T, inPlace: true, confirm: "nacos-x" }),
      failed("RESTORE_REGISTRY_INCOMPLETE", "1 of 3 missing"),
    );
    assert.match(jobs.at(-1)?.metadata.name ?? "", /^mysql-backup-/);
    assert.match(said.at(-1) ?? "", /^The databases are restored\. .* --registry-only instead of --in-place\.$/);
    assert.equal(scaled.length, 2);
  });

  it("restores from a backup without a registry, and fails at the end if Nacos has lost its registry", async () => {
    const message =
      "backup B has no registry of Nacos: it was made before backups had one. Nacos keeps nothing in Raft.";
    const lost = cluster({ registry: { message } });
    await assert.rejects(
      restore(lost.context, { to: T, inPlace: true, confirm: "nacos-x" }),
      failed("RESTORE_REGISTRY_MISSING", message),
    );
    assert.match(lost.jobs.at(-1)?.metadata.name ?? "", /^mysql-backup-/);
    const kept = "backup B has no registry of Nacos: no answer. Nacos has not lost its registry";
    const { context, said } = cluster({ registry: { message: kept } });
    await restore(context, { to: T, inPlace: true, confirm: "nacos-x" });
    assert.ok(said.includes(kept));
  });

  it("says how to add what a registry lacks that was not lost", async () => {
    const message = "Nacos has not lost its registry: nothing of it was changed\nthe registry lacks 1:\n- service s";
    const { context, said } = cluster({ registry: { message } });
    await restore(context, { to: T, inPlace: true, confirm: "nacos-x" });
    assert.deepEqual(said.slice(said.indexOf(message), said.indexOf(message) + 2), [
      message,
      "If it lacks something that you want back: the same command with --registry-only instead of --in-place.",
    ]);
  });

  it("restores the databases of a stack that restores no registry yet, and fails at the end", async () => {
    const { context, said, jobs } = cluster({ old: true });
    await assert.rejects(
      restore(context, { to: T, inPlace: true, confirm: "nacos-x" }),
      failed("BACKUP_NOT_CONFIGURED", "CronJob nacos-registry-restore"),
    );
    assert.deepEqual(
      jobs.map(({ metadata }) => metadata.name.replace(/-\d.*/, "")),
      ["mysql-restore", "mysql-backup"],
    );
    assert.match(said[0], /^The stack restores no registry before its next `pulumi up`\./);
  });

  it("reports what only the registry lacks, and adds it if that is confirmed", async () => {
    for (const [confirm, mode] of [
      [undefined, "plan"],
      ["nacos-x", "apply"],
    ] as const) {
      const { context, values, jobs, said, scaled } = cluster({ registry: { message: "3 services" } });
      await restore(context, { to: T, registryOnly: true, confirm });
      assert.deepEqual([jobs.length, scaled, values().MODE], [1, [], mode]);
      assert.ok(said.includes("3 services"));
      assert.equal(/^Nothing was changed\. .* --confirm nacos-x\.$/.test(said.at(-1) ?? ""), mode === "plan");
    }
  });

  it("fails if only the registry is wanted, and the backup has none or Nacos does not get it back", async () => {
    for (const [registry, code] of [
      [{ message: "backup B has no registry of Nacos: no answer." }, "RESTORE_REGISTRY_MISSING"],
      [{ fails: true, message: "1 of 3 missing" }, "RESTORE_REGISTRY_INCOMPLETE"],
    ] as const)
      await assert.rejects(
        restore(cluster({ registry }).context, { to: T, registryOnly: true, confirm: "nacos-x" }),
        failed(code, registry.message),
      );
  });

  it("starts as many servers as there were before an earlier restore that failed", async () => {
    const { context, scaled } = cluster({ stopped: true });
    await restore(context, { to: T, inPlace: true, confirm: "nacos-x" });
    assert.deepEqual(
      scaled.map((entry) => (entry as unknown[])[1]),
      [0, 3],
    );
  });

  it("does not stop Nacos if another restore is running", async () => {
    const { context, scaled, jobs } = cluster({ running: "mysql-restore" });
    await assert.rejects(
      restore(context, { to: T, inPlace: true, confirm: "nacos-x" }),
      refused("BACKUP_JOB_RUNNING", "Job mysql-restore-1"),
    );
    assert.deepEqual([scaled, jobs], [[], []]);
  });

  it("starts Nacos again if no Job was created", async () => {
    for (const [end, reason] of [
      [{ running: "mysql-restore", unseen: 1 }, refused("BACKUP_JOB_RUNNING")],
      [{ making: "refused" }, /forbidden/],
      [{ making: "lost" }, /no answer/],
      [{ clings: true }, refused("RESTORE_NACOS_NOT_STOPPED", "5 min", "--namespace nacos-x")],
    ] as const) {
      const { context, scaled, said, managers } = cluster(end);
      await assert.rejects(restore(context, { to: T, inPlace: true, confirm: "nacos-x" }), reason);
      assert.deepEqual(
        scaled.map((entry) => (entry as unknown[])[1]),
        [0, 3],
        JSON.stringify(end),
      );
      assert.equal(said.at(-1), "Nacos has started again.");
      assert.deepEqual(managers(), [{ manager: "pulumi" }]);
    }
  });

  it("continues with a Job whose creation was not answered", async () => {
    const { context, scaled } = cluster({ making: "unanswered" });
    await restore(context, { to: T, inPlace: true, confirm: "nacos-x" });
    assert.deepEqual(
      scaled.map((entry) => (entry as unknown[])[1]),
      [0, 3],
    );
  });

  it("leaves Nacos stopped if it is unknown whether there is a Job", async () => {
    const { context, scaled, said } = cluster({ making: "unanswered", unanswered: Infinity });
    await assert.rejects(
      restore(context, { to: T, inPlace: true, confirm: "nacos-x" }),
      failed("BACKUP_JOB_UNCONFIRMED", "Job mysql-restore-", "no answer"),
    );
    assert.equal(scaled.length, 1);
    assert.match(
      said.at(-1) ?? "",
      /^Nacos stays stopped until .*: run the same command again\. .* start it: kubectl .* --replicas 3$/,
    );
  });

  it("leaves Nacos stopped as it found it, since an earlier restore may have failed halfway", async () => {
    const { context, scaled } = cluster({ stopped: true, making: "refused" });
    await assert.rejects(restore(context, { to: T, inPlace: true, confirm: "nacos-x" }));
    assert.deepEqual(
      scaled.map((entry) => (entry as unknown[])[1]),
      [0],
    );
  });

  it("does not know what a pod has changed that was lost, whatever it was seen to do", async () => {
    for (const step of ["prove", "judge", "load"]) {
      const { context, scaled } = cluster({ fails: true, lost: true, step, message: "nothing was restored" });
      await assert.rejects(
        restore(context, { to: T, inPlace: true, confirm: "nacos-x" }),
        failed(
          "RESTORE_INCOMPLETE",
          "its pod was lost, and the databases are incomplete, run the restore again: evicted",
        ),
      );
      assert.equal(scaled.length, 1, step);
    }
    const beside = cluster({ fails: true, lost: true });
    await assert.rejects(
      restore(beside.context, {}),
      failed("RESTORE_INCOMPLETE", "_restored_20261121T130000Z", "evicted"),
    );
    const plan = cluster({ fails: true, lost: true });
    await assert.rejects(restore(plan.context, { to: T, inPlace: true }), failed("RESTORE_UNCHANGED", "evicted"));
  });

  it("does not forget what an earlier restore has left when the next one changes nothing", async () => {
    const { context, scaled, said } = cluster({ stopped: true, fails: true, step: "judge", message: "no answer" });
    await assert.rejects(
      restore(context, { to: T, inPlace: true, confirm: "nacos-x" }),
      failed("RESTORE_INCOMPLETE", "an earlier restore in place has not ended", "no answer"),
    );
    assert.equal(scaled.length, 1);
    assert.match(said.at(-1) ?? "", /^Nacos stays stopped/);
  });

  it("starts Nacos again when nothing was changed, and leaves it stopped when something was", async () => {
    for (const [end, code, scales] of [
      [{ fails: true, message: "nothing was restored: the databases are in use" }, "RESTORE_UNCHANGED", 2],
      [{ fails: true, step: "prove", message: "container prove ended with status 137" }, "RESTORE_UNCHANGED", 2],
      [
        { fails: true, step: "judge", message: "nothing was restored: the databases are in use" },
        "RESTORE_UNCHANGED",
        2,
      ],
      [{ fails: true, message: "the databases are incomplete, run the restore again: gone" }, "RESTORE_INCOMPLETE", 1],
      [{ fails: true, message: "container load ended with status 137" }, "RESTORE_INCOMPLETE", 1],
      [{ fails: true, step: "report", message: "container report ended with status 137" }, "RESTORE_INCOMPLETE", 1],
    ] as const) {
      const { context, scaled } = cluster(end);
      await assert.rejects(restore(context, { to: T, inPlace: true, confirm: "nacos-x" }), failed(code, end.message));
      assert.equal(scaled.length, scales, end.message);
    }
  });
});
