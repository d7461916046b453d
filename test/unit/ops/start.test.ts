import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import * as os from "node:os";
import * as path from "node:path";

describe("`npm run ops`", () => {
  const start = path.resolve(__dirname, "..", "..", "..", "ops", "run.js");

  it("starts from any folder, and says what there is", () => {
    assert.match(execFileSync(process.execPath, [start, "--help"], { cwd: os.tmpdir(), encoding: "utf8" }), /^npm run ops -- AREA COMMAND --stack STACK\n[^]*mysql failover/);
  });

  it("wants to know which stack, in one line and with a status", () => {
    const { status, stderr } = spawnSync(process.execPath, [start, "mysql", "status"], { cwd: os.tmpdir(), encoding: "utf8" });
    assert.equal(status, 1);
    assert.match(stderr, /^refused: say which stack: [^\n]*\n$/);
  });
});
