import assert from "node:assert/strict";
import { evaluateRegistry } from "../../../../../ops/diagnose/checks/registry";
import type { Counts } from "../../../../../runtime/nacos-members/counts";
import { FakeNacos } from "../../nacos/fake-nacos";

describe("the check of Nacos' registry", () => {
  const of = async (...counts: Partial<Counts>[]) => {
    const nacos = new FakeNacos(counts.length);
    counts.forEach((one, ordinal) => (nacos.at(ordinal).counts = one));
    return evaluateRegistry(await nacos.look());
  };
  const said = async (...counts: Partial<Counts>[]) =>
    (await of(...counts)).problems.map(({ verdict, reason }) => `${verdict} ${reason}`);

  it("finds nothing if all have the same, or instances are on their way", async () => {
    assert.deepEqual(await of({}, {}, {}), {
      summary: "2 services, 5 instances, 4 connections for each server",
      problems: [],
    });
    assert.deepEqual(await said({ instances: 1000 }, { instances: 990 }), []);
  });

  it("watches servers that have something else", async () => {
    assert.deepEqual(await said({ instances: 1000 }, { instances: 980 }), [
      "watch the servers have different numbers of instances: nacos-0 1000, nacos-1 980",
    ]);
    assert.match((await said({ persistent: 1 }, { persistent: 2 }))[0], /persistent instances: .* Raft groups do not/);
    assert.match((await said({ services: 1 }, { services: 2 }))[0], /different numbers of services/);
  });

  it("watches a server with most of the clients", async () => {
    assert.match((await said({ connections: 400 }, {}, {}))[0], /^watch nacos-0 has 400 connections/);
    assert.deepEqual(await said({ connections: 40 }, {}, {}), []);
  });

  it("does not know if no server says how much it has", async () => {
    const nacos = new FakeNacos(1);
    nacos.at(0).counts = new Error("403");
    const look = await nacos.look();
    assert.throws(() => evaluateRegistry(look), /no Nacos server says/);
  });
});
