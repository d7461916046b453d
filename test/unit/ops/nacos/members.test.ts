import assert from "node:assert/strict";
import { said } from "../../../../ops/nacos/look";
import { refused } from "../../../support/refusal";
import { FakeNacos, SUFFIX, waiting } from "./fake-nacos";

describe("A look at Nacos' servers", () => {
  it("has every member, with its pod and what it says", async () => {
    const look = await new FakeNacos(3).look();
    assert.deepEqual(
      look.servers.map(({ name, host, pod, answer }) => [name, host, pod?.metadata.name, typeof answer]),
      [0, 1, 2].map((n) => [`nacos-${n}`, `nacos-${n}.${SUFFIX}`, `nacos-${n}`, "object"]),
    );
    assert.deepEqual(look.recorded.members, 3);
    assert.equal(said(look.servers[1])?.self.address, `nacos-1.${SUFFIX}:8848`);
  });

  it("has servers that are wanted without a pod, and pods that are not wanted", async () => {
    const nacos = new FakeNacos(1, 3);
    nacos.begin(4);
    nacos.begin(10);
    const { servers } = await nacos.look();
    assert.deepEqual(
      servers.map(({ ordinal, pod }) => [ordinal, pod !== undefined]),
      [
        [0, true],
        [1, false],
        [2, false],
        [4, true],
        [10, true],
      ],
    );
  });

  it("does not ask a pod whose server does not run", async () => {
    const nacos = new FakeNacos(2);
    nacos.at(1).pod.status = waiting("ImagePullBackOff");
    const { servers } = await nacos.look();
    assert.equal(servers[1].answer, undefined);
    assert.equal(nacos.versions.length, 1);
  });

  it("says why a server does not answer, by the name of its pod", async () => {
    const nacos = new FakeNacos(3);
    nacos.at(0).silence = new Error("socket hang up");
    nacos.at(1).silence = new Error(`nacos-1.${SUFFIX} answers GET /x with 403: no`);
    nacos.at(2).list = [0, 1];
    assert.deepEqual(
      (await nacos.look()).servers.map(({ answer }) => answer),
      [
        "nacos-0 does not answer: socket hang up",
        "nacos-1 answers GET /x with 403: no",
        "nacos-2 does not list itself",
      ],
    );
  });

  it("keeps what a server says of its members if it refuses its counts", async () => {
    const nacos = new FakeNacos(1);
    nacos.at(0).counts = new Error(`nacos-0.${SUFFIX} answers GET /nacos/actuator/prometheus with 404: `);
    const answer = said((await nacos.look()).servers[0]);
    assert.equal(answer?.counts, "nacos-0 answers GET /nacos/actuator/prometheus with 404: ");
    assert.equal(answer.seen.length, 1);
  });

  it("uses the calls of each pod's own version: an update replaces one after the other", async () => {
    const nacos = new FakeNacos(2);
    nacos.at(0).pod.image = "nacos/nacos-server:v2.5.1-slim";
    nacos.at(1).pod.image = "mirror/nacos@sha256:1";
    await nacos.look();
    assert.deepEqual(nacos.versions, ["2.5.1", "3.1.0"]);
  });

  it("changes nothing if no member has recorded anything yet", async () => {
    const nacos = new FakeNacos(3);
    nacos.members = undefined;
    assert.deepEqual((await nacos.look()).recorded.members, 3);
  });

  for (const [path, object] of [
    ["/apis/apps/v1/namespaces/n/statefulsets/nacos", "StatefulSet nacos"],
    ["/api/v1/namespaces/n/configmaps/nacos-members", "ConfigMap nacos-members"],
    ["/api/v1/namespaces/n/configmaps/nacos-members-code", "ConfigMap nacos-members-code"],
  ]) {
    it(`is refused without ${object}`, async () => {
      const nacos = new FakeNacos(3);
      const others = { ...nacos.objects(), [path]: undefined };
      await assert.rejects(
        nacos.nacos(others).look(),
        refused("STACK_NOT_DEPLOYED", `namespace n has no ${object}: deploy stack prod first.`),
      );
    });
  }

  it("is refused if the settings of the sidecar are not JSON", async () => {
    const nacos = new FakeNacos(3);
    const objects = { ...nacos.objects(), "/api/v1/namespaces/n/configmaps/nacos-members-code": { data: {} } };
    await assert.rejects(nacos.nacos(objects).look(), refused("STACK_NOT_DEPLOYED", "settings.json"));
  });
});
