import * as assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { acquire } from "../../../sandbox/host/lock";
import { livePid, writePid } from "../../../sandbox/host/pid-file";

describe("the lock of a cluster", () => {
  let folder: string;
  let lock: string;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "lock-test-"));
    lock = path.join(folder, "dev.lock");
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  const gone = Number(execFileSync("sh", ["-c", "echo $$"]).toString());

  it("is refused while a process that lives has it, which is named", () => {
    writePid(lock, process.ppid);
    assert.throws(() => acquire(lock, "dev"), {
      message: `another command is at work on cluster "dev" (process ${process.ppid}). Wait for it, or end it, and run this again.`,
    });
    assert.equal(livePid(lock), process.ppid);
    assert.deepEqual(fs.readdirSync(folder), ["dev.lock"]);
  });

  it("is taken over from a process that was killed, even while it took one over itself", () => {
    writePid(lock, gone);
    writePid(`${lock}.removal`, gone);
    acquire(lock, "dev");
    assert.equal(livePid(lock), process.pid);
    assert.deepEqual(fs.readdirSync(folder), ["dev.lock"]);
  });

  it("is not taken over while another process does that", () => {
    writePid(lock, gone);
    writePid(`${lock}.removal`, process.ppid);
    assert.throws(() => acquire(lock, "dev"), /another command is at work on cluster "dev"/);
    assert.equal(fs.readFileSync(lock, "utf8").split(" ")[0], String(gone));
  });
});
