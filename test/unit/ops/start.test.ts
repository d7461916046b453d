import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

describe("`npm run ops`", () => {
  const start = path.resolve(__dirname, "..", "..", "..", "ops", "run.js");

  it("starts from any folder, and lists the commands", () => {
    assert.match(
      execFileSync(process.execPath, [start, "--help"], { cwd: os.tmpdir(), encoding: "utf8" }),
      /^npm run ops -- AREA COMMAND --stack STACK\n[^]*mysql failover/,
    );
  });

  it("is made again if a source has changed since, or the file is not such a program", () => {
    const made = path.resolve(__dirname, "..", "..", "..", "node_modules", ".cache", "nacos-platform", "ops.js");
    const help = () => execFileSync(process.execPath, [start, "--help"], { encoding: "utf8" });
    help();
    try {
      const text = fs.readFileSync(made, "utf8");
      const [first, ...code] = text.split("\n");
      const older = first.replace(/"ops\/main.ts":"\d+/, '"ops/main.ts":"1');
      assert.notEqual(older, first);
      for (const other of [[older, ...code].join("\n").replace("AREA COMMAND", "AN OLDER ONE"), text.slice(0, -1)]) {
        fs.writeFileSync(made, other);
        assert.match(help(), /^npm run ops -- AREA COMMAND/);
        assert.equal(fs.readFileSync(made, "utf8"), text);
      }
      fs.writeFileSync(made, text.replace("AREA COMMAND", "KEPT AS MADE"));
      assert.match(help(), /KEPT AS MADE/); // so what is kept is what runs
    } finally {
      fs.rmSync(made); // nobody is to start what this test has written
    }
  }).timeout(60_000); // it makes the file three times, on a machine that may be busy

  const run = (...words: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [start, ...words], {
      cwd: os.tmpdir(),
      encoding: "utf8",
    });
    return { status, stdout, stderr };
  };
  it("refuses what is no command with status 2 and the usage", () => {
    assert.deepEqual(run("mysql", "switchover", "--stack", "prod", "--to", "mysql-2"), {
      status: 2,
      stdout: "",
      stderr:
        "refused: mysql switchover: there is no option --to. [USAGE_COMMAND_INVALID]\n\nnpm run ops -- mysql switchover --stack STACK [--server SERVER]\n",
    });
    assert.equal(run("mysql", "swichover", "--help").status, 2);
  });

  it("refuses what cannot be done with status 1, in one line", () => {
    const { status, stdout, stderr } = run("mysql", "status", "--stack", "nowhere");
    assert.deepEqual([status, stdout], [1, ""]);
    assert.match(stderr, /^refused: .* Pulumi\.nowhere\.yaml.* \[STACK_FILE_MISSING: docs\/runbooks\/README\.md\]\n$/);
  });

  it("helps with one command", () => {
    assert.deepEqual(run("mysql", "switchover", "--stack", "prod", "--help"), {
      status: 0,
      stderr: "",
      stdout: `npm run ops -- mysql switchover --stack STACK [--server SERVER]

Make a replica the primary while all servers are healthy.

  --stack STACK    the stack, which Pulumi.STACK.yaml configures (required)
  --server SERVER  the replica to promote (default: the one that lags least)
  --help           this text

Runbook: docs/runbooks/mysql-switchover.md
`,
    });
  });
});
