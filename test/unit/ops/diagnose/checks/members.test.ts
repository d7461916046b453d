import assert from "node:assert/strict";
import { problem } from "../../../../../ops/diagnose/check";
import { evaluateMembers } from "../../../../../ops/diagnose/checks/members";
import { FakeNacos, waiting } from "../../nacos/fake-nacos";
import { NOW } from "../objects";

describe("the check of Nacos' members", () => {
  const said = async (nacos: FakeNacos) =>
    evaluateMembers(await nacos.look(), NOW).problems.map(({ verdict, reason }) => `${verdict} ${reason}`);

  it("finds nothing in healthy servers", async () =>
    assert.deepEqual(evaluateMembers(await new FakeNacos(3).look(), NOW), {
      summary: "3 of 3 answer, 3.1.0",
      problems: [],
    }));

  it("watches one that does not run, and escalates several, or the only one", async () => {
    const nacos = new FakeNacos(3);
    nacos.at(1).pod.status = waiting("CrashLoopBackOff");
    assert.deepEqual(await said(nacos), ["watch nacos-1 does not run: container nacos: CrashLoopBackOff"]);
    nacos.at(2).pod.status = waiting("CrashLoopBackOff");
    assert.deepEqual(
      (await said(nacos)).map((line) => line.split(" ")[0]),
      ["escalate", "escalate"],
    );
    const single = new FakeNacos(1);
    single.at(0).pod.status = waiting("CrashLoopBackOff");
    assert.match((await said(single))[0], /^escalate nacos-0/);
  });

  it("watches one that is not ready and does not give its counts: it is one server", async () => {
    const nacos = new FakeNacos(3);
    nacos.at(1).pod.ready = false;
    nacos.at(1).counts = new Error("refused");
    assert.deepEqual(await said(nacos), [
      "watch nacos-1 is not ready, and the counts of nacos-1 are not known: nacos-1 does not answer: refused",
    ]);
  });

  it("does not know of a server that it cannot reach, if the pod is ready", async () => {
    const nacos = new FakeNacos(3);
    nacos.at(1).silence = new Error("hung up");
    assert.deepEqual(await said(nacos), ["unknown nacos-1 does not answer: hung up, and its pod is ready"]);
    nacos.at(1).pod.ready = false;
    assert.deepEqual(await said(nacos), ["watch nacos-1 does not answer: hung up"]);
  });

  it("escalates a Nacos that is stopped", async () =>
    assert.deepEqual(await said(new FakeNacos(1, 0)), [
      "escalate StatefulSet nacos wants 0 servers: Nacos is stopped",
    ]));

  it("stops instead if a restore in place has stopped it", async () => {
    const restore = [problem("stop", "a restore in place has not ended", "ops mysql restore")];
    assert.deepEqual(evaluateMembers(await new FakeNacos(1, 0).look(), NOW, restore).problems, restore);
  });

  it("watches lists that differ, and servers of two versions", async () => {
    const nacos = new FakeNacos(3);
    nacos.at(2).states = { 1: "SUSPICIOUS" };
    assert.match((await said(nacos))[0], /^watch by the list of nacos-2, nacos-1 is SUSPICIOUS/);
    const updating = new FakeNacos(3);
    updating.at(2).pod.image = "nacos/nacos-server:v3.1.1";
    assert.match((await said(updating)).at(-1) ?? "", /^watch the servers run 3\.1\.0 and 3\.1\.1/);
  });
});
