import assert from "node:assert/strict";
import type { Server } from "../../../../runtime/nacos-members/cluster";
import { isUneven, Spread } from "../../../../runtime/nacos-members/spread";

describe("The spread of clients over servers", () => {
  it("is uneven if one server has over a third more than another, except for a few", () => {
    assert.equal(isUneven([30, 30, 0]), true);
    assert.equal(isUneven([12, 9, 9]), false);
    assert.equal(isUneven([100, 66]), true);
    assert.equal(isUneven([100, 67]), false);
    assert.equal(isUneven([5, 0, 0]), false);
    assert.equal(isUneven([0, 0]), false);
  });

  describe("is evened out", () => {
    let now: number;
    let counts: (number | undefined)[];
    let asked: number[];
    let moved: number[];
    let spread: Spread;
    const hosts = ["nacos-0", "nacos-1", "nacos-2"];

    beforeEach(() => {
      now = 0;
      counts = [30, 0, 0];
      asked = [];
      moved = [];
      const server: Pick<Server, "clients" | "spreadClients"> = {
        clients: () => {
          asked.push(now);
          const known = hosts.flatMap((host, at) => (counts[at] === undefined ? [] : [[host, counts[at]] as const]));
          return Promise.resolve(new Map(known));
        },
        spreadClients: () => {
          moved.push(now);
          return Promise.resolve();
        },
      };
      spread = new Spread({ serverOf: () => server as Server, log: () => undefined }, () => now);
    });

    async function until(end: number): Promise<void> {
      for (; now <= end; now += 2000) await spread.pass(hosts);
    }

    it("step by step, as long as it changes", async () => {
      await until(19_000);
      assert.deepEqual(moved, [0]);
      counts = [11, 19, 0];
      await until(39_000);
      assert.deepEqual(moved, [0, 20_000]);
      counts = [11, 10, 9];
      await until(100_000);
      assert.deepEqual(moved, [0, 20_000]);
    });

    it("ever more rarely if it does not help", async () => {
      await until(1_000_000);
      assert.deepEqual(moved.slice(0, 9), [
        ...[0, 20_000, 40_000],
        ...[100_000, 120_000, 140_000],
        ...[260_000, 280_000, 300_000],
      ]);
      now = 40_000_000;
      await until(now + 10 * 3_600_000);
      assert.ok(moved.filter((at) => at > 40_000_000).length < 3 * 12, "at most three times an hour in the end");
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
