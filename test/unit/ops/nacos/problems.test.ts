import assert from "node:assert/strict";
import { countProblems, listProblems, podProblems, problems, sizeProblems } from "../../../../ops/nacos/problems";
import { FakeNacos, waiting } from "./fake-nacos";

describe("What is wrong with a Nacos", () => {
  const now = Date.parse("2030-01-01T00:04:00Z");

  it("is nothing if it is whole", async () => {
    assert.deepEqual(problems(await new FakeNacos(3).look(), now), []);
    assert.deepEqual(problems(await new FakeNacos(1).look(), now), []);
  });

  it("is a member that does not run, does not answer, is not ready or keeps its counts", async () => {
    const nacos = new FakeNacos(5);
    nacos.servers.delete(0);
    nacos.at(1).pod.status = waiting("ErrImagePull");
    nacos.at(2).silence = new Error("socket hang up");
    nacos.at(3).pod.ready = false;
    nacos.at(4).counts = new Error("refused");
    assert.deepEqual(podProblems(await nacos.look()), [
      "nacos-0 has no pod",
      "nacos-1 does not run: container nacos: image nacos cannot be pulled: ErrImagePull",
      "nacos-2 does not answer: socket hang up",
      "nacos-3 is not ready",
      "the counts of nacos-4 are not known: nacos-4 does not answer: refused",
    ]);
  });

  it("is a pod that is no member and is not wanted, but not one that will join", async () => {
    const nacos = new FakeNacos(3, 7);
    for (const ordinal of [3, 4, 5, 6]) nacos.begin(ordinal).pod.ready = false;
    nacos.begin(8);
    assert.deepEqual(podProblems(await nacos.look()), ["nacos-8 is no member, and its pod still exists"]);
  });

  it("is a list of members that differs from the record, or a member that is not up", async () => {
    const nacos = new FakeNacos(3);
    nacos.at(0).states[2] = "DOWN";
    nacos.at(1).states[2] = "DOWN";
    nacos.at(2).list = [0, 2];
    assert.deepEqual(listProblems(await nacos.look()), [
      "by the list of nacos-0, nacos-1, nacos-2 is DOWN",
      "by the list of nacos-2, the members are nacos-0, nacos-2",
    ]);
  });

  it("is no list that has the servers of the next step, at a server that joins or at a single one", async () => {
    const nacos = new FakeNacos(3, 5);
    nacos.begin(3);
    assert.deepEqual(listProblems(await nacos.look()), []);
    assert.deepEqual(listProblems(await new FakeNacos(1, 3).look()), []);
  });

  it("is a number of configurations or persistent instances that differs, not one of connections", async () => {
    const nacos = new FakeNacos(3);
    nacos.at(0).counts = { configurations: 8, connections: 90 };
    nacos.at(1).counts = { persistent: undefined };
    nacos.at(2).counts = { persistent: 3 };
    assert.deepEqual(countProblems(await nacos.look()), [
      "the servers have different numbers of configurations: nacos-0 8, nacos-1 7, nacos-2 7",
      "the servers have different numbers of persistent instances: nacos-0 1, nacos-2 3",
    ]);
  });

  it("is an even number, a change that is under way, or a cluster that has not formed", async () => {
    const nacos = new FakeNacos(2);
    assert.deepEqual(sizeProblems(await nacos.look(), now), [
      "2 is an even number of members: 1 would survive as many failures",
    ]);
    nacos.formed = false;
    nacos.wanted = 3;
    assert.deepEqual(sizeProblems(await nacos.look(), now), [
      "the cluster grows: members 2 of wanted 3. Next to join: nacos-2 has no pod",
      "the 2 members have not formed a cluster yet",
    ]);
  });

  it("is only that no server is wanted, while a restore has stopped all", async () => {
    const nacos = new FakeNacos(3, 0);
    nacos.servers.clear();
    assert.deepEqual(problems(await nacos.look(), now), ["StatefulSet nacos wants 0 servers: Nacos is stopped"]);
  });
});
