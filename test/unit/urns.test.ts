import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { record } from "../support/recorder";
import { destroyed, PLATFORM, released, resources, TENANTS } from "../support/urns";

describe("the URNs of released stacks", () => {
  for (const [project, frozen] of [
    ["nacos-platform", PLATFORM],
    ["nacos-tenants", TENANTS],
  ] as const) {
    it(`are all continued, so that no update of ${project} deletes what it should keep`, async () => {
      assert.deepEqual(destroyed(released(frozen), await resources(frozen)), []);
    });

    it(`are recorded with every new resource of ${project}; if not, run: npx sucrase-node test/support/urns.ts`, async () => {
      const known = new Set(released(frozen));
      assert.deepEqual(
        [...new Set((await resources(frozen)).map(({ urn }) => urn))].filter((urn) => !known.has(urn)),
        [],
      );
    });
  }

  it("that a rename would delete are reported, unless an alias continues them", () => {
    const former = "nacos-platform::nacos-platform:nacos:Nacos$kubernetes:apps/v1:StatefulSet::nacos-server";
    const renamed = { urn: former.replace("nacos-server", "nacos-servers"), formerUrns: [] };
    assert.deepEqual(destroyed([former], [renamed]), [
      'kubernetes:apps/v1:StatefulSet nacos-server would be deleted, and another created: give the resource that replaces it `aliases: [{ name: "nacos-server" }]`, or the previous `type`',
    ]);
    assert.deepEqual(destroyed([former], [{ ...renamed, formerUrns: [former] }]), []);
  });

  it("are continued by aliases of a resource and of its parents", async () => {
    const { resources: made } = await record(() => {
      const parent = new pulumi.ComponentResource("now:Parent", "parent", {}, { aliases: [{ type: "once:Parent" }] });
      new pulumi.ComponentResource("now:Child", "child", {}, { parent, aliases: [{ name: "kid" }] });
    });
    const all = [
      "now:Parent$now:Child::child",
      "once:Parent$now:Child::child",
      "now:Parent$now:Child::kid",
      "once:Parent$now:Child::kid",
    ].map((urn) => `nacos-platform::${urn}`);
    const child = made.find(({ name }) => name === "child");
    assert.deepEqual([child?.urn, ...(child?.formerUrns ?? [])], all);
    assert.deepEqual(destroyed(all, made), []);
  });
});
