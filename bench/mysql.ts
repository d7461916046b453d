import * as fs from "node:fs";
import * as path from "node:path";
import { jobFrom, type CronJob } from "../ops/mysql/backup-job";
import { ops, primaryOf, restoredSuffix, whole } from "../test/e2e/support/ops";
import { live, type Live } from "../test/e2e/support/environments";
import { administrate, serverProcess } from "../test/e2e/support/mysql";
import type { Written } from "../test/e2e/support/writer";
import { whileWriting } from "../test/e2e/support/writing";
import { changeSettings } from "../test/e2e/support/stack-file";
import { waitFor } from "../sandbox/exec";
import { requireFreeSpace } from "../sandbox/host/disk";
import { isAlive } from "../sandbox/host/pid-file";
import { stateRoot } from "../sandbox/paths";
import { progress } from "../sandbox/progress";
import { dev, prod } from "./environments";
import { inSeconds, median, ratio, seconds, type Measured } from "./results";

const ROUNDS = 3;
/** The controller waits this long between two failovers. */
const COOL_DOWN_MS = 60_000;

/** How long no write is possible: during a switchover, and after the primary died; in the servers, and as seen by a client in the cluster. */
export async function movingTheWrites(): Promise<Measured[]> {
  const environment = await live(prod);
  const namespaced = (...args: string[]) =>
    environment.kubectl(["--namespace", environment.outputs.namespace, ...args]);
  const [pauses, switched, commands, gaps, silences]: number[][] = [[], [], [], [], []];
  const writing = async (work: () => Promise<void>): Promise<Written> => {
    const written = await whileWriting(prod, environment, work);
    if (written.missing > 0) throw new Error(`${written.missing} acknowledged writes are missing`);
    return written;
  };
  const another = (than: string) =>
    waitFor(`another primary than ${than}`, 60, async () => (await primaryOf(environment)) !== than);
  const coolDown = async (): Promise<void> => {
    await whole(environment);
    await new Promise((resolve) => setTimeout(resolve, COOL_DOWN_MS));
  };
  for (let round = 0; round < ROUNDS; round++) {
    progress(`switchover and failover, round ${round + 1} of ${ROUNDS}`);
    await whole(environment);
    switched.push(
      (
        await writing(async () => {
          pauses.push(Number(/for (\d+) ms/.exec(await ops(environment, "mysql", "switchover"))?.[1]));
        })
      ).longestGapMs,
    );

    // The pod cannot come back before its node is free again.
    await whole(environment);
    const dead = await primaryOf(environment);
    const node = await namespaced("get", "pod", dead, "-o", "jsonpath={.spec.nodeName}");
    await ops(environment, "mysql", "pause");
    await environment.kubectl(["cordon", node]);
    let begun = 0;
    const { gapEndedAt } = await writing(async () => {
      await namespaced("delete", "pod", dead, "--grace-period=0", "--force");
      begun = Date.now();
      await ops(environment, "mysql", "failover");
    });
    commands.push((gapEndedAt - begun) / 1000);
    await environment.kubectl(["uncordon", node]);
    await ops(environment, "mysql", "resume");

    await coolDown();
    const next = await primaryOf(environment);
    gaps.push(
      (
        await writing(async () => {
          await environment.kubectl([
            "cordon",
            await namespaced("get", "pod", next, "-o", "jsonpath={.spec.nodeName}"),
          ]);
          await namespaced("delete", "pod", next, "--grace-period=0", "--force");
          await another(next);
        })
      ).longestGapMs,
    );
    for (const name of (await environment.kubectl(["get", "nodes", "-o", "name"])).trim().split("\n"))
      await environment.kubectl(["uncordon", name]);

    await coolDown();
    const silent = await primaryOf(environment);
    const pid = serverProcess(prod.cluster, silent);
    try {
      silences.push(
        (
          await writing(async () => {
            process.kill(pid, "SIGSTOP"); // it neither answers nor refuses connections
            await another(silent);
          })
        ).longestGapMs,
      );
    } finally {
      if (isAlive(pid)) process.kill(pid, "SIGCONT"); // unless its pod has started another
    }
  }
  const rounds = `median of ${ROUNDS}`;
  return [
    {
      figure: "switchover of MySQL, writes paused",
      value: `${Math.round(median(pauses))} ms`,
      limit: "≤ 1 s",
      how: `from the last commit of the old primary to the first that the new one would accept, ${rounds}`,
    },
    {
      figure: "switchover of MySQL, seen by a client",
      value: inSeconds(median(switched) / 1000),
      limit: "≤ 1 s",
      how: `the longest time between two acknowledged writes of a client in the cluster, which reconnects, ${rounds}`,
    },
    {
      figure: "failover of MySQL by command",
      value: inSeconds(median(commands)),
      limit: "≤ 3 s",
      how: `from the command to the next acknowledged write, seen by a client in the cluster, ${rounds}`,
    },
    {
      figure: "failover of MySQL by the controller",
      value: inSeconds(median(gaps) / 1000),
      limit: "≤ 10 s",
      how: `from the last acknowledged write before the primary's pod is killed to the next one, seen by a client in the cluster, ${rounds}`,
    },
    {
      figure: "failover of MySQL by the controller, from a silent primary",
      value: inSeconds(median(silences) / 1000),
      limit: "≤ 10 s",
      how: `likewise, but the primary neither answers nor refuses, as on a network that is cut, ${rounds}`,
    },
  ];
}

interface PodList {
  items: { status: { initContainerStatuses?: ContainerStatus[]; containerStatuses?: ContainerStatus[] } }[];
}

interface ContainerStatus {
  name: string;
  state: { terminated?: { exitCode: number; startedAt: string; finishedAt: string } };
}

/** Backup and verification compared with plain mysqldump and mysql, on the same data, in the same pod specifications, in turn. */
export async function backupThroughput(gib: number, pairs: number): Promise<Measured[]> {
  requireFreeSpace(stateRoot, 4 * gib, `a backup of ${gib} GiB and its verification`, "XDG_STATE_HOME");
  const environment = await live(dev);
  await makeRoom(environment, 4 * gib);
  await fill(environment, gib);
  const [backup, plainDump, load, plainLoad]: number[][] = [[], [], [], []];
  for (let pair = 0; pair < pairs; pair++) {
    progress(`backup and restore of ${gib} GiB, pair ${pair + 1} of ${pairs}`);
    backup.push(await runSteps(environment, "mysql-backup", ["plan", "dump", "seal"]));
    plainDump.push(await runSteps(environment, "mysql-backup", ["dump"], "plain-dump.sh"));
    load.push(await runSteps(environment, "mysql-verify", ["prove"]));
    plainLoad.push(await runSteps(environment, "mysql-verify", ["prove"], "plain-load.sh"));
  }
  const how = `${gib} GiB of rows that compress by half; the steps' total time in their containers`;
  return [
    {
      figure: `backup of ${gib} GiB, to plain mysqldump`,
      value: ratio(backup, plainDump),
      limit: "≤ 1.2 ×",
      how: `${how}; the backup compresses, counts and checks as well`,
    },
    {
      figure: `restore of ${gib} GiB, to plain mysql`,
      value: ratio(load, plainLoad),
      limit: "≤ 1.2 ×",
      how: `${how}; the verification counts and checks as well`,
    },
  ];
}

/** The whole command on the data that backupThroughput has left, beside the live databases, compared with plain mysql. */
export async function restoreCommand(gib: number, pairs: number): Promise<Measured[]> {
  const environment = await live(dev);
  await ops(environment, "mysql", "backup");
  const [own, plainLoad]: number[][] = [[], []];
  for (let pair = 0; pair < pairs; pair++) {
    progress(`restore command, ${gib} GiB, pair ${pair + 1} of ${pairs}`);
    let said = "";
    own.push(await seconds(async () => (said = await ops(environment, "mysql", "restore"))));
    const suffix = restoredSuffix(said);
    await administrate(environment, `DROP DATABASE bench${suffix}; DROP DATABASE nacos${suffix}`);
    plainLoad.push(await runSteps(environment, "mysql-verify", ["prove"], "plain-load.sh"));
  }
  return [
    {
      figure: `\`ops mysql restore\` of ${gib} GiB, to plain mysql`,
      value: ratio(own, plainLoad),
      limit: "none",
      how: "the whole command, from its start to its end: it fetches the backup, verifies it in a scratch instance, and loads it from there into the primary, with its binary logs",
    },
  ];
}

/** Scratch space on the node for what is restored, also in the quota; the claims' sizes do not limit an embedded cluster's volumes. */
async function makeRoom({ stack }: Live, scratchGiB: number): Promise<void> {
  changeSettings(stack.configFile, (config) => {
    config["nacos-platform:mysql"].backup = { scratchGiB };
    config["nacos-platform:tenancy"] = {
      ...config["nacos-platform:tenancy"],
      quota: { limitsEphemeralStorage: `${2 * scratchGiB + 20}Gi` },
      containerMax: { ephemeralStorage: `${scratchGiB + 1}Gi` },
    };
  });
  await stack.up();
}

/** Rows of 1 KiB, half of it random, and not written to the binary log as well. */
async function fill(environment: Live, gib: number): Promise<void> {
  const unlogged = "SET sql_log_bin = 0";
  await administrate(
    environment,
    `${unlogged}; CREATE DATABASE IF NOT EXISTS bench; DROP TABLE IF EXISTS bench.rows;
    CREATE TABLE bench.rows (id BIGINT PRIMARY KEY AUTO_INCREMENT, noise VARBINARY(512), text VARCHAR(512));
    INSERT INTO bench.rows (noise, text) VALUES (RANDOM_BYTES(512), REPEAT('nacos.', 85))`,
  );
  let rows = 1;
  for (const wanted = gib * 2 ** 20; rows < wanted; rows = Math.min(rows * 2, rows + 2 ** 17)) {
    await administrate(
      environment,
      `${unlogged}; INSERT INTO bench.rows (noise, text) SELECT RANDOM_BYTES(512), text FROM bench.rows LIMIT ${Math.min(rows, 2 ** 17)}`,
    );
  }
}

/** Seconds that steps take in a Job of the CronJob, with another script of scripts/ in their containers if one is given. */
async function runSteps(
  { kubectl, outputs }: Live,
  from: string,
  steps: readonly string[],
  script?: string,
): Promise<number> {
  const namespaced = (args: string[], input?: string) => kubectl(["--namespace", outputs.namespace, ...args], input);
  const cronJob = JSON.parse(await namespaced(["get", "cronjob", from, "-o", "json"])) as CronJob;
  if (script !== undefined) {
    const { initContainers = [], containers } = cronJob.spec.jobTemplate.spec.template.spec;
    const text = fs.readFileSync(path.join(__dirname, "scripts", script), "utf8");
    for (const container of [...initContainers, ...containers].filter(({ name }) => steps.includes(name)))
      Object.assign(container, { command: ["bash", "-c", text] });
  }
  const name = `bench-${Date.now()}`;
  await namespaced(["create", "-f", "-"], JSON.stringify(jobFrom(cronJob, name, {})));
  try {
    for (;;) {
      const {
        items: [pod],
      } = JSON.parse(await namespaced(["get", "pods", "--selector", `job-name=${name}`, "-o", "json"])) as PodList;
      const { initContainerStatuses = [], containerStatuses = [] } =
        (pod as PodList["items"][number] | undefined)?.status ?? {};
      const ended = [...initContainerStatuses, ...containerStatuses].flatMap(({ name: step, state }) =>
        steps.includes(step) && state.terminated !== undefined ? [{ step, ...state.terminated }] : [],
      );
      const failed = ended.find(({ exitCode }) => exitCode !== 0)?.step;
      if (failed !== undefined)
        throw new Error(`${from}, ${failed}: ${await namespaced(["logs", `job/${name}`, "--container", failed])}`);
      if (ended.length === steps.length)
        return (
          ended.reduce((sum, { startedAt, finishedAt }) => sum + Date.parse(finishedAt) - Date.parse(startedAt), 0) /
          1000
        );
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  } finally {
    await namespaced(["delete", "job", name, "--cascade=foreground"]);
  }
}
