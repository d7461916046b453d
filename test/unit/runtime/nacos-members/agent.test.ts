import assert from "node:assert/strict";
import { FakeCluster } from "./fake-cluster";

describe("A Nacos server's sidecar", () => {
  describe("when the cluster forms", () => {
    it("lets all servers start at once, with the same list", async () => {
      const cluster = new FakeCluster(3);
      for (const ordinal of [0, 1, 2]) cluster.begin(ordinal);
      await cluster.pass();
      assert.deepEqual(cluster.started(), [0, 1, 2]);
      for (const { agent } of cluster.pods.values()) assert.equal(agent.list?.length, 3);
      assert.equal(cluster.formed, false);
      await cluster.passes(2);
      assert.equal(cluster.formed, true);
    });

    it("has no list before it knows one", () => {
      const cluster = new FakeCluster(3);
      assert.equal(cluster.begin(0).agent.list, undefined);
    });
  });

  describe("when the StatefulSet grows", () => {
    it("admits at most two servers at a time, without a restart of the others", async () => {
      const cluster = await FakeCluster.of(3, 7);
      for (const ordinal of [3, 4, 5, 6]) cluster.begin(ordinal);
      await cluster.pass();
      assert.deepEqual(cluster.started(), [0, 1, 2, 3, 4]);
      assert.equal(cluster.members, 3);
      await cluster.passes(2);
      assert.equal(cluster.members, 5);
      await cluster.passes(5);
      assert.equal(cluster.members, 7);
      assert.deepEqual(cluster.started(), [0, 1, 2, 3, 4, 5, 6]);
    });

    it("admits nobody to a cluster that is not whole", async () => {
      const cluster = await FakeCluster.of(3, 4);
      (cluster.pods.get(1) as { up: boolean; allowed: boolean }).up = false;
      (cluster.pods.get(1) as { allowed: boolean }).allowed = false;
      cluster.begin(3);
      const joining = cluster.pods.get(3);
      await joining?.agent.pass();
      assert.equal(joining?.allowed, false);
      assert.match(cluster.log.join("\n"), /nacos-3: waits for the members: nacos-1 does not answer/);
    });

    it("removes data of an earlier time before the server joins again", async () => {
      const cluster = await FakeCluster.of(3, 4);
      cluster.begin(3, { hasData: true });
      await cluster.pass();
      assert.ok(cluster.calls.includes("nacos-3: data removed"));
      assert.ok(!cluster.calls.some((call) => /nacos-[012]: data/.test(call)));
    });

    it("admits two servers also if one starts much later", async () => {
      const cluster = await FakeCluster.of(3, 5);
      cluster.begin(4);
      await cluster.passes(4);
      assert.equal(cluster.members, 3);
      assert.deepEqual(cluster.peers, [0, 1, 2, 4]);
      cluster.begin(3);
      await cluster.passes(4);
      assert.equal(cluster.members, 5);
    });

    it("lets a server start again that is a peer already, with its data", async () => {
      const cluster = await FakeCluster.of(3, 5);
      cluster.begin(4);
      await cluster.passes(2);
      cluster.begin(4, { hasData: true });
      cluster.calls.length = 0;
      await cluster.passes(2);
      assert.ok(cluster.started().includes(4));
      assert.deepEqual(cluster.calls, []);
    });

    it("does so also where it makes a pair", async () => {
      const cluster = await FakeCluster.of(1, 2);
      cluster.begin(1);
      await cluster.pass();
      assert.deepEqual(cluster.peers, [0, 1]);
      cluster.begin(1, { hasData: true });
      await cluster.passes(4);
      assert.equal(cluster.members, 2);
    });

    it("goes on without a server that does not come, as without a node", async () => {
      const cluster = await FakeCluster.of(3, 5);
      cluster.begin(3);
      await cluster.passes(80);
      assert.equal(cluster.members, 3);
      await cluster.passes(20);
      assert.equal(cluster.members, 4);
      cluster.begin(4);
      await cluster.passes(4);
      assert.equal(cluster.members, 5);
    });

    it("lets a server serve clients once it is a member", async () => {
      const cluster = await FakeCluster.of(3, 4);
      const { agent } = cluster.begin(3);
      await cluster.pass();
      assert.deepEqual([agent.state.started, agent.mayServe], [true, false]);
      await cluster.passes(2);
      assert.equal(agent.mayServe, true);
    });

    it("leaves a single server as it is until the second one is there", async () => {
      const cluster = await FakeCluster.of(1, 3);
      const [{ agent }] = cluster.pods.values();
      await cluster.passes(2);
      assert.equal(agent.list?.length, 1);
      cluster.begin(1);
      await cluster.pass();
      assert.equal(agent.list?.length, 2);
    });

    it("leads a single server to three in two steps", async () => {
      const cluster = await FakeCluster.of(1, 3);
      for (const ordinal of [1, 2]) cluster.begin(ordinal);
      const [first] = cluster.pods.values();
      await cluster.pass();
      assert.equal(first.agent.list?.length, 2);
      assert.deepEqual(cluster.started(), [0, 1]);
      await cluster.passes(6);
      assert.equal(cluster.members, 3);
    });
  });

  describe("after a restart", () => {
    /** The last server of three has started again, with its data. */
    async function restarted(): Promise<FakeCluster> {
      const cluster = await FakeCluster.of(3);
      for (const ordinal of [0, 1]) cluster.services.set(ordinal, 20);
      cluster.services.set(2, 0);
      cluster.begin(2, { hasData: true });
      await cluster.passes(2);
      return cluster;
    }

    const serves = (cluster: FakeCluster, ordinal: number) => cluster.pods.get(ordinal)?.agent.mayServe;

    it("lets the server serve clients once it has what the others have", async () => {
      const cluster = await restarted();
      assert.equal(serves(cluster, 2), false);
      assert.match(cluster.log.join(), /does not serve clients yet: has 0 services, nacos-0 20/);
      cluster.services.set(2, 19);
      await cluster.pass();
      assert.equal(serves(cluster, 2), true);
    });

    it("lets it serve clients after two minutes in any case", async () => {
      const cluster = await restarted();
      cluster.paused += 119_000;
      await cluster.pass();
      assert.equal(serves(cluster, 2), false);
      cluster.paused += 1000;
      await cluster.pass();
      assert.equal(serves(cluster, 2), true);
      assert.match(cluster.log.join(), /problem: serves clients although has 0 services/);
    });

    it("does not let it serve clients as long as it is no peer itself", async () => {
      const cluster = await restarted();
      cluster.services.set(2, 20);
      cluster.peers = [0, 1];
      cluster.paused += 600_000;
      await cluster.pass();
      assert.equal(serves(cluster, 2), false);
      assert.match(cluster.log.join(), /the server is no peer of naming_instance_metadata/);
    });

    it("waits a while for sidecars that do not answer", async () => {
      const cluster = await restarted();
      for (const ordinal of [0, 1]) cluster.silent.add(ordinal);
      await cluster.pass();
      assert.equal(serves(cluster, 2), false);
      cluster.paused += 20_000;
      await cluster.pass();
      assert.equal(serves(cluster, 2), true);
    });

    it("lets it serve clients at once if no other server does", async () => {
      const cluster = await restarted();
      for (const ordinal of [0, 1]) (cluster.pods.get(ordinal) as { serving: boolean }).serving = false;
      await cluster.pods.get(2)?.agent.pass();
      assert.equal(serves(cluster, 2), true);
    });

    it("does not keep the only server from clients", async () => {
      const cluster = await FakeCluster.of(1);
      cluster.begin(0, { hasData: true });
      await cluster.passes(2);
      assert.equal(serves(cluster, 0), true);
    });
  });

  describe("when the StatefulSet shrinks", () => {
    /** All pods that are not wanted end at the same time, as with kubectl scale. */
    async function shrink(cluster: FakeCluster, wanted: number): Promise<void> {
      cluster.wanted = wanted;
      await Promise.all(
        [...cluster.pods]
          .filter(([ordinal]) => ordinal >= wanted)
          .map(([ordinal, { agent }]) => agent.leave().then(() => cluster.pods.delete(ordinal))),
      );
    }

    it("lets the servers leave one after the other, the highest ordinal first", async () => {
      const cluster = await FakeCluster.of(5);
      await shrink(cluster, 3);
      assert.equal(cluster.members, 3);
      assert.deepEqual(cluster.peers, [0, 1, 2]);
      const left = cluster.log.filter((line) => line.endsWith("has left"));
      assert.deepEqual(left, ["nacos-4: has left", "nacos-3: has left"]);
    });

    it("sends clients away first", async () => {
      const cluster = await FakeCluster.of(5);
      cluster.clients.set(4, 1);
      await shrink(cluster, 4);
      assert.equal(cluster.calls[0], "nacos-4: client-0 to nacos-0");
    });

    it("hands over the leadership of its Raft groups", async () => {
      const cluster = await FakeCluster.of(3);
      cluster.leader = 2;
      await shrink(cluster, 2);
      assert.ok(cluster.calls.includes("nacos-0: naming_instance_metadata to nacos-0"));
      assert.equal(cluster.leader, 0);
    });

    it("takes itself out of Raft by name if the others do not", async () => {
      const cluster = await FakeCluster.of(5);
      cluster.removesByItself = false;
      await shrink(cluster, 4);
      assert.deepEqual(cluster.peers, [0, 1, 2, 3]);
      assert.ok(cluster.calls.includes("nacos-0: naming_instance_metadata without nacos-4"));
    });

    it("takes itself out of Raft before a single server remains, which would start again", async () => {
      const cluster = await FakeCluster.of(2);
      cluster.removesByItself = false;
      await shrink(cluster, 1);
      assert.deepEqual(cluster.peers, [0]);
      assert.equal(cluster.members, 1);
    });

    it("takes a server out that was about to join", async () => {
      const cluster = await FakeCluster.of(3, 5);
      cluster.begin(4);
      await cluster.passes(2);
      assert.deepEqual(cluster.peers, [0, 1, 2, 4]);
      await shrink(cluster, 3);
      assert.deepEqual(cluster.peers, [0, 1, 2]);
      assert.equal(cluster.members, 3);
    });

    it("keeps a pair until the second server is no peer any more", async () => {
      const cluster = await FakeCluster.of(1, 2);
      const [{ agent }] = cluster.pods.values();
      cluster.begin(1);
      await cluster.pass();
      cluster.wanted = 1;
      await cluster.pass();
      assert.equal(agent.list?.length, 2);
      await shrink(cluster, 1);
      assert.deepEqual(cluster.peers, [0]);
      await cluster.pass();
      assert.equal(agent.list?.length, 1);
    });

    it("keeps a member whose removal failed, so that its return heals the cluster", async () => {
      const cluster = await FakeCluster.of(2);
      cluster.wanted = 1;
      cluster.pods.delete(1);
      await cluster.pass();
      assert.equal(cluster.members, 2);
      assert.match(cluster.log.join("\n"), /problem: nacos-1 is still a peer of Raft groups/);
      cluster.wanted = 2;
      cluster.begin(1, { hasData: true });
      await cluster.passes(2);
      assert.deepEqual(cluster.started(), [0, 1]);
      assert.equal(cluster.hasQuorum, true);
    });

    it("takes a silent server out before it leaves itself, while there is a majority", async () => {
      const cluster = await FakeCluster.of(3);
      cluster.wanted = 1;
      const silent = cluster.pods.get(2);
      assert.ok(silent !== undefined);
      silent.up = false;
      silent.allowed = false;
      silent.agent.pass = () => Promise.resolve();
      await cluster.pods.get(1)?.agent.leave();
      assert.equal(cluster.members, 1);
      assert.deepEqual(cluster.peers, [0]);
    });

    it("leaves although the API server fails to answer for a moment", async () => {
      const cluster = await FakeCluster.of(5);
      cluster.wanted = 4;
      cluster.failingReads = 2;
      await cluster.pods.get(4)?.agent.leave();
      assert.deepEqual(cluster.peers, [0, 1, 2, 3]);
    });

    it("only waits for clients if the API server does not answer, or has no such set any more", async () => {
      const cluster = await FakeCluster.of(3);
      cluster.wanted = 2;
      const leaving = cluster.pods.get(2);
      for (const ordinal of [0, 1]) cluster.pods.delete(ordinal);
      cluster.failingReads = 1000;
      await leaving?.agent.leave();
      assert.ok(cluster.paused <= 20_000, String(cluster.paused));
      assert.deepEqual(cluster.peers, [0, 1, 2]);
    });

    it("takes nobody out while all servers are stopped", async () => {
      const cluster = await FakeCluster.of(3);
      cluster.wanted = 0;
      cluster.pods.delete(2);
      await cluster.passes(2);
      assert.equal(cluster.members, 3);
    });

    it("sends its clients away if its pod will come back, and stays a member", async () => {
      const cluster = await FakeCluster.of(3);
      cluster.clients.set(2, 2);
      await cluster.pods.get(2)?.agent.leave();
      assert.deepEqual(cluster.calls, ["nacos-2: client-0 to nacos-0", "nacos-2: client-1 to nacos-0"]);
      assert.deepEqual(cluster.peers, [0, 1, 2]);
      assert.equal(cluster.paused, 15_000);
    });

    it("sends the first server's clients to another one although the API server does not answer", async () => {
      const cluster = await FakeCluster.of(3);
      cluster.clients.set(0, 1);
      cluster.failingReads = 1000;
      await cluster.pods.get(0)?.agent.leave();
      assert.deepEqual(cluster.calls, ["nacos-0: client-0 to nacos-1"]);
    });

    it("ends with clients that do not go, after a while", async () => {
      const cluster = await FakeCluster.of(3);
      cluster.clients.set(2, 7);
      cluster.clientsMove = false;
      await cluster.pods.get(2)?.agent.leave();
      assert.equal(cluster.paused, 25_000);
    });

    it("keeps its clients if it is the only server", async () => {
      const cluster = await FakeCluster.of(1);
      cluster.clients.set(0, 7);
      await cluster.pods.get(0)?.agent.leave();
      assert.deepEqual(cluster.calls, []);
      assert.equal(cluster.paused, 5000);
    });

    it("only waits for clients if all servers are stopped", async () => {
      const cluster = await FakeCluster.of(3);
      cluster.wanted = 0;
      await cluster.pods.get(2)?.agent.leave();
      assert.deepEqual(cluster.peers, [0, 1, 2]);
    });

    it("takes out members whose pods are gone without having left", async () => {
      const cluster = await FakeCluster.of(5);
      cluster.wanted = 3;
      cluster.pods.delete(3);
      cluster.pods.delete(4);
      await cluster.passes(4);
      assert.equal(cluster.members, 3);
      assert.deepEqual(cluster.peers, [0, 1, 2]);
    });

    it("leaves members alone whose pods are gone for a while", async () => {
      const cluster = await FakeCluster.of(3);
      cluster.pods.delete(2);
      await cluster.passes(3);
      assert.equal(cluster.members, 3);
    });
  });

  describe("when data is lost", () => {
    it("lets a server without data start beside a majority that has data", async () => {
      const cluster = await FakeCluster.of(3);
      cluster.begin(2);
      await cluster.pods.get(2)?.agent.pass();
      assert.deepEqual(cluster.started(), [0, 1, 2]);
    });

    it("lets only one of two servers start at a time", async () => {
      const cluster = await FakeCluster.of(3);
      cluster.begin(1);
      cluster.begin(2);
      for (const ordinal of [2, 1, 2]) await cluster.pods.get(ordinal)?.agent.pass();
      assert.deepEqual(cluster.started(), [0, 1]);
      assert.match(cluster.log.join("\n"), /nacos-2: has lost its data, and waits/);
      await cluster.passes(2);
      assert.deepEqual(cluster.started(), [0, 1, 2]);
    });

    it("lets the second one start once every Raft group has a leader, not only the first", async () => {
      const cluster = await FakeCluster.of(3);
      cluster.begin(1);
      cluster.begin(2);
      cluster.unheardOf.set(1, "naming_service_metadata");
      await cluster.passes(5);
      assert.deepEqual(cluster.started(), [0, 1]);
      cluster.unheardOf.delete(1);
      await cluster.passes(2);
      assert.deepEqual(cluster.started(), [0, 1, 2]);
    });

    it("remembers that a server has no data yet when its sidecar starts again", async () => {
      const cluster = await FakeCluster.of(3);
      cluster.begin(1);
      cluster.begin(2);
      await cluster.pods.get(1)?.agent.pass();
      assert.ok(cluster.emptyMarks.has(1));
      const again = cluster.begin(1, { hasData: true, started: true });
      assert.equal(again.agent.state.empty, true);
      await cluster.pods.get(2)?.agent.pass();
      assert.ok(!cluster.started().includes(2));
      await cluster.passes(2);
      assert.equal(again.agent.state.empty, false);
    });

    it("does so also if the survivor is not the first", async () => {
      const cluster = await FakeCluster.of(3);
      cluster.begin(0);
      cluster.begin(1);
      for (const ordinal of [1, 0, 1]) await cluster.pods.get(ordinal)?.agent.pass();
      assert.deepEqual(cluster.started().sort(), [0, 2]);
    });

    it("lets nobody start while a server that may have data is missing", async () => {
      const cluster = await FakeCluster.of(3);
      cluster.pods.delete(2);
      cluster.begin(0);
      cluster.begin(1);
      for (const ordinal of [0, 1, 0, 1]) await cluster.pods.get(ordinal)?.agent.pass();
      assert.deepEqual(cluster.started(), []);
    });

    it("lets nobody start while another does not answer, which may have started without data", async () => {
      const cluster = await FakeCluster.of(3);
      cluster.begin(1);
      cluster.begin(2);
      cluster.silent.add(1);
      await cluster.pods.get(2)?.agent.pass();
      assert.deepEqual(cluster.started(), [0]);
      assert.match(cluster.log.join("\n"), /nacos-2: has lost its data, and waits for an answer of nacos-1/);
    });

    it("lets all start if all have lost their data", async () => {
      const cluster = await FakeCluster.of(3);
      for (const ordinal of [0, 1, 2]) cluster.begin(ordinal);
      for (const ordinal of [0, 1, 2]) await cluster.pods.get(ordinal)?.agent.pass();
      assert.deepEqual(cluster.started(), [0, 1, 2]);
    });
  });
});
