import assert from "node:assert/strict";
import { Reconciler } from "../../../../runtime/mysql-controller/reconcile";
import { useClock } from "../../../support/clock";
import { gtids, letters, serverSet, UUID, type FakeSet } from "../../../support/fake-mysql";

/** A set that has just started, of which only these servers answer. */
function started(
  count: number,
  answering: readonly number[],
  semiSync: "required" | "preferred" = "required",
): FakeSet {
  const set = serverSet(count);
  Object.assign(set.topology, { semiSync });
  for (const [ordinal, server] of set.servers.entries())
    Object.assign(server, {
      writable: false,
      waitsForReplicas: false,
      replica: undefined,
      up: answering.includes(ordinal),
    });
  return set;
}

describe("a primary that has started", () => {
  const clock = useClock();

  /** After how many seconds it becomes writable; Infinity if not within minutes. */
  async function writableAfter(set: FakeSet): Promise<number> {
    const reconciler = new Reconciler(set.topology, true);
    for (let second = 0; second < 300; second++) {
      const { isOfUse, primaryLost } = await reconciler.pass();
      assert.deepEqual([isOfUse, primaryLost], [true, undefined]); // nobody fails over meanwhile
      if (set.servers[0].writable) return second;
      clock.pass(1000);
    }
    return Infinity;
  }

  for (const [what, count, answering, semiSync, expected] of [
    ["at once if all others answer", 3, [0, 1, 2], "required", 0],
    ["at once if so many answer that one has every acknowledged transaction", 5, [0, 1, 2, 3], "required", 0],
    ["after half a minute if fewer answer, but enough to acknowledge", 3, [0, 1], "required", 30],
    ["not while too few answer to acknowledge", 3, [0], "required", Infinity],
    ["not while too few answer to acknowledge", 5, [0, 1], "required", Infinity],
    ["after half a minute if none answers, and none has to", 2, [0], "preferred", 30],
    ["at once if there is no other", 1, [0], "required", 0],
  ] as const)
    it(`becomes writable ${what} (${answering.length} of ${count})`, async () => {
      assert.equal(await writableAfter(started(count, answering, semiSync)), expected);
    });

  it("says what it waits for", async () => {
    for (const [answering, end] of [
      [[0, 1], "up to 30 s"],
      [[0], "1 to answer"],
    ] as const) {
      const { problems } = await new Reconciler(started(3, answering).topology, true).pass();
      assert.equal(
        problems.at(-1),
        `mysql-0 has started, and ${3 - answering.length} server(s) cannot be asked whether they have more than it has: waiting for ${end}`,
      );
    }
  });

  it("with old data is not promoted before the servers with newer data start, and they are not cloned from it", async () => {
    const set = started(3, [0]);
    const [primary, ...others] = set.servers;
    const state = primary.state.bind(primary);
    primary.state = async () => ({ ...(await state()), uuid: UUID.a });
    for (const server of others) server.executed = gtids("a:1-9");
    const reconciler = new Reconciler(set.topology, true);
    for (let second = 0; second < 120; second++, clock.pass(1000)) await reconciler.pass();
    for (const server of others) server.up = true;
    const { primaryLost } = await reconciler.pass();
    assert.equal(primaryLost, "mysql-0 lacks transactions that it wrote itself and mysql-1 has: its data are old");
    assert.deepEqual(set.journal, []);
  });

  it("does not count a server without data as one that has nothing more", async () => {
    const set = started(5, [0, 1, 2, 3]);
    set.servers[1].executed = gtids("");
    assert.equal(await writableAfter(set), 30);
  });

  it("with old data that was promoted all the same has no server cloned that has what it wrote itself", async () => {
    const set = serverSet(2);
    const [primary, server] = set.servers;
    const state = primary.state.bind(primary);
    primary.state = async () => ({ ...(await state()), uuid: UUID.a });
    Object.assign(server, { executed: gtids("a:1-9"), replica: undefined });
    const { problems } = await new Reconciler(set.topology, true).pass();
    assert.deepEqual(problems.map(letters), [
      "mysql-1 has 4 transaction(s) that mysql-0 lacks (a:6-9) and wrote itself: the data of mysql-0 are old, and clients may know of these transactions. mysql-1 does not replicate; `rejoin --server mysql-1` gives them up",
    ]);
    assert.deepEqual([server.statements, set.notes.errant], [[], undefined]);
  });
});
