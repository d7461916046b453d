import assert from "node:assert/strict";
import { underPack } from "../../../../ops/stack/update";

describe("an update that a command runs", () => {
  const packs = (options: string[], environment = {}) =>
    underPack("up", "prod", options, environment).filter((word) => word.includes("pack"));

  it("is under the policy pack", () =>
    assert.deepEqual(underPack("up", "prod", ["--yes"], {}), [
      "pulumi",
      "up",
      "--stack",
      "prod",
      "--policy-pack",
      "policy-pack",
      "--yes",
    ]));

  it("does not load the pack twice", () => {
    assert.deepEqual(packs([], { PULUMI_OPTION_POLICY_PACK: "/somewhere" }), []);
    assert.deepEqual(packs(["--policy-pack", "mine"]), ["--policy-pack"]);
    assert.deepEqual(packs(["--policy-pack=pack"]), ["--policy-pack=pack"]);
    assert.deepEqual(packs(["--policy-pack-config", "c.json"]), [
      "--policy-pack",
      "policy-pack",
      "--policy-pack-config",
    ]);
  });
});
