import assert from "node:assert/strict";
import { LogRotation } from "../../../../runtime/mysql-controller/log-rotation";
import { following, gtids, serverSet } from "../../../support/fake-mysql";

const CLOSED = ["mysql-0: FLUSH LOCAL BINARY LOGS", "mysql-1: FLUSH LOCAL BINARY LOGS"];

describe("the rotation of binary logs", () => {
  const {
    journal,
    servers: [one, other],
  } = serverSet(2);
  const rotation = new LogRotation([one, other], 30);
  const pass = async (second: number) => {
    journal.length = 0;
    return [await rotation.pass(second * 1000), [...journal]];
  };

  it("closes every server's log, each only locally", async () => {
    assert.deepEqual(await pass(100), [[], CLOSED]);
  });

  it("waits until it is due, whatever is written", async () => {
    one.executed = gtids("a:1-6");
    assert.deepEqual(await pass(129), [[], []]);
  });

  it("does not close the log of a server without new transactions", async () => {
    assert.deepEqual(await pass(130), [[], [CLOSED[0]]]);
  });

  it("names a server that fails, continues with the others, and tries that server again", async () => {
    one.executed = other.executed = gtids("a:1-7");
    one.up = false;
    assert.deepEqual(await pass(160), [
      ["the binary log of mysql-0 was not closed: Error: connect ECONNREFUSED"],
      [CLOSED[1]],
    ]);
    one.up = true;
    assert.deepEqual((await pass(170))[0], ["the binary log of mysql-0 was not closed: Error: connect ECONNREFUSED"]);
    assert.deepEqual(await pass(190), [[], [CLOSED[0]]]);
  });

  it("does not begin while commits wait for replicas: it would wait with them", async () => {
    one.executed = gtids("a:1-8");
    one.clients = [7];
    other.replica = following("mysql-0", { connected: false });
    const commit = one.commit(7);
    assert.deepEqual(await pass(220), [
      ["the binary log of mysql-0 was not closed: Error: commits wait for replicas"],
      [],
    ]);
    other.reconnect();
    await commit;
    assert.deepEqual(await pass(250), [[], CLOSED]);
  });
});
