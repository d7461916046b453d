import assert from "node:assert/strict";
import { isNewer } from "../../../../runtime/nacos-schema/version";

describe("the order of versions", () => {
  for (const [newer, older] of [
    ["9.9.9", "3.1.0"],
    ["3.1.0", "2.5.1"],
    ["2.10.0", "2.9.9"],
    ["2.5.10", "2.5.9"],
    ["3.1", "3.0.9"],
    ["3.1.0", "3.1"],
    ["3.1.0.1", "3.1.0"],
    ["3.1.0-bugfix", "3.1.0"],
    ["3.1.1", "3.1.0-bugfix"],
    ["2.1.0-BETA", "2.1.0-ALPHA"],
    ["2.1.0-BETA2", "2.1.0-BETA"],
  ]) {
    it(`has ${newer} after ${older}`, () => {
      assert.equal(isNewer(newer, older), true);
      assert.equal(isNewer(older, newer), false);
    });
  }

  it("has no version after itself", () => assert.equal(isNewer("3.1.0", "3.1.0"), false));
});
