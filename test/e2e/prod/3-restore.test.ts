import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { jobFrom, stamp, type CronJob } from "../../../ops/mysql/backup-job";
import { requireCluster } from "../../../sandbox/cluster/cluster";
import { ensureVolumes } from "../../../sandbox/cluster/volumes";
import { waitFor } from "../../../sandbox/exec";
import { objectStoreOf, waitForObjectStore } from "../../../sandbox/object-store";
import { upRefreshed } from "../support/changed";
import { live, Live, prod, refusal } from "../support/environments";
import { deletePersistent, hasPersistent, registerPersistent } from "../support/members";
import { administrate } from "../support/mysql";
import { NacosClient } from "../support/nacos-client";
import { ops, primaryOf, restoredSuffix, whole } from "../support/ops";
import { assertNoSecretIsWritten } from "../support/secrets";

const servers = ["mysql-0", "mysql-1", "mysql-2"];
const members = ["nacos-0", "nacos-1", "nacos-2"];
/** A service that only the servers of Nacos have, on their claims. */
const REGISTERED = "registered";

describe("MySQL's backups in prod", () => {
  let environment: Live;
  /** The stack's folder in the off-site object store. */
  let outside: string;

  before(async () => {
    environment = await live(prod);
    const store = objectStoreOf(requireCluster(prod.cluster));
    outside = path.join(store.data, store.bucket, "nacos-platform", prod.stack);
    await onSchedule(false); // a backup that came between two steps would be the newest
  });

  after(async () => {
    await onSchedule(true);
    await deletePersistent(environment, "nacos-0", REGISTERED);
  });

  const namespaced = (...args: string[]) =>
    environment.kubectl(["--namespace", environment.outputs.namespace, ...args]);
  const onSchedule = (wanted: boolean) =>
    namespaced("patch", "cronjob", "mysql-backup", "--patch", JSON.stringify({ spec: { suspend: !wanted } }));
  const mysql = (command: string, ...words: string[]) => ops(environment, "mysql", command, ...words);
  const sql = async (statements: string) => administrate(environment, statements, await primaryOf(environment));
  const newest = (): string =>
    path.join(outside, "backups", fs.readdirSync(path.join(outside, "backups")).sort().at(-1) ?? "");
  const dump = (): string => path.join(newest(), "dump.sql.zst.bin");
  const logs = (): string[] =>
    fs
      .readdirSync(path.join(outside, "binlogs"), { recursive: true, encoding: "utf8" })
      .filter((file) => /binlog\.\d+/.test(file))
      .map((file) => path.join(outside, "binlogs", file));

  /** Writes a row, and waits until every server's binary log with it is off-site. */
  async function shipped(row: string): Promise<void> {
    await sql(`INSERT INTO ledger.rows VALUES ('${row}')`);
    const written = Date.now();
    // The controller does so every half minute.
    for (const server of servers) await administrate(environment, "FLUSH LOCAL BINARY LOGS", server);
    await waitFor(`the logs with "${row}" to be off-site`, 180, () => {
      const late = logs().filter((file) => fs.statSync(file).mtimeMs > written);
      return new Set(late.map((file) => path.dirname(file))).size === servers.length;
    });
  }

  async function verifyRefusal(): Promise<string> {
    return refusal(mysql("verify"));
  }

  /** The log of a verification that must fail, with other limits than the stack's. */
  async function verificationWithin(limits: Readonly<Record<string, string>>): Promise<string> {
    const cronJob = JSON.parse(await namespaced("get", "cronjob", "mysql-verify", "-o", "json")) as CronJob;
    await environment.kubectl(
      ["--namespace", environment.outputs.namespace, "create", "-f", "-"],
      JSON.stringify(jobFrom(cronJob, "limited", limits)),
    );
    try {
      await namespaced("wait", "--for=condition=Failed", "job/limited", "--timeout=120s");
      return await namespaced("logs", "job/limited", "--container", "verify");
    } finally {
      await namespaced("delete", "job", "limited");
    }
  }

  /** Lets the object store read and delete what a test has written. */
  function giveToStore(file: string): void {
    for (const part of [
      file,
      ...(fs.statSync(file).isDirectory() ? fs.readdirSync(file).map((name) => path.join(file, name)) : []),
    ])
      fs.chownSync(part, 65534, 65534);
  }

  /** Breaks a file or folder of the off-site copy, runs a verification, and puts it back. */
  async function whileBroken(file: string, breakIt: (copy: string) => void, expected: RegExp): Promise<void> {
    const kept = path.join(path.dirname(outside), "kept");
    fs.cpSync(file, kept, { recursive: true, preserveTimestamps: true });
    try {
      breakIt(file);
      assert.match(await verifyRefusal(), expected);
    } finally {
      fs.rmSync(file, { recursive: true, force: true });
      fs.cpSync(kept, file, { recursive: true, preserveTimestamps: true });
      fs.rmSync(kept, { recursive: true });
      giveToStore(file);
    }
  }

  async function metrics(): Promise<string> {
    return namespaced(
      "exec",
      "deployment/mysql-controller",
      "--",
      "node",
      "-e",
      "fetch('http://127.0.0.1:8080/metrics').then((answer) => answer.text()).then(console.log)",
    );
  }

  it("are taken from a replica, and copied off-site", async () => {
    await sql("CREATE DATABASE ledger; CREATE TABLE ledger.rows (word VARCHAR(64) PRIMARY KEY)");
    await sql("INSERT INTO ledger.rows VALUES ('before the backup'); CREATE USER 'leaver'@'localhost'");
    await registerPersistent(environment, "nacos-0", REGISTERED);
    await hasPersistent(environment, members, REGISTERED);
    await whole(environment);
    const said = await mysql("backup");
    assert.match(said, /is complete, on the backup volume and in the object store/);
    assert.doesNotMatch(said, /warning/);
    const job = /Job (\S+) has started/.exec(said)?.[1] ?? "";
    const log = await namespaced("logs", `job/${job}`, "--container", "dump");
    const source = /^backup: dumping from (mysql-\d)\.\S+, a replica$/m.exec(log)?.[1];
    assert.ok(source !== undefined && source !== (await primaryOf(environment)), log);
    assert.ok(fs.existsSync(dump()), "the dump is not off-site");
    assert.doesNotMatch(fs.readFileSync(dump(), "latin1").slice(0, 8), /^\x28\xb5\x2f\xfd/); // zstd's first bytes: it would not be encrypted
  });

  it("are verified to restore, with the binary logs since then", async () => {
    // The logs contain statements about accounts, and a backup contains none.
    await sql("DROP USER 'leaver'@'localhost'");
    await shipped("after the backup");
    const said = await mysql("verify");
    assert.match(said, /restores: \d+ tables, \d+ rows, loaded in \d+ s, with [1-9]\d* transactions of binary logs/);
    assert.match(said, /it has a registry of [1-9]\d* services?, [5-9] persistent instances/);
    console.log(`      ${said.trim().split("\n").at(-1)}`);
    const text = await metrics();
    assert.match(text, /^nacos_platform_mysql_backup_failed 0$/m);
    assert.match(text, /^nacos_platform_mysql_backup_last_registry_timestamp_seconds [1-9]\d+$/m);
    assert.match(text, /^nacos_platform_mysql_verify_last_success_timestamp_seconds [1-9]\d+$/m);
  });

  it("write no secret into any log, output or manifest", () => assertNoSecretIsWritten(environment));

  it("are refused when they are truncated, altered, incomplete or missing @drill", async () => {
    await whileBroken(
      dump(),
      (file) => fs.truncateSync(file, Math.floor(fs.statSync(file).size / 2)),
      /cannot be read; was it altered\?|is truncated/,
    );
    await whileBroken(
      dump(),
      (file) => {
        const bytes = fs.readFileSync(file);
        bytes[Math.floor(bytes.length / 2)] ^= 0xff;
        fs.writeFileSync(file, bytes);
      },
      /cannot be read; was it altered\?/,
    );
    // A copy that was interrupted: the manifest is copied last. Within a backup's deadline it might still be running, so there
    // is no deadline here.
    const unfinished = path.join(outside, "backups", stamp(new Date()));
    fs.cpSync(newest(), unfinished, { recursive: true, filter: (file) => !file.includes("manifest") });
    giveToStore(unfinished);
    try {
      assert.match(
        await verificationWithin({ BACKUP_DEADLINE_SECONDS: "-1" }),
        /the newest backup, \w+ \(object store\), has no manifest: it is incomplete/,
      );
    } finally {
      fs.rmSync(unfinished, { recursive: true });
    }
    await whileBroken(
      path.join(outside, "backups"),
      (folder) => fs.rmSync(folder, { recursive: true }),
      /there is no backup in the object store/,
    );
    assert.match(await metrics(), /^nacos_platform_mysql_verify_failed 1$/m);
  });

  it("are refused when they are older than promised @drill", async () => {
    assert.match(
      await verificationWithin({ MAX_AGE_SECONDS: "1" }),
      /is \d+ minutes old, and may be at most 0 minutes old/,
    );
  });

  it("are refused when a binary log is missing, with the point in time that can be reached @drill", async () => {
    const ofOneTransaction = logs().filter((file) => fs.statSync(file).mtimeMs > fs.statSync(dump()).mtimeMs);
    const kept = ofOneTransaction.map((file) => [file, fs.readFileSync(file), fs.statSync(file)] as const);
    for (const file of ofOneTransaction) fs.rmSync(file);
    await shipped("after the gap");
    try {
      assert.match(await verifyRefusal(), /have a gap: \d+ transactions? in no file/);
    } finally {
      for (const [file, content, { atime, mtime }] of kept) {
        fs.writeFileSync(file, content);
        fs.chownSync(file, 65534, 65534);
        fs.utimesSync(file, atime, mtime);
      }
    }
  });

  it("are made once while the object store is unreachable, which is noticed, and copied by the next run @drill", async () => {
    const scale = (replicas: number) =>
      environment.kubectl([
        "--namespace",
        "object-store",
        "scale",
        "deployment/object-store",
        `--replicas=${replicas}`,
      ]);
    const complete = (): string[] =>
      fs
        .readdirSync(path.join(outside, "backups"))
        .filter((name) => fs.existsSync(path.join(outside, "backups", name, "manifest.json.bin")));
    const before = complete();
    await scale(0);
    try {
      const said = await refusal(mysql("backup"));
      assert.match(said, /was not copied off-site; it is on the backup volume/);
      const job = /Job (\S+) has started/.exec(said)?.[1] ?? "";
      const pods = await namespaced("get", "pods", "--selector", `batch.kubernetes.io/job-name=${job}`, "-o", "name");
      assert.equal(pods.trim().split("\n").length, 1, pods);
      await waitFor("the controller to report every server", 600, async () => {
        const late = (await metrics()).match(
          /^nacos_platform_mysql_binlogs_late_seconds\{server="mysql-\d"\} [4-9]\d\d$/gm,
        );
        return late?.length === servers.length;
      });
      const status = await refusal(mysql("status"));
      for (const server of servers)
        assert.match(status, new RegExp(`! ${server} has not copied all of its binary logs off-site for \\d+ minutes`));
    } finally {
      await scale(1);
    }
    await waitForObjectStore(environment.kubectl);
    await whole(environment);
    await mysql("backup");
    assert.equal(complete().length, before.length + 2);
    assert.match(await mysql("verify"), /restores: /);
  });

  it("are restored beside the live databases @drill", async () => {
    const suffix = restoredSuffix(await mysql("restore"));
    assert.equal(await sql(`SELECT COUNT(*) FROM ledger${suffix}.rows`), "3");
    await sql(`DROP DATABASE ledger${suffix}; DROP DATABASE nacos${suffix}`);
  });

  it("restore to a point in time, exact to the row, after every server and every volume is gone, those of Nacos too @drill", async () => {
    assert.equal(
      (await (await NacosClient.signedIn(environment)).publish("restored", "with-its-configurations")).status,
      200,
    );
    const moment = `${await sql("SELECT DATE_FORMAT(UTC_TIMESTAMP(6), '%Y-%m-%dT%H:%i:%s.%f')")}Z`;
    await shipped("too late");
    const { namespace } = environment.outputs;
    const plan = await mysql("restore", "--to", moment, "--in-place");
    assert.match(
      plan,
      /lost in place: [1-9]\d* transactions that the primary has and the restore lacks \([0-9a-f-]{36}:/,
    );
    assert.match(plan, /Nothing was changed\. .* run the command again with --confirm nacos-prod\./);
    assert.equal(await sql("SELECT COUNT(*) FROM ledger.rows WHERE word = 'too late'"), "1");
    await namespaced("delete", "jobs", "--selector", "app.kubernetes.io/component in (backup, verify, restore)"); // their pods keep the claim in use, even if they have ended
    const pods = [...servers, ...members];
    await namespaced("delete", "pvc", ...pods.map((pod) => `data-${pod}`), "mysql-backups", "--wait=false");
    await namespaced("delete", "pod", ...pods, "--grace-period=0", "--force");
    await ensureVolumes(requireCluster(prod.cluster), environment.kubectl);
    await namespaced("rollout", "status", "statefulset/mysql", "--timeout=300s");
    await waitFor("a primary without data", 300, () =>
      sql("SHOW DATABASES").then(
        (list) => !list.includes("ledger"),
        () => false,
      ),
    );
    await upRefreshed(environment);

    assert.match(
      await refusal(mysql("restore", "--to", moment, "--in-place", "--confirm", "another")),
      /the namespace is nacos-prod: nothing was changed/,
    );
    const said = await mysql("restore", "--to", moment, "--in-place", "--confirm", namespace);
    console.log(`      ${said.trim().split("\n").join("\n      ")}`);
    assert.match(said, /all row counts agree/);
    assert.match(said, /the registry got back \d+:/);
    assert.match(said.trim().split("\n").at(-1) ?? "", /is complete, on the backup volume and in the object store/);
    assert.deepEqual((await sql("SELECT word FROM ledger.rows ORDER BY word")).trim().split("\n"), [
      "after the backup",
      "after the gap",
      "before the backup",
    ]);
    await namespaced("rollout", "status", "statefulset/nacos", "--timeout=300s");
    await hasPersistent(environment, members, REGISTERED, 180);
    const nacos = await NacosClient.signedIn(environment);
    await waitFor(
      "Nacos to serve what was published",
      180,
      async () => (await nacos.read("restored").catch(() => undefined))?.body === "with-its-configurations",
    );
  });

  it("restore one configuration to a point in time, which every server then gives to clients @drill", async () => {
    const { namespace, nacos: deployed } = environment.outputs;
    const nacos = await NacosClient.signedIn(environment);
    for (const dataId of ["timed", "timed-too"]) assert.equal((await nacos.publish(dataId, "v1")).status, 200);
    const moment = `${await sql("SELECT DATE_FORMAT(UTC_TIMESTAMP(6), '%Y-%m-%dT%H:%i:%s.%f')")}Z`;
    for (const dataId of ["timed", "timed-too"]) assert.equal((await nacos.publish(dataId, "v2")).status, 200);
    await shipped("after the configurations");
    const restore = (...words: string[]) =>
      ops(
        environment,
        "nacos",
        "restore",
        "--to",
        moment,
        "--namespace",
        "public",
        "--group",
        "DEFAULT_GROUP",
        ...words,
      );
    assert.match(
      await refusal(restore("--data-id", "timed", "--confirm", "another")),
      /the namespace is nacos-prod: nothing was changed/,
    );
    const said = await restore("--data-id", "timed", "--confirm", namespace);
    console.log(`      ${said.trim().split("\n").join("\n      ")}`);
    assert.match(said, /^public\/DEFAULT_GROUP\/timed: changed, md5 is \w+ and was \w+; last modified .* UTC$/m);
    assert.match(said, /^1 published$/m);
    for (let member = 0; member < deployed.replicas; member++)
      await NacosClient.onMember(environment, `nacos-${member}`, async (client) => {
        await waitFor(`nacos-${member} to serve it`, 30, async () => (await client.read("timed")).body === "v1");
        assert.equal((await client.read("timed-too")).body, "v2", `nacos-${member}`);
      });
    assert.match(await restore("--data-id", "timed"), /^public\/DEFAULT_GROUP\/timed: equal$/m);
  });

  it("are made and restored although a view is broken, across a schema step, after a pod that was evicted half-way @drill", async () => {
    const { namespace } = environment.outputs;
    await sql(
      "CREATE TABLE ledger.gone (i INT); CREATE VIEW ledger.broken AS SELECT i FROM ledger.gone; DROP TABLE ledger.gone",
    );
    await whole(environment);
    assert.match(await mysql("backup"), /warning: the dump lacks 1 broken view \(ledger\.broken\); the manifest has/);
    await sql("DROP TABLE nacos.tenant_capacity");
    await namespaced("delete", "job", "nacos-schema");
    await upRefreshed(environment);
    await shipped("after the schema step");
    assert.match(await mysql("verify"), /restores: .*, without 1 broken view \(ledger\.broken\); /);

    const moment = `${await sql("SELECT DATE_FORMAT(UTC_TIMESTAMP(6), '%Y-%m-%dT%H:%i:%s.%f')")}Z`;
    await shipped("after that moment");
    const restore = () => mysql("restore", "--to", moment, "--in-place", "--confirm", namespace);
    const sessions = async (statement: string): Promise<string> =>
      sql(`SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE '${statement}' AND ID <> CONNECTION_ID()`);
    const reading = "BEGIN; SELECT COUNT(*) FROM ledger.rows; SELECT SLEEP(1800) AS reading";
    const reader = sql(reading).catch(() => undefined); // it keeps the table from being dropped
    await waitFor("the table to be read", 60, async () => (await sessions("%AS reading")) !== "");
    const evicted = refusal(restore());
    try {
      await waitFor(
        "the restore to drop a database",
        600,
        async () => (await sessions("DROP DATABASE%ledger%")) !== "",
        1000,
      );
      const pod = await namespaced(
        ...["get", "pods", "--selector", "app.kubernetes.io/component=restore"],
        ...["--field-selector", "status.phase=Pending", "--output", "jsonpath={.items[0].metadata.name}"],
      );
      const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: pod, namespace } };
      const path = `/api/v1/namespaces/${namespace}/pods/${pod}/eviction`;
      await environment.kubectl(["create", "--raw", path, "--filename", "-"], JSON.stringify(eviction));
      const said = await evicted;
      assert.match(said, /RESTORE_INCOMPLETE/);
      assert.doesNotMatch(said, /nothing was restored/);
      assert.match(said, /Nacos stays stopped/);
    } finally {
      await sql(`KILL ${await sessions("%AS reading")}`);
      await reader;
    }
    assert.equal(await namespaced("get", "statefulset", "nacos", "--output", "jsonpath={.spec.replicas}"), "0");
    await sql(
      "CREATE DATABASE IF NOT EXISTS platform_rehearsal; CREATE TABLE IF NOT EXISTS platform_rehearsal.users (i INT)",
    );

    const said = await restore();
    assert.match(said, /left out: 1 broken view \(ledger\.broken\)/);
    assert.match(said, /all row counts agree/);
    assert.equal(await sql("SELECT COUNT(*) FROM ledger.rows WHERE word LIKE 'after the schema step'"), "1");
    assert.equal(await sql("SELECT COUNT(*) FROM nacos.tenant_capacity"), "0");
    await namespaced("rollout", "status", "statefulset/nacos", "--timeout=300s");
  });

  it("continue afterwards @drill", async () => {
    await whole(environment);
    assert.match(await mysql("verify"), /restores: /);
    await sql("DROP DATABASE ledger");
  });
});
