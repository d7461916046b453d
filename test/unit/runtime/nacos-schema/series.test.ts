import assert from "node:assert/strict";
import { isThree, stepOf } from "../../../../runtime/nacos-schema/series";

describe("the series of Nacos", () => {
  it("are steps, of which each holds what can be upgraded in one go", () => {
    const steps = ["2.2.3", "2.4.3", "2.5.3", "3.0.3", "3.1.0", "3.2.3", "3.3.0", "4.0"].map(stepOf);
    assert.deepEqual(steps, [1, 1, 2, 3, 3, 4, Infinity, Infinity]);
  });

  it("are 3.x or before", () => assert.deepEqual(["2.5.3", "3.0.0", "10.1"].map(isThree), [false, true, true]));
});
