import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

describe("`npm run ops`", () => {
  const start = path.resolve(__dirname, "..", "..", "..", "ops", "run.js");

  it("starts from any folder, and says what there is", () => {
    assert.match(execFileSync(process.execPath, [start, "--help"], { cwd: os.tmpdir(), encoding: "utf8" }), /^npm run ops -- AREA COMMAND --stack STACK\n[^]*mysql failover/);
  });

  it("is made again where a source has changed since, or the file is no such program", () => {
    const made = path.resolve(__dirname, "..", "..", "..", "node_modules", ".cache", "nacos-platform", "ops.js");
    const help = () => execFileSync(process.execPath, [start, "--help"], { encoding: "utf8" });
    help();
    try {
      const text = fs.readFileSync(made, "utf8");
      const [first, ...code] = text.split("\n");
      const older = first.replace(/"ops\/main.ts":"\d+/, '"ops/main.ts":"1');
      assert.notEqual(older, first);
      for (const other of [[older, ...code].join("\n").replace("AREA COMMAND", "AN OLDER ONE"), text.slice(0, -1), "half a fi"]) {
        fs.writeFileSync(made, other);
        assert.match(help(), /^npm run ops -- AREA COMMAND/);
        assert.equal(fs.readFileSync(made, "utf8"), text);
      }
      fs.writeFileSync(made, text.replace("AREA COMMAND", "KEPT AS MADE"));
      assert.match(help(), /KEPT AS MADE/); // so what is kept is what runs
    } finally {
      fs.rmSync(made); // nobody is to start what this test has written
    }
  });

  it("wants to know which stack, in one line and with a status", () => {
    const { status, stderr } = spawnSync(process.execPath, [start, "mysql", "status"], { cwd: os.tmpdir(), encoding: "utf8" });
    assert.equal(status, 1);
    assert.match(stderr, /^refused: say which stack: [^\n]*\n$/);
  });
});
