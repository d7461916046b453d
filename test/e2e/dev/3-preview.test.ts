import assert from "node:assert/strict";
import { run } from "../../../sandbox/exec";
import { checkout } from "../../../sandbox/paths";

describe("a preview of a pull request", () => {
  it("runs under the policy pack without the stack's cluster, state and secrets", async () => {
    const said = await run("make", ["--silent", "preview", "STACK=prod"], { cwd: checkout });
    assert.match(said, /Policies:\n.* nacos-platform@v/);
    assert.doesNotMatch(said, /\[mandatory\]/);
    assert.match(said, /kubernetes:apps\/v1:StatefulSet nacos-server create/);
    assert.match(said, /Resources:\n\s+\+ \d+ to create\n/);
  });
});
