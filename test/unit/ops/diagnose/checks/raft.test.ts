import assert from "node:assert/strict";
import { evaluateRaft } from "../../../../../ops/diagnose/checks/raft";
import { FakeNacos } from "../../nacos/fake-nacos";

describe("the check of Raft", () => {
  const verdicts = async (nacos: FakeNacos) => evaluateRaft(await nacos.look()).problems.map(({ verdict }) => verdict);

  it("finds nothing if each group has one leader and the members as peers", async () =>
    assert.deepEqual(evaluateRaft(await new FakeNacos(3).look()), {
      summary: "2 of 2 groups have one leader and a majority",
      problems: [],
    }));

  it("escalates groups without a leader, and watches peers that are no members", async () => {
    const nacos = new FakeNacos(3);
    nacos.peers = [0, 1, 2, 4];
    assert.deepEqual(await verdicts(nacos), ["watch"]);
    nacos.leader = null;
    assert.deepEqual(await verdicts(nacos), ["escalate", "escalate"]);
  });

  it("does not know if no server answers", async () => {
    const nacos = new FakeNacos(1);
    nacos.at(0).silence = new Error("hung up");
    const look = await nacos.look();
    assert.throws(() => evaluateRaft(look), /no Nacos server says/);
  });
});
