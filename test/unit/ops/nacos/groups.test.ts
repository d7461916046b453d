import assert from "node:assert/strict";
import { commonView, ghosts, groups, groupsWith, isMember, quorum } from "../../../../ops/nacos/groups";
import { FakeNacos, GROUPS } from "./fake-nacos";

describe("The Raft groups of Nacos", () => {
  it("are what each server that answers says of itself, by the names of the pods", async () => {
    const nacos = new FakeNacos(3);
    nacos.leader = 1;
    nacos.at(1).silence = new Error("no");
    nacos.at(2).leader = null;
    const [first, ...others] = groups(await nacos.look());
    assert.deepEqual(
      [first, ...others].map(({ name }) => name),
      GROUPS,
    );
    assert.deepEqual(first.views, [
      { server: "nacos-0", leader: "nacos-1", peers: ["nacos-0", "nacos-1", "nacos-2"] },
      { server: "nacos-2", leader: undefined, peers: ["nacos-0", "nacos-1", "nacos-2"] },
    ]);
  });

  it("have the view that most servers share", async () => {
    const nacos = new FakeNacos(3);
    nacos.at(0).leader = null;
    assert.equal(commonView(groups(await nacos.look())[0]).leader, "nacos-0");
  });

  it("do not count what 2.x lists and never starts, by the version of each server", async () => {
    const nacos = new FakeNacos(1);
    nacos.at(0).groups = ["naming_persistent_service", "naming_service_metadata"];
    nacos.at(0).pod.image = "nacos/nacos-server:v2.2.3";
    assert.deepEqual(
      groups(await nacos.look()).map(({ name }) => name),
      ["naming_service_metadata"],
    );
  });

  it("have a ghost if a peer is no member and has no pod, by any server's word", async () => {
    const nacos = new FakeNacos(3);
    nacos.at(2).peers = [0, 1, 2, 10, 4, "10.0.0.9"];
    assert.deepEqual(ghosts(await nacos.look()), [
      { name: "10.0.0.9", host: "10.0.0.9", groups: GROUPS },
      { name: "nacos-4", host: "nacos-4.nacos-headless.n.svc.cluster.local", groups: GROUPS },
      { name: "nacos-10", host: "nacos-10.nacos-headless.n.svc.cluster.local", groups: GROUPS },
    ]);
  });

  it("have no ghost in a member without a pod, a pod that is no member, or a server that is wanted", async () => {
    const lost = new FakeNacos(3);
    lost.servers.delete(1);
    const leaving = new FakeNacos(3);
    leaving.peers = [0, 1, 2, 4];
    leaving.begin(4);
    const coming = new FakeNacos(3, 5);
    coming.peers = [0, 1, 2, 3, 4];
    for (const nacos of [lost, leaving, coming]) assert.deepEqual(ghosts(await nacos.look()), []);
  });

  it("name those that have a peer in any view", async () => {
    const nacos = new FakeNacos(3);
    nacos.at(1).peers = [0, 1, 2, 4];
    const all = groups(await nacos.look());
    assert.deepEqual(
      groupsWith("nacos-4", all).map(({ name }) => name),
      GROUPS,
    );
    assert.deepEqual(groupsWith("nacos-5", all), []);
  });

  it("count which of their peers answer", async () => {
    const nacos = new FakeNacos(3);
    nacos.peers = [0, 1, 2, 3, 4];
    nacos.at(2).silence = new Error("no");
    const look = await nacos.look();
    assert.deepEqual(quorum(groups(look)[0], look), { answer: 2, peers: 5 });
  });

  it("say who is a member by the record, not by the peers", async () => {
    const look = await new FakeNacos(3, 5).look();
    assert.deepEqual(
      ["nacos-2", "nacos-3", "nacos-x", "10.0.0.1"].map((name) => isMember(name, look)),
      [true, false, false, false],
    );
  });
});
