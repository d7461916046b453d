import assert from "node:assert/strict";
import { groups } from "../../../../ops/nacos/groups";
import { groupRows, serverRows } from "../../../../ops/nacos/rows";
import { FakeNacos, waiting } from "./fake-nacos";

describe("The tables of Nacos' status", () => {
  it("have a row for each server, with what it sees and has", async () => {
    const nacos = new FakeNacos(3, 5);
    nacos.at(0).list = [2, 10, 0];
    nacos.at(0).counts = { instances: undefined };
    nacos.at(1).silence = new Error("no");
    nacos.at(2).pod.status = waiting("ErrImagePull");
    nacos.begin(3).counts = new Error("no");
    assert.deepEqual(serverRows(await nacos.look()).slice(1), [
      ["nacos-0", "yes", "0", "node-0", "3.1.0", "0 2 10", "4", "7", "2", "?", "1"],
      ["nacos-1", "yes", "0", "node-1", "", "", "", "", "", "", ""],
      ["nacos-2", "no", "0", "node-2", "", "", "", "", "", "", ""],
      ["nacos-3", "yes", "0", "node-3", "3.1.0", "0 1 2 3 4", "?", "?", "?", "?", "?"],
      ["nacos-4", "no pod", "", "", "", "", "", "", "", "", ""],
    ]);
  });

  it("have a question mark for every count that a server refuses", async () => {
    const nacos = new FakeNacos(1);
    nacos.at(0).counts = new Error("no");
    assert.deepEqual(serverRows(await nacos.look())[1].slice(-5), ["?", "?", "?", "?", "?"]);
  });

  it("have a row for each Raft group, with the servers that know something else", async () => {
    const nacos = new FakeNacos(3);
    nacos.at(1).peers = [0, 1, 2, 4, "10.0.0.9"];
    nacos.at(2).leader = null;
    nacos.at(2).groups = ["naming_instance_metadata"];
    const look = await nacos.look();
    assert.deepEqual(groupRows(groups(look), look.settings), [
      ["RAFT GROUP", "LEADER", "PEERS", "DIFFERENT AT"],
      ["naming_instance_metadata", "nacos-0", "0 1 2", "nacos-1: nacos-0, 10.0.0.9 0 1 2 4; nacos-2: none, 0 1 2"],
      ["naming_service_metadata", "nacos-0", "0 1 2", "nacos-1: nacos-0, 10.0.0.9 0 1 2 4"],
    ]);
  });
});
