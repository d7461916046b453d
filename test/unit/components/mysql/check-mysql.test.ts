import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

const script = path.join(__dirname, "../../../../components/mysql/scripts/check-mysql.sh");

describe("the probe of a MySQL server", () => {
  let programs: string;

  beforeEach(() => (programs = fs.mkdtempSync(path.join(os.tmpdir(), "check-mysql-"))));
  afterEach(() => fs.rmSync(programs, { recursive: true }));

  /** Status and output of the probe, with this script as the client. */
  function probe(mode: string, client: string): { status: number | null; said: string } {
    fs.writeFileSync(path.join(programs, "mysql"), `#!/bin/sh\n${client}\n`, { mode: 0o755 });
    const { status, stderr } = spawnSync("bash", [script, mode], {
      env: { PATH: `${programs}:${process.env.PATH}` },
      encoding: "utf8",
    });
    return { status, said: stderr };
  }

  it("depends on the answer of the server", () => {
    assert.deepEqual(probe("ready", "echo ready"), { status: 0, said: "" });
    assert.deepEqual(probe("ready", "echo is late"), { status: 1, said: "is late\n" });
    assert.deepEqual(probe("alive", "echo ERROR 1040: Too many connections; exit 1"), { status: 0, said: "" });
  });

  // The pipes stay open as long as the client runs, so this ends only after the probe has killed the client.
  it("kills a client that hangs, and so reports a server that accepts no login", () => {
    assert.deepEqual(probe("ready", "trap '' TERM; sleep 60 & wait; wait"), { status: 1, said: "\n" });
  });
});
