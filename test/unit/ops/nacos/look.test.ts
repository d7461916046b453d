import assert from "node:assert/strict";
import { hostsOf, named, nameOf, ordinalOf } from "../../../../ops/nacos/look";

describe("The names of Nacos' servers", () => {
  const settings = { namespace: "n", statefulSet: "nacos", hostSuffix: "nacos-headless.n.svc", version: "3.1.0" };

  it("are those of their pods, and others are left as they are", () => {
    assert.equal(nameOf("nacos-4.nacos-headless.n.svc:7848", settings), "nacos-4");
    assert.equal(nameOf("10.0.0.1:7848", settings), "10.0.0.1");
    assert.equal(
      named("a nacos-0.nacos-headless.n.svc:8848, nacos-1.nacos-headless.n.svc is UP", settings),
      "a nacos-0, nacos-1 is UP",
    );
  });

  it("have a number if they are of the StatefulSet", () => {
    assert.deepEqual(
      ["nacos-0", "nacos-12", "nacos-01", "nacos-", "nacos-x", "other-1", "nacos-1.n"].map((name) =>
        ordinalOf(name, settings),
      ),
      [0, 12, undefined, undefined, undefined, undefined, undefined],
    );
    assert.deepEqual(hostsOf({ settings }, 2), ["nacos-0.nacos-headless.n.svc", "nacos-1.nacos-headless.n.svc"]);
  });
});
