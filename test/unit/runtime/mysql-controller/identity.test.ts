import assert from "node:assert/strict";
import { Reconciler } from "../../../../runtime/mysql-controller/reconcile";
import { WrongServerError } from "../../../../runtime/mysql-controller/server";
import { following, serverSet } from "../../../support/fake-mysql";

// Server itself is tested with a real server of MySQL: test/contract/mysql-server/identity.ts.
describe("a name that leads to another server", () => {
  it("counts as a server that does not answer, says where it leads, and nothing is changed there", async () => {
    const set = serverSet(3);
    set.servers[0].state = () => Promise.reject(new WrongServerError("the address of mysql-0 leads to mysql-1"));
    for (const server of set.servers.slice(1)) server.replica = following("mysql-0", { connected: false });
    const { problems, primaryLost, seen } = await new Reconciler(set.topology, true).pass();
    assert.deepEqual(problems, ["mysql-0 does not answer: the address of mysql-0 leads to mysql-1"]);
    assert.deepEqual([primaryLost, seen, set.journal], ["mysql-0 does not answer", 2, []]);
  });

  it("makes no replica a witness that the primary lives", async () => {
    const set = serverSet(3);
    set.servers[0].up = false;
    const { uuid } = set.servers[2];
    set.servers[1].replica = following("mysql-0", { sourceUuid: uuid });
    set.servers[2].replica = following("mysql-0", { connected: false });
    assert.equal((await new Reconciler(set.topology, true).pass()).primaryLost, "mysql-0 does not answer");
  });

  it("is looked up again by a replica that it has led to another server", async () => {
    const set = serverSet(3);
    const [primary, replica, other] = set.servers;
    replica.replica = following("mysql-0", { sourceUuid: other.uuid });
    const reconciler = new Reconciler(set.topology, true);
    assert.deepEqual((await reconciler.pass()).problems, [
      `mysql-1 was connected to another server than mysql-0 (${other.uuid}); it connects again`,
    ]);
    assert.deepEqual(set.journal, ["mysql-1: STOP REPLICA IO_THREAD", "mysql-1: START REPLICA"]);
    assert.deepEqual([replica.replica.sourceUuid, (await reconciler.pass()).problems], [primary.uuid, []]);
  });
});
