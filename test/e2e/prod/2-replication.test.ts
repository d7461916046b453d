import assert from "node:assert/strict";
import { requireCluster } from "../../../sandbox/cluster/cluster";
import { Place } from "../../../sandbox/cluster/place";
import { clusterUp } from "../../../sandbox/cluster/up";
import { loadSession } from "../../../sandbox/commands/session";
import { run, waitFor } from "../../../sandbox/exec";
import { upRefreshed } from "../support/changed";
import { live, Live, prod, refusal } from "../support/environments";
import { wholeMembership } from "../support/members";
import { administrate, serverProcess, whileDead } from "../support/mysql";
import { ops, primaryOf, whole } from "../support/ops";
import { whileWriting } from "../support/writing";

const servers = ["mysql-0", "mysql-1", "mysql-2"];

describe("MySQL's replication in prod", () => {
  let environment: Live;

  before(async () => {
    environment = await live(prod);
  });

  const namespaced = (...args: string[]) =>
    environment.kubectl(["--namespace", environment.outputs.namespace, ...args]);

  const mysql = (command: string, ...words: string[]) => ops(environment, "mysql", command, ...words);
  const primary = () => primaryOf(environment);

  async function another(than: string): Promise<string> {
    await waitFor(`another primary than ${than}`, 120, async () => (await primary()) !== than);
    return primary();
  }

  const nodeOf = (pod: string) => namespaced("get", "pod", pod, "-o", "jsonpath={.spec.nodeName}");
  const nodeOfDns = () =>
    environment.kubectl([
      "--namespace",
      "kube-system",
      "get",
      "pods",
      "--selector",
      "k8s-app=kube-dns",
      "-o",
      "jsonpath={.items[*].spec.nodeName}",
    ]);

  const mysqld = (pod: string) => serverProcess(prod.cluster, pod);

  /** Cuts a pod off from all others; its node still reaches it. */
  function firewall(pid: number, action: "add" | "delete"): Promise<string> {
    const chain = (name: string, hook: string, side: string) =>
      `chain ${name} { type filter hook ${hook} priority 0; policy drop; ${side} lo accept; }`;
    const rules =
      action === "add"
        ? `table ip cut {\n${chain("in", "input", "iif")}\n${chain("out", "output", "oif")}\n}`
        : "delete table ip cut";
    return run("nsenter", [`--target=${pid}`, "--net", "nft", "-f", "-"], { input: rules });
  }

  it("has one primary and two replicas, and status shows them", async () => {
    await whole(environment);
    const status = await mysql("status");
    assert.match(status, new RegExp(`${await primary()} +primary +writable`));
    assert.equal(status.match(/replica +replicates from /g)?.length, 2, status);
  });

  it("refuses every table that a clone would empty", async () => {
    const source = await primary();
    const engines = await administrate(
      environment,
      "SELECT ENGINE FROM information_schema.ENGINES WHERE SUPPORT = 'YES' AND ENGINE NOT IN ('InnoDB', 'PERFORMANCE_SCHEMA')",
      source,
    );
    assert.match(engines, /^MyISAM$/m);
    for (const engine of engines.split("\n"))
      assert.match(
        await refusal(
          administrate(environment, `CREATE TABLE nacos.emptied (i INT NOT NULL) ENGINE = ${engine}`, source),
        ),
        /ERROR 3161 .*is disabled/,
      );
  });

  it("uses the account that Pulumi creates, and the controller's while that account is refused", async () => {
    const source = await primary();
    const sends = "FROM performance_schema.processlist WHERE COMMAND LIKE 'Binlog Dump%'";
    const as = (user: string) =>
      waitFor(
        `two replicas that replicate as ${user}`,
        60,
        async () => (await administrate(environment, `SELECT USER ${sends}`, source)) === `${user}\n${user}`,
      );
    await as("replica");
    await administrate(environment, "SET sql_log_bin = 0; ALTER USER replica ACCOUNT LOCK", source);
    try {
      for (const id of (await administrate(environment, `SELECT ID ${sends}`, source)).split("\n"))
        await administrate(environment, `KILL ${id}`, source);
      await as("platform_control");
    } finally {
      await administrate(environment, "SET sql_log_bin = 0; ALTER USER replica ACCOUNT UNLOCK", source);
    }
    await as("replica");
    await whole(environment);
  });

  it("has metrics of every server, read by an account that may log in", async () => {
    const question = "exec 3<>/dev/tcp/127.0.0.1/9104; printf 'GET /metrics HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3";
    for (const server of servers) {
      assert.match(
        await namespaced("exec", server, "--container", "mysql", "--", "bash", "-c", question),
        /^mysql_up 1$/m,
        server,
      );
    }
  });

  it("switches over to a replica with a short pause, without losing a write", async () => {
    const before = await primary();
    const written = await whileWriting(prod, environment, async () => {
      assert.match(await mysql("switchover"), /is the primary now instead of .* nobody could write for \d+ ms/);
    });
    assert.notEqual(await primary(), before);
    assert.equal(written.missing, 0, JSON.stringify(written));
    assert.ok(written.acknowledged > 100, JSON.stringify(written));
    console.log(`      switchover: ${JSON.stringify(written)}`);
  });

  it("is not undone by the next update", async () => {
    const before = await primary();
    const update = () => upRefreshed(environment);
    // If somebody has scaled or restarted a StatefulSet meanwhile, the update waits for it again, and does nothing else.
    const changed = [...(await update()).matchAll(/^ .*?([\w-]+) (?:created|updated|replaced|deleted) \(/gm)].map(
      ([, name]) => name,
    );
    assert.deepEqual(
      changed.filter((name) => !["mysql-rollout", "nacos-rollout"].includes(name)),
      [],
    );
    assert.match(await update(), /Resources:\n\s+\d+ unchanged\n/);
    assert.equal(await primary(), before);
  });

  it("fails over by itself when the primary is killed, and soon after when the next one's node dies, without losing a write", async () => {
    await whole(environment);
    const killPod = (dead: string) => whileDead(prod.cluster, environment, [dead], () => another(dead)); // or it might be back before it counts as dead
    const killNode = (dead: string, node: string) => {
      process.kill(new Place(requireCluster(prod.cluster), node).holder ?? 0, "SIGKILL");
      return another(dead);
    };
    for (const [what, kill] of [
      ["pod", killPod],
      ["node", killNode],
    ] as const) {
      // If there is one DNS server only, its node must not be lost together with the primary's.
      if ((await nodeOf(await primary())) === (await nodeOfDns())) await mysql("switchover");
      const dead = await primary();
      const node = await nodeOf(dead);
      const written = await whileWriting(prod, environment, async () => void (await kill(dead, node)), node);
      console.log(`      failover, ${what}: ${JSON.stringify(written)}`);
      assert.equal(written.missing, 0, JSON.stringify(written));
      if (what === "pod") await whole(environment);
    }
    const { binaries, images } = loadSession(requireCluster(prod.cluster));
    await clusterUp(requireCluster(prod.cluster), binaries, images);
    await whole(environment);
    await namespaced("rollout", "status", "statefulset/nacos", "--timeout=300s");
    await wholeMembership(environment, ["nacos-0", "nacos-1", "nacos-2"]);
  });

  it("gives a server that has lost its volume a clone of the others @drill", async () => {
    const lost = servers.find((server) => server !== "mysql-0") ?? "";
    await namespaced("delete", "pvc", `data-${lost}`, "--wait=false");
    await namespaced("delete", "pod", lost, "--grace-period=0", "--force");
    await waitFor(
      `${lost} to be another`,
      120,
      async () =>
        (await namespaced("get", "pod", lost, "-o", "jsonpath={.status.phase}").catch(() => "")) === "Running",
    );
    await whole(environment);
    const logs = await namespaced("logs", "--selector", "app.kubernetes.io/component=controller", "--tail=-1");
    assert.match(logs, new RegExp(`${lost} is empty: cloning it`));
  });

  it("fences a primary that is cut off, and reports and keeps its late transactions @drill", async () => {
    const cut = await primary();
    await mysql("pause", "--reason", "the test");
    const pid = mysqld(cut);
    const inside = (statement: string) => administrate(environment, statement, cut);
    const waiting = () =>
      inside(
        "SELECT VARIABLE_VALUE FROM performance_schema.global_status WHERE VARIABLE_NAME = 'Rpl_semi_sync_source_wait_sessions'",
      );
    try {
      const written = await whileWriting(prod, environment, async () => {
        await firewall(pid, "add");
        await waitFor(
          `the others to miss ${cut}`,
          60,
          async () => !(await mysql("status").catch(String)).includes(`replicates from ${cut}`),
        );
        // Commits that get no acknowledgement, by an account with all privileges: two, because the second waits behind the first.
        const late = [1, 2].map((row) =>
          refusal(inside(`INSERT INTO nacos.users (username, password, enabled) VALUES ('late-${row}', '-', FALSE)`)),
        );
        await waitFor("commits to wait", 60, async () => (await waiting()) !== "0");
        assert.match(await refusal(mysql("switchover")), /refused: /);
        assert.match(await mysql("failover"), /is the primary now/);
        for (const answer of await Promise.all(late)) assert.match(answer, /Lost connection/);
        assert.equal(await waiting(), "0");
      });
      console.log(`      cut off: ${JSON.stringify(written)}`);
      assert.equal(written.missing, 0, JSON.stringify(written));
      assert.notEqual(await primary(), cut);
    } finally {
      await firewall(pid, "delete");
      await mysql("resume");
    }
    await whole(environment);
    const logs = await namespaced("logs", "--selector", "app.kubernetes.io/component=controller", "--tail=-1");
    assert.match(
      logs,
      new RegExp(`${cut} has \\d+ transaction\\(s\\) that mysql-\\d lacks .*: cloning it .*its old logs are kept`),
    );
    assert.match(
      await namespaced("exec", cut, "--container", "mysql", "--", "find", "/var/lib/mysql/kept", "-name", "binlog.*"),
      /kept\/\w+\/binlog\.\d+/,
    );
    assert.equal(
      await administrate(environment, "SELECT COUNT(*) FROM nacos.users WHERE username LIKE 'late-%'", await primary()),
      "0",
    );
  });

  it("keeps what replicas have acknowledged and not yet applied when all servers die at once @drill", async () => {
    await whole(environment);
    const dead = await primary();
    const node = await nodeOf(dead);
    await mysql("pause", "--reason", "the test");
    try {
      for (const replica of servers.filter((server) => server !== dead))
        await administrate(environment, "STOP REPLICA SQL_THREAD", replica);
      await administrate(
        environment,
        "INSERT INTO nacos.users (username, password, enabled) VALUES ('acknowledged', '-', FALSE)",
        dead,
      );
      await environment.kubectl(["cordon", node]); // it stays down
      for (const pid of servers.map(mysqld)) process.kill(pid, "SIGKILL");
      await namespaced("delete", "pod", dead, "--grace-period=0", "--force");
      await waitFor("the others to be back", 120, () =>
        mysql("failover").then(
          () => true,
          () => false,
        ),
      );
      assert.notEqual(await primary(), dead);
      assert.equal(
        await administrate(
          environment,
          "SELECT COUNT(*) FROM nacos.users WHERE username = 'acknowledged'",
          await primary(),
        ),
        "1",
      );
    } finally {
      await environment.kubectl(["uncordon", node]);
      await mysql("resume");
    }
    await whole(environment);
  });

  it("keeps the relay logs of a server whose transactions an operator gives up @drill", async () => {
    await whole(environment);
    const dead = await primary();
    const [winner, ahead] = servers.filter((server) => server !== dead);
    await mysql("pause", "--reason", "the test");
    try {
      await administrate(environment, "STOP REPLICA IO_THREAD", winner);
      await administrate(environment, "STOP REPLICA SQL_THREAD", ahead); // what it receives from now on is in its relay logs only
      await administrate(
        environment,
        "INSERT INTO nacos.users (username, password, enabled) VALUES ('given-up', '-', FALSE)",
        dead,
      );
      const said = await whileDead(prod.cluster, environment, [dead], () => mysql("failover", "--server", winner));
      assert.match(
        said,
        new RegExp(`${winner} is chosen by the operator, without \\d+ transaction\\(s\\) that ${ahead} has`),
      );
      assert.equal(await primary(), winner);
    } finally {
      await mysql("resume");
    }
    await whole(environment);
    assert.match(
      await namespaced("exec", ahead, "--container", "mysql", "--", "grep", "-rl", "given-up", "/var/lib/mysql/kept"),
      /kept\/\w+\/relay\.\d+/,
    );
    assert.equal(
      await administrate(environment, "SELECT COUNT(*) FROM nacos.users WHERE username = 'given-up'", await primary()),
      "0",
    );
  });

  it("leaves the decision to an operator if no server has every transaction, and never continues without a majority @drill", async () => {
    await whole(environment);
    const dead = await primary();
    const [winner, other] = servers.filter((server) => server !== dead);
    const count = (name: string) =>
      primary().then((server) =>
        administrate(environment, `SELECT COUNT(*) FROM nacos.users WHERE username = '${name}'`, server),
      );
    await mysql("pause", "--reason", "the test");
    try {
      assert.match(
        await whileDead(prod.cluster, environment, [dead, other], () => refusal(mysql("failover"))),
        /must answer, so that one of them certainly has every acknowledged transaction, and only 1 do\(es\)/,
      );
      for (const server of [dead, other])
        await waitFor(`${server} to answer`, 300, () =>
          administrate(environment, "SELECT 1", server).then(
            () => true,
            () => false,
          ),
        );
      await mysql("resume");
      await whole(environment);
      await mysql("pause", "--reason", "the test");
      assert.equal(await primary(), dead);
      // Errant transactions on each, as after a network that was cut more than once.
      for (const server of [winner, other]) {
        await administrate(
          environment,
          `STOP REPLICA; SET GLOBAL super_read_only = OFF; INSERT INTO nacos.users (username, password, enabled) VALUES ('only-${server}', '-', FALSE); SET GLOBAL super_read_only = ON; START REPLICA`,
          server,
        );
      }
      await whileDead(prod.cluster, environment, [dead], async () => {
        assert.match(
          await refusal(mysql("failover")),
          /no server has every transaction: .*Decide which server becomes the primary: `failover --server SERVER` promotes it/,
        );
        assert.equal(await primary(), dead);
        await mysql("failover", "--server", winner);
      });
    } finally {
      await mysql("resume");
    }
    await whole(environment);
    assert.deepEqual(
      [await primary(), await count(`only-${winner}`), await count(`only-${other}`)],
      [winner, "1", "0"],
    );
    assert.match(
      await namespaced(
        "exec",
        other,
        "--container",
        "mysql",
        "--",
        "grep",
        "-rl",
        `only-${other}`,
        "/var/lib/mysql/kept",
      ),
      /kept\/\w+\/binlog\.\d+/,
    );
    await administrate(environment, "DELETE FROM nacos.users WHERE username LIKE 'only-%'", await primary());
  });

  it("clones a server again if an operator names it", async () => {
    await whole(environment);
    const leads = await primary();
    const replica = servers.find((server) => server !== leads) ?? "";
    const identity = () => administrate(environment, "SELECT @@server_uuid", replica);
    const before = await identity();
    assert.match(
      await mysql("rejoin", "--server", replica),
      new RegExp(`${replica} replicates from ${leads} on a new copy of the data`),
    );
    assert.notEqual(await identity(), before);
  });

  it("refuses what it cannot do safely, and says why", async () => {
    await whole(environment);
    assert.match(await refusal(mysql("failover")), /is not dead: it answers/);
    assert.match(
      await refusal(mysql("switchover", "--server", "mysql-7")),
      /there is no server mysql-7; there are mysql-0, mysql-1, mysql-2/,
    );
    assert.match(await refusal(mysql("switchover", "--server", await primary())), /is the primary already/);
    assert.match(
      await refusal(mysql("rejoin", "--server", await primary())),
      /is the primary: the others replicate from it/,
    );
  });
});
