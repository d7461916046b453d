import assert from "node:assert/strict";
import { raftProblems } from "../../../../ops/nacos/raft-problems";
import { FakeNacos } from "./fake-nacos";

describe("What is wrong with Nacos' Raft groups", () => {
  const found = async (prepare: (nacos: FakeNacos) => void, nacos = new FakeNacos(3)): Promise<string[]> => {
    prepare(nacos);
    return raftProblems(await nacos.look());
  };
  const silent = new Error("no");

  it("is nothing if all servers agree on the members as peers, and on one leader", async () => {
    assert.deepEqual(await found(() => undefined), []);
    assert.deepEqual(await found(() => undefined, new FakeNacos(1)), []);
  });

  it("is a group for which no server names a leader", async () => {
    assert.deepEqual(await found((nacos) => (nacos.leader = null)), ["every Raft group has no leader"]);
    assert.deepEqual(await found((nacos) => (nacos.at(2).leader = null)), []);
  });

  it("is a group with two leaders", async () => {
    assert.deepEqual(await found((nacos) => (nacos.at(2).leader = 1)), [
      "every Raft group has 2 leaders: nacos-0 in the view of nacos-0, nacos-1; nacos-1 in the view of nacos-2",
    ]);
  });

  it("is a leader that does not answer, which servers name long after it is gone", async () => {
    assert.deepEqual(await found((nacos) => (nacos.at(0).silence = silent)), [
      "every Raft group has the leader nacos-0, which does not answer",
    ]);
  });

  it("is a group of whose peers half answer or fewer", async () => {
    assert.deepEqual(
      await found((nacos) => {
        nacos.at(1).silence = silent;
        nacos.at(2).silence = silent;
      }),
      ["every Raft group has no majority: 1 of 3 peers answer, so it accepts no change"],
    );
  });

  it("is a ghost peer, with the command that removes it", async () => {
    assert.deepEqual(await found((nacos) => (nacos.peers = [0, 1, 2, 4])), [
      "nacos-4 is a ghost peer of naming_instance_metadata, naming_service_metadata: it is no member and has no pod. To remove it: npm run ops -- nacos repair --stack prod --peer nacos-4",
    ]);
  });

  it("is a member that is no peer, and a peer with a pod that is no member", async () => {
    assert.deepEqual(
      await found((nacos) => {
        nacos.peers = [0, 1, 3];
        nacos.begin(3);
      }),
      ["every Raft group lacks the member nacos-2", "every Raft group still has the peer nacos-3, which is no member"],
    );
  });

  it("is not a server that joins or leaves", async () => {
    const joining = new FakeNacos(3, 5);
    joining.begin(3);
    joining.begin(4);
    assert.deepEqual(await found((nacos) => (nacos.peers = [0, 1, 2, 3, 4]), joining), []);
    assert.deepEqual(await found(() => undefined, new FakeNacos(5, 3)), []);
  });

  it("is a server with other peers, without a group, or without any", async () => {
    assert.deepEqual(
      await found((nacos) => {
        nacos.at(1).peers = [0, 1];
        nacos.at(2).groups = ["naming_service_metadata"];
      }),
      ["every Raft group has other peers in the view of nacos-1", "naming_instance_metadata is not known to nacos-2"],
    );
    assert.deepEqual(await found((nacos) => (nacos.at(2).groups = [])), ["nacos-2 knows no Raft group"]);
  });

  it("is not known if no server answers", async () => {
    assert.deepEqual(await found((nacos) => (nacos.at(0).silence = silent), new FakeNacos(1)), []);
  });
});
