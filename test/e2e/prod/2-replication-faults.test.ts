import assert from "node:assert/strict";
import * as fs from "node:fs";
import { cgroupOf, processesIn } from "../../../sandbox/cluster/cgroups";
import { run, waitFor } from "../../../sandbox/exec";
import { live, type Live, prod } from "../support/environments";
import { administrate, whileDead } from "../support/mysql";
import { ops, primaryOf, whole } from "../support/ops";

const servers = ["mysql-0", "mysql-1", "mysql-2"];

describe("faults of MySQL's replication in prod @drill", () => {
  let environment: Live;

  before(async () => {
    environment = await live(prod);
  });
  beforeEach(() => whole(environment));
  after(async () => {
    await whole(environment);
    const names = "'beside-errant', 'in-flight'";
    await on(await primaryOf(environment), `DELETE FROM nacos.users WHERE username IN (${names})`);
  });

  const namespaced = (...args: string[]) =>
    environment.kubectl(["--namespace", environment.outputs.namespace, ...args]);
  const mysql = (command: string, ...words: string[]) => ops(environment, "mysql", command, ...words);
  const on = (server: string, statements: string) => administrate(environment, statements, server);
  const insert = (name: string) =>
    `INSERT INTO nacos.users (username, password, enabled) VALUES ('${name}', '-', FALSE)`;
  const has = async (server: string, name: string) =>
    (await on(server, `SELECT COUNT(*) FROM nacos.users WHERE username = '${name}'`)) === "1";

  /** The primary, and the replicas. */
  async function roles(): Promise<[primary: string, one: string, other: string]> {
    const primary = await primaryOf(environment);
    const [one, other] = servers.filter((server) => server !== primary);
    return [primary, one, other];
  }

  it("an errant transaction of a replica that replicates is reported at once, and the other replica is promoted", async () => {
    const [dead, errant, other] = await roles();
    await on(errant, "SET GLOBAL super_read_only = OFF; CREATE DATABASE errant; SET GLOBAL super_read_only = ON");
    await waitFor("status to report it", 30, async () =>
      (await mysql("status").catch(String)).includes("! has 1 errant transaction(s)"),
    );
    await waitFor("the controller to note it", 30, async () =>
      (
        await namespaced(
          "get",
          "lease",
          "mysql-controller",
          "-o",
          "jsonpath={.metadata.annotations.nacos-platform/errant}",
        )
      ).includes(":"),
    );
    await mysql("pause", "--reason", "the test");
    try {
      await on(errant, "STOP REPLICA IO_THREAD"); // only the other one acknowledges from now on
      await on(dead, insert("beside-errant"));
      const said = await whileDead(prod.cluster, environment, [dead], () => mysql("failover"));
      assert.match(said, new RegExp(`${other} is the primary now`));
    } finally {
      await mysql("resume");
    }
    await whole(environment);
    assert.equal(await has(other, "beside-errant"), true);
    assert.equal(await on(errant, "SHOW DATABASES LIKE 'errant'"), ""); // it was cloned again
  });

  it("a transaction that waits for its acknowledgement is not errant: its replica continues, and the commit ends", async () => {
    const [primary, replica, other] = await roles();
    const uuid = await on(replica, "SELECT @@server_uuid");
    await whileDead(prod.cluster, environment, [other], async () => {
      await mysql("pause", "--reason", "the test");
      let committed: Promise<string>;
      try {
        await on(
          replica,
          "STOP REPLICA IO_THREAD; SET GLOBAL rpl_semi_sync_replica_enabled = OFF; START REPLICA IO_THREAD",
        );
        committed = on(primary, insert("in-flight"));
        committed.catch(() => undefined); // awaited below
        await waitFor("the replica to apply it", 60, () => has(replica, "in-flight"));
        assert.equal(await has(primary, "in-flight"), false);
        await namespaced("delete", "pod", replica); // it acknowledges again when it is back, but has this one already
        await waitFor(`${replica} to answer`, 300, () =>
          on(replica, "SELECT 1").then(
            () => true,
            () => false,
          ),
        );
      } finally {
        await mysql("resume");
      }
      await committed;
      assert.equal(await has(primary, "in-flight"), true);
    });
    assert.equal(await on(replica, "SELECT @@server_uuid"), uuid); // it was not cloned
  });

  it("a clone that runs keeps no operator from a switchover", async () => {
    const [before, cloned, other] = await roles();
    const limit = (mibs: number) =>
      Promise.all(servers.map((server) => on(server, `SET GLOBAL clone_max_data_bandwidth = ${mibs}`)));
    await limit(1);
    const rejoined = mysql("rejoin", "--server", cloned);
    rejoined.catch(() => undefined); // awaited below
    try {
      const isCloning = () =>
        on(cloned, "SELECT COUNT(*) FROM performance_schema.clone_status WHERE STATE = 'In Progress'").then(
          (count) => count === "1",
          () => false, // it restarts before and afterwards
        );
      await waitFor("the clone to run", 60, isCloning);
      assert.match(await mysql("switchover"), new RegExp(`${other} is the primary now instead of ${before}`));
      assert.equal(await isCloning(), true);
    } finally {
      await limit(0).catch(() => undefined); // a server that restarts loses it by itself
    }
    await rejoined;
  });

  it("a controller that reaches the API server and no MySQL leaves the failover to the other one", async () => {
    const [dead] = await roles();
    const leader = () => namespaced("get", "lease", "mysql-controller", "-o", "jsonpath={.spec.holderIdentity}");
    const blind = await leader();
    const pid = processesIn(cgroupOf(prod.cluster)).find((each) => {
      const read = (file: string) => fs.readFileSync(`/proc/${each}/${file}`, "utf8").split("\0");
      try {
        return read("cmdline").includes("/code/controller.js") && read("environ").includes(`HOSTNAME=${blind}`);
      } catch {
        return false; // it has ended meanwhile
      }
    });
    assert.ok(pid !== undefined, `no process of ${blind}`);
    const firewall = (rules: string) =>
      run("nsenter", [`--target=${pid}`, "--net", "nft", "-f", "-"], { input: rules });
    await firewall(
      "table ip cut { chain out { type filter hook output priority 0; policy accept; tcp dport 3306 drop; }; }",
    );
    try {
      await whileDead(prod.cluster, environment, [dead], () =>
        waitFor(`another primary than ${dead}`, 120, async () => (await primaryOf(environment)) !== dead),
      );
      assert.notEqual(await leader(), blind);
    } finally {
      await firewall("delete table ip cut");
    }
    await whole(environment);
  });
});
