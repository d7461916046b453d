import assert from "node:assert/strict";
import type { Server } from "../../../../runtime/nacos-members/cluster";
import { isUneven, Spread, surplus } from "../../../../runtime/nacos-members/spread";

describe("The spread of clients over servers", () => {
  it("is uneven if one server has over a third more than another, except for a few", () => {
    assert.equal(isUneven([30, 30, 0]), true);
    assert.equal(isUneven([12, 9, 9]), false);
    assert.equal(isUneven([100, 66]), true);
    assert.equal(isUneven([100, 67]), false);
    assert.equal(isUneven([5, 0, 0]), false);
    assert.equal(isUneven([0, 0]), false);
  });

  it("takes from each server what it has over the mean, and as many as come back", () => {
    assert.deepEqual(surplus([0, 22, 44]), [0, 0, 33]);
    assert.deepEqual(surplus([30, 0, 0]), [30, 0, 0]);
    assert.deepEqual(surplus([0, 20, 20, 0]), [0, 13, 13, 0]);
    assert.deepEqual(surplus([20, 20]), [0, 0]);
  });

  describe("is evened out", () => {
    let now: number;
    let counts: (number | undefined)[];
    /** How many connections of each server can move. */
    let movable: number;
    let asked: number[];
    let moved: { at: number; from: string }[];
    let isCalm: boolean;
    let spread: Spread;
    const hosts = ["nacos-0", "nacos-1", "nacos-2"];

    beforeEach(() => {
      now = 0;
      counts = [30, 0, 0];
      movable = 1000;
      asked = [];
      moved = [];
      isCalm = true;
      spread = new Spread({
        serverOf: (from): Server =>
          ({
            clients: () => {
              asked.push(now);
              const known = hosts.flatMap((host, at) =>
                counts[at] === undefined ? [] : [[host, counts[at]] as const],
              );
              return Promise.resolve(new Map(known));
            },
            movable: () => Promise.resolve(Array.from({ length: movable }, (_, number) => `client-${number}`)),
            moveClient: () => {
              moved.push({ at: now, from });
              return Promise.resolve();
            },
          }) as Partial<Server> as Server,
        isCalm: () => Promise.resolve(isCalm),
        log: () => undefined,
        now: () => now,
      });
    });

    /** The times at which clients were moved. */
    const times = () => [...new Set(moved.map(({ at }) => at))];

    async function until(end: number): Promise<void> {
      for (; now <= end; now += 2000) await spread.pass(hosts);
    }

    it("step by step, as long as it changes", async () => {
      await until(9000);
      assert.deepEqual(times(), [0]);
      assert.deepEqual(
        moved.map(({ from }) => from),
        Array<string>(30).fill("nacos-0"),
      );
      counts = [11, 19, 0];
      await until(19_000);
      assert.deepEqual(times(), [0, 10_000]);
      counts = [11, 10, 9];
      await until(100_000);
      assert.deepEqual(times(), [0, 10_000]);
    });

    it("ever more rarely if it does not help", async () => {
      await until(400_000);
      const steps = (first: number) => Array.from({ length: 10 }, (_, step) => first + step * 10_000);
      assert.deepEqual(times(), [...steps(0), ...steps(150_000), ...steps(360_000).slice(0, 5)]);
      now = 40_000_000;
      await until(now + 10 * 600_000);
      assert.ok(times().filter((at) => at > 40_000_000).length < 100, "with a rest of ten minutes in the end");
    });

    it("from the beginning when there are other servers", async () => {
      await until(140_000);
      hosts.push("nacos-3");
      counts = [30, 0, 0, 0];
      await until(142_000);
      hosts.pop();
      assert.equal(times().at(-1), 142_000);
    });

    it("not while a server does not serve clients, or is about to end", async () => {
      isCalm = false;
      await until(100_000);
      assert.deepEqual(moved, []);
    });

    it("as far as clients can move", async () => {
      movable = 4;
      await until(9000);
      assert.equal(moved.length, 4);
    });

    it("not while a server does not say how many it has", async () => {
      counts = [30, undefined, 0];
      await until(100_000);
      assert.deepEqual(moved, []);
      assert.equal(asked.length, 11);
    });

    it("not for a single server", async () => {
      await spread.pass(["nacos-0"]);
      assert.deepEqual(asked, []);
    });
  });
});
