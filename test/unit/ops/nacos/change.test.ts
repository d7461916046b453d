import assert from "node:assert/strict";
import { changeUnderWay, changing, duration, whyNotRunning } from "../../../../ops/nacos/change";
import { FakeNacos, heldBack, waiting } from "./fake-nacos";

describe("A change of the number of Nacos' servers", () => {
  const now = Date.parse("2030-01-01T00:04:10Z");
  const told = async (nacos: FakeNacos): Promise<string | undefined> => changeUnderWay(await nacos.look(), now);

  it("is none if all that are wanted are members", async () => {
    assert.equal(await told(new FakeNacos(3)), undefined);
  });

  it("is a growth: who joins next, and what each waits for since when", async () => {
    const nacos = new FakeNacos(3, 7);
    nacos.begin(3).pod.status = heldBack();
    nacos.begin(4).pod.status = {
      phase: "Pending",
      conditions: [{ type: "PodScheduled", status: "False", message: "0/3 nodes are available" }],
    };
    nacos.begin(5).pod.creationTimestamp = "2029-01-01T00:00:00Z";
    assert.equal(
      await told(nacos),
      "the cluster grows: members 3 of wanted 7. Next to join for 4 min: nacos-3 is held back by its sidecar, whose log says why: kubectl logs nacos-3 --container members, nacos-4 does not run: no node can run it: 0/3 nodes are available",
    );
  });

  it("ends for a server with each Raft group, and once it is ready", async () => {
    const nacos = new FakeNacos(3, 5);
    nacos.begin(3);
    nacos.begin(4).silence = new Error("socket hang up");
    nacos.peers = [0, 1, 2, 4];
    assert.match(
      (await told(nacos)) ?? "",
      /: nacos-3 is not yet a peer of naming_instance_metadata, naming_service_metadata, nacos-4 is not up yet \(nacos-4 does not answer: socket hang up\)$/,
    );
    nacos.peers = [0, 1, 2, 3, 4];
    nacos.at(3).pod.ready = false;
    nacos.at(4).silence = undefined;
    assert.match((await told(nacos)) ?? "", /: nacos-3 is not ready, nacos-4 is ready to be a member$/);
  });

  it("has no time if no pod has begun", async () => {
    assert.equal(
      await told(new FakeNacos(1, 3)),
      "the cluster grows: members 1 of wanted 3. Next to join: nacos-1 has no pod",
    );
  });

  it("is a shrink: the last server leaves first, and only that one", async () => {
    const nacos = new FakeNacos(5, 3);
    for (const ordinal of [3, 4])
      Object.assign(nacos.at(ordinal).pod, {
        deletionTimestamp: "2030-01-01T00:08:50Z",
        deletionGracePeriodSeconds: 300,
      });
    assert.equal(
      await told(nacos),
      "the cluster shrinks: members 5 of wanted 3. Next to leave for 20 s: nacos-4 is still a peer of naming_instance_metadata, naming_service_metadata",
    );
    nacos.at(4).silence = new Error("no");
    nacos.peers = [0, 1, 2, 3];
    assert.match((await told(nacos)) ?? "", /: nacos-4 is a peer of no Raft group, and does not answer$/);
  });

  it("is a shrink that the first server ends if a pod is gone without having left", async () => {
    const nacos = new FakeNacos(3, 2);
    nacos.servers.delete(2);
    assert.match(
      (await told(nacos)) ?? "",
      /Next to leave: nacos-2 is still a peer of .*, and its pod is gone: the sidecar/,
    );
    nacos.begin(2);
    assert.match((await told(nacos)) ?? "", /and its pod is not ending yet$/);
  });

  it("is none if all are stopped", async () => {
    assert.deepEqual(changing(await new FakeNacos(3, 0).look()), []);
  });
});

describe("A server of Nacos that does not run", () => {
  const why = async (prepare: (nacos: FakeNacos) => void): Promise<string> => {
    const nacos = new FakeNacos(1);
    prepare(nacos);
    return whyNotRunning((await nacos.look()).servers[0]);
  };

  it("has no pod, or one that ends, is held back, or does not start", async () => {
    assert.equal(await why((nacos) => nacos.servers.clear()), "has no pod");
    assert.equal(
      await why((nacos) => (nacos.at(0).pod = { status: waiting("x"), deletionTimestamp: "2030-01-01T00:00:00Z" })),
      "does not run: its pod is ending",
    );
    assert.match(await why((nacos) => (nacos.at(0).pod.status = heldBack())), /^is held back by its sidecar/);
    assert.equal(
      await why((nacos) => (nacos.at(0).pod.status = { phase: "Pending" })),
      "does not run: its pod is Pending",
    );
    assert.match(
      await why((nacos) => (nacos.at(0).pod.status = waiting("ErrImagePull"))),
      /^does not run: container nacos: image nacos cannot be pulled: ErrImagePull$/,
    );
  });

  it("has waited for seconds, minutes or hours", () => {
    assert.deepEqual([-5, 90_400, 120_000, 7_199_000, 7_200_000].map(duration), [
      "0 s",
      "90 s",
      "2 min",
      "119 min",
      "2 h",
    ]);
  });
});
