import assert from "node:assert/strict";
import { Reconciler, type Findings } from "../../../../runtime/mysql-controller/reconcile";
import { following, serverSet, type FakeSet } from "../../../support/fake-mysql";

const pass = (set: FakeSet): Promise<Findings> => new Reconciler(set.topology, false).pass();
const well = { primary: "mysql-0", seen: 2, isOfUse: true, primaryLost: undefined, problems: [] };

describe("the account of a replica", () => {
  it("is not changed in the pass in which another replica is cloned", async () => {
    const set = serverSet(3);
    for (const server of set.servers.slice(1)) server.replica = following("mysql-0", { user: "control" });
    await new Reconciler(set.topology, false).pass("mysql-1");
    assert.equal(set.servers[2].replica?.user, "control");
  });

  it("is the replication account as soon as the primary has it, and until then the controller's", async () => {
    for (const [knows, user] of [
      [["it's", "it's own"], "replica"],
      [["it's own"], "control"],
    ] as const) {
      const set = serverSet(2);
      set.servers[0].knows = [...knows];
      set.servers[1].replica = following("mysql-0", { user: "control" });
      assert.deepEqual(await pass(set), well);
      assert.equal(set.servers[1].replica.user, user);
    }
  });

  it("is changed only while enough others are connected to acknowledge commits", async () => {
    const users = (set: FakeSet) => set.servers.slice(1).map(({ replica }) => replica?.user);
    const set = serverSet(3);
    for (const server of set.servers.slice(1)) server.replica = following("mysql-0", { user: "control" });
    await pass(set);
    assert.deepEqual(users(set), ["replica", "control"]);
    set.servers[1].replica = following("mysql-0", { connected: false }); // it has not come back yet
    await pass(set);
    assert.deepEqual(users(set), ["replica", "control"]);
    set.servers[1].replica = following("mysql-0");
    await pass(set);
    assert.deepEqual(users(set), ["replica", "replica"]);
  });

  it("is another if it was refused, which is reported", async () => {
    const set = serverSet(2);
    set.servers[0].knows = ["it's own"];
    set.servers[1].replica = following("mysql-0", {
      connected: false,
      receiveError: { code: 13120, message: "no privilege" },
    });
    assert.deepEqual((await pass(set)).problems, ["mysql-1 is not connected to mysql-0: no privilege"]);
    assert.deepEqual(set.servers[1].statements, [
      "STOP REPLICA IO_THREAD",
      "START REPLICA IO_THREAD USER = 'control' PASSWORD = 'it\\'s own'",
    ]);
  });
});
