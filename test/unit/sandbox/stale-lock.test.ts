import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { releaseStaleLocks } from "../../../sandbox/deploy/stale-lock";
import { waitFor } from "../../../sandbox/exec";

describe("the lock of a stack", () => {
  let backend: string;
  beforeEach(() => (backend = fs.mkdtempSync(path.join(os.tmpdir(), "lock-test-"))));
  afterEach(() => fs.rmSync(backend, { recursive: true }));

  const timestamp = "2026-11-28T10:00:00.5Z";

  function lock(stack: string, pid: number, hostname = os.hostname()): string {
    const folder = path.join(backend, ".pulumi", "locks", "organization", "nacos-platform", stack);
    fs.mkdirSync(folder, { recursive: true });
    const file = path.join(folder, `${pid}.json`);
    fs.writeFileSync(file, JSON.stringify({ pid, username: "root", hostname, timestamp }));
    return file;
  }

  /** The number of a process that has ended. */
  const gone = () => Number(execFileSync("sh", ["-c", "echo $$"], { encoding: "utf8" }));

  it("is released where its process is gone, with a line that says so", () => {
    const pid = gone();
    const file = lock("dev", pid);
    assert.deepEqual(releaseStaleLocks(backend, "dev"), [
      `released the lock of stack "dev" that Pulumi process ${pid} took at ${timestamp}: it was killed`,
    ]);
    assert.equal(fs.existsSync(file), false);
    assert.deepEqual(releaseStaleLocks(backend, "dev"), []);
  });

  it("is released where its number has gone to another program", () => {
    lock("dev", process.pid);
    assert.equal(releaseStaleLocks(backend, "dev").length, 1);
  });

  it("stays where Pulumi is at work, on another machine, or on another stack", async () => {
    const pulumi = path.join(backend, "pulumi");
    fs.copyFileSync("/bin/sleep", pulumi);
    fs.chmodSync(pulumi, 0o755);
    const child = spawn(pulumi, ["60"]);
    const pid = child.pid ?? 0;
    await waitFor(
      "the program to run under its name",
      10,
      () => fs.readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "pulumi",
      10,
    );
    try {
      const files = [lock("dev", pid), lock("dev", gone(), "another-machine"), lock("test", gone())];
      assert.deepEqual(releaseStaleLocks(backend, "dev"), []);
      assert.deepEqual(
        files.map((file) => fs.existsSync(file)),
        [true, true, true],
      );
    } finally {
      child.kill();
    }
  });

  it("is released where it was cut short a while ago, and stays while it may be about to be written", () => {
    const file = lock("dev", gone());
    fs.writeFileSync(file, "{");
    assert.deepEqual(releaseStaleLocks(backend, "dev"), []);
    fs.utimesSync(file, new Date(), new Date(Date.now() - 61_000));
    assert.deepEqual(releaseStaleLocks(backend, "dev"), [
      'released a lock of stack "dev" that is incomplete: Pulumi was killed while it wrote it',
    ]);
    assert.equal(fs.existsSync(file), false);
  });

  it("is none before the first update", () => {
    assert.deepEqual(releaseStaleLocks(backend, "dev"), []);
  });
});
