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

  /** The probe's status and what it says, with a client that does this. */
  function probe(mode: string, client: string): { status: number | null; said: string } {
    fs.writeFileSync(path.join(programs, "mysql"), `#!/bin/sh\n${client}\n`, { mode: 0o755 });
    const { status, stderr } = spawnSync("bash", [script, mode], { env: { PATH: `${programs}:${process.env.PATH}` }, encoding: "utf8" });
    return { status, said: stderr };
  }

  it("goes by what the server says", () => {
    assert.deepEqual(probe("ready", "echo ready"), { status: 0, said: "" });
    assert.deepEqual(probe("ready", "echo is late"), { status: 1, said: "is late\n" });
    assert.deepEqual(probe("alive", "echo ERROR 1040: Too many connections; exit 1"), { status: 0, said: "" });
  });

  // The pipes stay open as long as a client does, so this ends only when the client has been ended.
  it("ends a client that hangs, and so tells of a server that lets nobody in", () => {
    assert.deepEqual(probe("ready", "trap '' TERM; sleep 60 & wait; wait"), { status: 1, said: "\n" });
  });
});
