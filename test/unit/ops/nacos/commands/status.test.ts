import assert from "node:assert/strict";
import { settledLook, statusText } from "../../../../../ops/nacos/commands/status";
import { FakeNacos } from "../fake-nacos";

describe("`ops nacos status`", () => {
  const now = Date.parse("2030-01-01T00:04:00Z");

  it("prints a row for each server and each Raft group, and how many members there are", async () => {
    assert.deepEqual(statusText(await new FakeNacos(3).look(), now), {
      isGood: true,
      text: `SERVER   READY  RESTARTS  NODE    VERSION  SEES   CONNECTIONS  CONFIGURATIONS  SERVICES  INSTANCES  PERSISTENT
nacos-0  yes    0         node-0  3.1.0    0 1 2  4            7               2         5          1
nacos-1  yes    0         node-1  3.1.0    0 1 2  4            7               2         5          1
nacos-2  yes    0         node-2  3.1.0    0 1 2  4            7               2         5          1

RAFT GROUP                LEADER   PEERS  DIFFERENT AT
naming_instance_metadata  nacos-0  0 1 2
naming_service_metadata   nacos-0  0 1 2

members: 3 of wanted 3`,
    });
  });

  it("prints problems below, the most urgent first, and no groups if no server answers", async () => {
    const nacos = new FakeNacos(1, 2);
    nacos.at(0).silence = new Error("socket hang up");
    const { text, isGood } = statusText(await nacos.look(), now);
    assert.equal(isGood, false);
    assert.deepEqual(text.split("\n").slice(3), [
      "",
      "members: 1 of wanted 2",
      "problem: nacos-0 does not answer: socket hang up",
      "problem: the cluster grows: members 1 of wanted 2. Next to join: nacos-1 has no pod",
      "problem: 2 is an even number of members: 1 would survive as many failures",
    ]);
  });

  it("reads the servers again if their counts differ, once each has counted", async () => {
    const nacos = new FakeNacos(3);
    nacos.at(0).counts = { configurations: 8 };
    let looks = 0;
    const waits: number[] = [];
    const look = () => {
      looks++;
      return nacos.look();
    };
    const settled = await settledLook(look, (milliseconds) => {
      waits.push(milliseconds);
      nacos.at(0).counts = {};
      return Promise.resolve();
    });
    assert.deepEqual([looks, waits, statusText(settled, now).isGood], [2, [12_000], true]);
    await settledLook(look, () => assert.fail("waits for nothing"));
    assert.equal(looks, 3);
  });
});
