import assert from "node:assert/strict";
import { portOf } from "../../../ops/port";
import { refused } from "../../support/refusal";

describe("the value of --port", () => {
  it("is a number from 1 to 65535", () => {
    assert.deepEqual(["1", "13306", "65535"].map(portOf), [1, 13_306, 65_535]);
    for (const text of ["0", "65536", "-1", "80a", "8e3", "1.5", ""])
      assert.throws(() => portOf(text), refused("USAGE_VALUE_INVALID", `--port "${text}"`));
  });
});
