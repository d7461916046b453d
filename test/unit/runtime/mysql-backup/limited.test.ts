import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { withLimits } from "../../../../runtime/mysql-backup/limited";

describe("A program with limits", () => {
  let folder: string;
  const run = (program: string, milliseconds = 60_000): Promise<string | undefined> => {
    const file = path.join(folder, "program.js");
    fs.writeFileSync(file, program);
    return withLimits(file, ["done"], { memoryMiB: 16, milliseconds });
  };

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "limited-"));
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  it("ends by itself, with its arguments", async () => {
    const file = path.join(folder, "result");
    assert.equal(await run(`require("fs").writeFileSync(${JSON.stringify(file)}, process.argv[2])`), undefined);
    assert.equal(fs.readFileSync(file, "utf8"), "done");
  });

  it("is ended if it takes too much memory or time, or fails", async () => {
    assert.match((await run("const all = []; for (;;) all.push(new Array(1000).fill({}))")) ?? "", /memory limit/);
    assert.equal(await run("setInterval(() => {}, 1000)", 300), "it did not finish within 0.3 s");
    assert.equal(await run('throw new Error("broken")'), "broken");
    assert.equal(await run("process.exitCode = 3"), "it ended with status 3");
  });
});
