import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { writeValues } from "../../../../../runtime/mysql-backup/folder";
import { loadFiles, loads } from "../../../../../runtime/mysql-backup/load-plan";

const scripts = path.join(__dirname, "../../../../../components/mysql/backup/scripts");

describe("The load of a restore", () => {
  let root: string;
  const file = (name: string): string => path.join(root, name);
  const program = (name: string, text: string): void =>
    fs.writeFileSync(file(`bin/${name}`), `#!/bin/bash\n${text}\n`, { mode: 0o755 });

  beforeEach(() => {
    root = fs.mkdtempSync(path.join(os.tmpdir(), "load-"));
    for (const folder of ["bin", "work/results", "dev"]) fs.mkdirSync(file(folder), { recursive: true });
    for (const script of ["load.sh", "scratch.sh"]) {
      const text = fs.readFileSync(path.join(scripts, script), "utf8");
      fs.writeFileSync(
        file(script),
        text.replace(/(?<=[ =])\/(work|dev\/termination-log)\b/g, `${root}/$1`).replace("/scripts", root),
      );
    }
    fs.writeFileSync(file("work/report"), "restores the state of backup B\n");
    writeValues(file("work/load"), {
      server: "mysql:3306",
      "sessions.sql": "",
      "raise-packet.sql": "",
      "restore-packet.sql": "",
      "counts.sql": "",
    });
    loads("in-place", [{ name: "nacos", characterSet: "", collation: "" }], "", []).forEach((load, index) =>
      writeValues(file(`work/load/steps/${index}`), loadFiles(load)),
    );
    program("mysqld", "exec sleep 60");
    program(
      "mysql",
      `if [[ $* == *--socket=* ]]; then grep -q SHUTDOWN && kill $(pgrep -P $PPID -x sleep); exit 0; fi\ncat >>${root}/primary`,
    );
  });
  afterEach(() => fs.rmSync(root, { recursive: true }));

  /** What reached the primary, and the last message of the container. */
  function run(): { readonly status: number | null; readonly primary: string; readonly message: string } {
    const env = {
      PATH: `${file("bin")}:${process.env.PATH}`,
      BUFFER_POOL_MIB: "1",
      REHEARSAL_DATABASE: "platform_rehearsal",
    };
    const { status } = spawnSync("setsid", ["bash", file("load.sh")], { env, stdio: "ignore" });
    const read = (name: string): string => fs.readFileSync(file(name), "utf8");
    return { status, primary: read("primary"), message: read("dev/termination-log") };
  }

  it("replaces nothing if its rehearsal was incomplete, and says why", () => {
    program("mysqldump", 'echo "CREATE TABLE half (i INT);"; echo "mysqldump: no memory" >&2; exit 2');
    const { status, primary, message } = run();
    assert.equal(status, 1);
    assert.match(primary, /CREATE TABLE half/);
    assert.doesNotMatch(primary, /DROP DATABASE IF EXISTS `nacos`/);
    assert.match(primary, /DROP DATABASE IF EXISTS `platform_rehearsal`;\n$/);
    assert.match(message, /B\nnothing was restored: the primary would refuse nacos: mysqldump: no memory\n$/);
  });

  // All processes of the container, whose group is its own.
  it("says at any time if the primary was changed, because it may be killed", () => {
    const kill = (condition: string): void => program("mysqldump", `${condition} || exit 0; kill -KILL 0`);
    kill("[[ $* == *--no-data* ]]");
    assert.match(run().message, /B\nnothing was restored\n$/);
    kill("[[ $* == *--events* ]]");
    const { primary, message } = run();
    assert.match(primary, /DROP DATABASE IF EXISTS `nacos`;/);
    assert.match(message, /B\nthe databases are incomplete, run the restore again\n$/);
  });

  it("succeeds if all dumps do", () => {
    program("mysqldump", "exit 0");
    assert.equal(run().status, 0);
  });
});
