import assert from "node:assert/strict";
import type { Server } from "../../../../runtime/nacos-members/cluster";
import { isUneven, movesFor, Spread } from "../../../../runtime/nacos-members/spread";

describe("The spread of clients over servers", () => {
  it("is uneven if one server has over a third more than another, except for a few", () => {
    assert.equal(isUneven([30, 30, 0]), true);
    assert.equal(isUneven([12, 9, 9]), false);
    assert.equal(isUneven([100, 66]), true);
    assert.equal(isUneven([100, 67]), false);
    assert.equal(isUneven([5, 0, 0]), false);
    assert.equal(isUneven([0, 0]), false);
  });

  it("needs the moves that lead to the mean", () => {
    assert.deepEqual(movesFor([0, 22, 44]), [{ from: 2, to: 0, count: 22 }]);
    assert.deepEqual(movesFor([30, 0, 0]), [
      { from: 0, to: 1, count: 10 },
      { from: 0, to: 2, count: 10 },
    ]);
    assert.deepEqual(movesFor([0, 20, 20, 0]), [
      { from: 1, to: 0, count: 10 },
      { from: 2, to: 3, count: 10 },
    ]);
    assert.deepEqual(movesFor([1, 0, 0]), []);
  });

  describe("is evened out", () => {
    let now: number;
    let counts: (number | undefined)[];
    /** How many connections of each server can move. */
    let movable: number;
    let asked: number[];
    let moved: { at: number; from: string; to?: string }[];
    let spread: Spread;
    const hosts = ["nacos-0", "nacos-1", "nacos-2"];

    beforeEach(() => {
      now = 0;
      counts = [30, 0, 0];
      movable = 1000;
      asked = [];
      moved = [];
      spread = new Spread(
        {
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
              moveClient: (_: string, to?: string) => {
                moved.push({ at: now, from, to });
                return Promise.resolve();
              },
            }) as Partial<Server> as Server,
          log: () => undefined,
        },
        () => now,
      );
    });

    /** The times at which clients were moved. */
    const times = () => [...new Set(moved.map(({ at }) => at))];

    async function until(end: number): Promise<void> {
      for (; now <= end; now += 2000) await spread.pass(hosts);
    }

    it("step by step, as long as it changes", async () => {
      await until(19_000);
      assert.deepEqual(times(), [0]);
      assert.deepEqual(
        moved.map(({ from, to }) => `${from} to ${to}`),
        [...Array<string>(10).fill("nacos-0 to nacos-1"), ...Array<string>(10).fill("nacos-0 to nacos-2")],
      );
      counts = [11, 19, 0];
      await until(39_000);
      assert.deepEqual(times(), [0, 20_000]);
      counts = [11, 10, 9];
      await until(100_000);
      assert.deepEqual(times(), [0, 20_000]);
    });

    it("ever more rarely if it does not help", async () => {
      await until(1_000_000);
      assert.deepEqual(times().slice(0, 9), [
        ...[0, 20_000, 40_000],
        ...[100_000, 120_000, 140_000],
        ...[260_000, 280_000, 300_000],
      ]);
      now = 40_000_000;
      await until(now + 10 * 3_600_000);
      assert.ok(times().filter((at) => at > 40_000_000).length < 3 * 12, "at most three times an hour in the end");
    });

    it("as far as clients can move", async () => {
      movable = 4;
      await until(19_000);
      assert.equal(moved.length, 4);
    });

    it("at most 500 at a time", async () => {
      counts = [3000, 0, 0];
      await until(19_000);
      assert.equal(moved.length, 500);
    });

    it("not while a server does not say how many it has", async () => {
      counts = [30, undefined, 0];
      await until(100_000);
      assert.deepEqual(moved, []);
      assert.equal(asked.length, 6);
    });

    it("not for a single server", async () => {
      await spread.pass(["nacos-0"]);
      assert.deepEqual(asked, []);
    });
  });
});
