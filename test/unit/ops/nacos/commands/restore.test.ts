import assert from "node:assert/strict";
import type { JobContext } from "../../../../../ops/mysql/backup-job";
import { restoreConfigurations } from "../../../../../ops/nacos/commands/restore";
import { failed, refused } from "../../../../support/refusal";

interface End {
  /** The container that ends the Job. */
  readonly step?: string;
  readonly fails?: boolean;
  /** Whether its pod is lost: it tells of no container that has failed. */
  readonly lost?: boolean;
  readonly hasNoLog?: boolean;
  /** Whether the stack was deployed by a version that could only restore databases. */
  readonly isEarlier?: boolean;
}

/** An API server with the CronJob of restores, whose Jobs end as told. */
function cluster({ step = "report", fails = false, lost = false, hasNoLog = false, isEarlier = false }: End = {}) {
  const said: string[] = [];
  const jobs: unknown[] = [];
  const env = (...names: string[]) => names.map((name) => ({ name, value: "" }));
  const template = {
    spec: {
      initContainers: [
        { name: "judge", env: env("MODE", "UNTIL", ...(isEarlier ? [] : ["CONFIGURATIONS_OF", "GROUP", "DATA_ID"])) },
      ],
      containers: [{ name: "report" }],
    },
  };
  const ended = {
    name: step,
    state: { terminated: { exitCode: fails && !lost ? 1 : 0, message: "the last message" } },
  };
  const answer = (path: string): unknown => {
    if (path.includes("/cronjobs/"))
      return { metadata: { name: "mysql-restore", uid: "1" }, spec: { jobTemplate: { spec: { template } } } };
    if (path.endsWith("/jobs")) return { items: [] };
    if (path.includes("/jobs/"))
      return { status: { conditions: [{ type: fails ? "Failed" : "Complete", status: "True" }] } };
    return {
      items: [
        { metadata: { name: "evicted", creationTimestamp: "1" } },
        { metadata: { name: "newest", creationTimestamp: "2" }, status: { containerStatuses: [ended] } },
      ],
    };
  };
  const context = {
    namespace: "nacos-x",
    api: {
      get: (path: string) => Promise.resolve(answer(path)),
      create: (_: string, body: unknown) => Promise.resolve(void jobs.push(body)),
      text: (path: string) =>
        hasNoLog ? Promise.reject(new Error("gone")) : Promise.resolve(`log of ${path.split("/pods/")[1]}\n`),
    },
    say: (line: string) => void said.push(line),
    now: () => new Date("2026-11-21T13:00:00Z"),
    sleep: () => Promise.resolve(),
  } as unknown as JobContext;
  const values = (): Record<string, string> => {
    const [{ spec }] = jobs as [{ spec: { template: typeof template } }];
    return Object.fromEntries(spec.template.spec.initContainers[0].env.map(({ name, value }) => [name, value]));
  };
  return { context, said, jobs, values };
}

const WANTED = { to: "2026-11-21T12:30:00Z", namespace: "orders" };
const COMPARED = "log of newest/log?container=judge";
const PUBLISHED = "log of newest/log?container=publish";

describe("ops nacos restore", () => {
  it("only reports what differs without a confirmation, and says how to continue", async () => {
    const { context, said, values } = cluster();
    await restoreConfigurations(context, WANTED);
    assert.deepEqual(values(), { MODE: "plan", UNTIL: WANTED.to, CONFIGURATIONS_OF: "orders", GROUP: "", DATA_ID: "" });
    assert.deepEqual(said.slice(-2), [
      COMPARED,
      "Nothing was changed. To publish what is changed or missing, run the command again with --confirm nacos-x.",
    ]);
  });

  it("publishes one configuration, and reports what was published", async () => {
    const { context, said, values } = cluster();
    await restoreConfigurations(context, { ...WANTED, group: "G", dataId: "app.yaml", confirm: "nacos-x" });
    const { MODE, GROUP, DATA_ID } = values();
    assert.deepEqual([MODE, GROUP, DATA_ID], ["publish", "G", "app.yaml"]);
    assert.deepEqual(said.slice(-2), [COMPARED, PUBLISHED]);
  });

  it("starts nothing with a wrong confirmation, a time in the future, or a data ID without its group", async () => {
    const { context, jobs } = cluster();
    await assert.rejects(
      restoreConfigurations(context, { ...WANTED, confirm: "nacos-y" }),
      refused("RESTORE_CONFIRM_MISMATCH", "nacos-y", "nacos-x"),
    );
    await assert.rejects(
      restoreConfigurations(context, { ...WANTED, to: "2026-11-21T13:00:01Z" }),
      refused("USAGE_VALUE_INVALID", "in the future"),
    );
    await assert.rejects(
      restoreConfigurations(context, { ...WANTED, dataId: "app.yaml" }),
      refused("USAGE_OPTIONS_CONFLICT", "--group"),
    );
    assert.deepEqual(jobs, []);
  });

  it("starts nothing on a stack of an earlier version", async () => {
    const { context, jobs } = cluster({ isEarlier: true });
    await assert.rejects(restoreConfigurations(context, WANTED), refused("BACKUP_NOT_CONFIGURED", "update the stack"));
    assert.deepEqual(jobs, []);
  });

  it("says if something may have been published when it fails", async () => {
    const half = cluster({ step: "publish", fails: true });
    await assert.rejects(
      restoreConfigurations(half.context, { ...WANTED, confirm: "nacos-x" }),
      failed("NACOS_RESTORE_INCOMPLETE", "the last message"),
    );
    assert.deepEqual(half.said.slice(-2), [COMPARED, PUBLISHED]);
    const early = cluster({ step: "judge", fails: true });
    await assert.rejects(
      restoreConfigurations(early.context, { ...WANTED, confirm: "nacos-x" }),
      failed("NACOS_RESTORE_UNCHANGED", "the last message"),
    );
    const lost = cluster({ step: "judge", fails: true, lost: true, hasNoLog: true });
    await assert.rejects(
      restoreConfigurations(lost.context, { ...WANTED, confirm: "nacos-x" }),
      failed("NACOS_RESTORE_INCOMPLETE", "it left no message"),
    );
    await assert.rejects(
      restoreConfigurations(cluster({ step: "report", fails: true }).context, WANTED),
      failed("NACOS_RESTORE_UNCHANGED"),
    );
  });

  it("has the last message if the log cannot be read", async () => {
    const { context, said } = cluster({ hasNoLog: true });
    await restoreConfigurations(context, WANTED);
    assert.equal(said.at(-2), "the last message");
  });
});
