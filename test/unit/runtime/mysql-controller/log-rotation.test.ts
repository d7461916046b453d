import assert from "node:assert/strict";
import { LogRotation } from "../../../../runtime/mysql-controller/log-rotation";
import type { Server } from "../../../../runtime/mysql-controller/server";

/** A server of which only the transactions matter. */
function server(name: string, journal: string[]) {
  const fake = {
    name,
    executed: "a:1",
    stuck: 0,
    fails: false,
    query: () => (fake.fails ? Promise.reject(new Error("gone")) : Promise.resolve([{ executed: fake.executed, stuck: fake.stuck }])),
    run: (statement: string) => Promise.resolve(void journal.push(`${name}: ${statement}`)),
  };
  return fake;
}

describe("the rotation of binary logs", () => {
  const journal: string[] = [];
  const [one, other] = [server("one", journal), server("other", journal)];
  const rotation = new LogRotation([one, other] as unknown as Server[], 30);
  const pass = async (second: number) => {
    journal.length = 0;
    return [await rotation.pass(second * 1000), [...journal]];
  };

  it("closes every server's log, each only locally", async () => {
    assert.deepEqual(await pass(100), [[], ["one: FLUSH LOCAL BINARY LOGS", "other: FLUSH LOCAL BINARY LOGS"]]);
  });

  it("waits until it is due, whatever is written", async () => {
    one.executed = "a:1-2";
    assert.deepEqual(await pass(129), [[], []]);
  });

  it("does not close the log of a server without new transactions", async () => {
    assert.deepEqual(await pass(130), [[], ["one: FLUSH LOCAL BINARY LOGS"]]);
  });

  it("names a server that fails, continues with the others, and tries that server again", async () => {
    [one.executed, other.executed, one.fails] = ["a:1-3", "a:1-3", true];
    assert.deepEqual(await pass(160), [["the binary log of one was not closed: Error: gone"], ["other: FLUSH LOCAL BINARY LOGS"]]);
    one.fails = false;
    assert.deepEqual((await pass(170))[0], ["the binary log of one was not closed: Error: gone"]);
    assert.deepEqual(await pass(190), [[], ["one: FLUSH LOCAL BINARY LOGS"]]);
  });

  it("does not begin while commits wait for replicas: it would wait with them", async () => {
    [one.executed, one.stuck] = ["a:1-4", 2];
    assert.deepEqual(await pass(220), [["the binary log of one was not closed: Error: commits wait for replicas"], []]);
    one.stuck = 0;
    assert.deepEqual(await pass(250), [[], ["one: FLUSH LOCAL BINARY LOGS"]]);
  });
});
