import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

const folder = path.join(__dirname, "../../../../../components/mysql/backup/scripts");
/** What the containers have at these paths. */
const MOUNTS = /(?<=["= ])\/(scripts|work|backups|outside|rclone|var\/lib\/mysql|tmp|dev\/termination-log)\b/g;
/** Copies nothing: notes its calls, and fails if the file `refused` has a word of one of them. */
const RCLONE = `#!/bin/sh
if [ "$1" = obscure ]; then exit; fi
shift 8
if echo "$*" | grep -q -F -f "$HOME/refused"; then echo "ERROR : $*" >&2; exit 1; fi
while [ -e "$HOME/hanging" ]; do sleep 0.1; done
if [ "$1" = copyto ]; then tail -n 1 "$2" >"$HOME/last-line"; fi
echo "$*" >>"$HOME/calls"
`;

describe("The script that", () => {
  let home: string;
  const put = (file: string, text: string, mode = 0o644): void => {
    fs.mkdirSync(path.dirname(path.join(home, file)), { recursive: true });
    fs.writeFileSync(path.join(home, file), text, { mode });
  };
  const read = (file: string): string => fs.readFileSync(path.join(home, file), "utf8");
  const calls = (): string[] => read("calls").replaceAll(home, "").split("\n").slice(0, -1);
  const environment = (): NodeJS.ProcessEnv => ({
    PATH: `${home}/bin:${process.env.PATH}`,
    HOME: home,
    INTERVAL_SECONDS: "0.1",
    ...Object.fromEntries(["ENDPOINT", "REGION", "BUCKET", "PATH"].map((name) => [`S3_${name}`, "x"])),
  });

  beforeEach(() => {
    home = fs.mkdtempSync(path.join(os.tmpdir(), "scripts-"));
    for (const name of ["copy-out.sh", "outside.sh", "ship-binlogs.sh"])
      put(`scripts/${name}`, fs.readFileSync(path.join(folder, name), "utf8").replace(MOUNTS, `${home}/$1`));
    put("bin/rclone", RCLONE, 0o755);
    put("calls", "");
    put("refused", "");
    for (const file of ["s3/accessKeyId", "s3/secretAccessKey", "key/password"]) put(`outside/${file}`, "x");
    for (const name of ["rclone", "tmp", "dev"]) fs.mkdirSync(path.join(home, name));
  });
  afterEach(() => fs.rmSync(home, { recursive: true }));

  describe("copies binary logs", () => {
    /** Runs it until the condition holds. @returns what it printed */
    async function ship(until: (said: string) => boolean): Promise<string> {
      const shell = spawn("sh", [path.join(home, "scripts/ship-binlogs.sh")], { env: environment() });
      let said = "";
      await new Promise<void>((resolve) => {
        for (const stream of [shell.stdout, shell.stderr])
          stream.on("data", (data: Buffer) => {
            said += data.toString();
            if (until(said)) resolve();
          });
      });
      shell.kill();
      await once(shell, "exit");
      return said;
    }
    const isLate = (said: string): boolean => /late by [1-9]/.test(said);
    const copied = (said: string): string[] => [...said.matchAll(/copied (binlog\.\d+)/g)].map(([, name]) => name);

    beforeEach(() => {
      const data = "var/lib/mysql/data";
      put(`${data}/auto.cnf`, "server-uuid=u\n");
      put(`${data}/purged-at-start`, "u \n");
      put(`${data}/binlog.index`, "./binlog.000001\n./binlog.000002\n./binlog.000003\n");
      for (const number of [1, 2, 3]) put(`${data}/binlog.00000${number}`, `${number}\n`);
    });

    it("that the server has closed, and then says when, and which server it is", async () => {
      const said = await ship((so) => so.split("late by 0 s").length === 3);
      assert.deepEqual(copied(said), ["binlog.000001", "binlog.000002"]);
      assert.ok(calls().at(-1)?.endsWith("outside:binlogs/u/copied-at"));
      assert.equal(read("last-line").trim(), os.hostname());
    });

    it("after one that cannot be copied too, reports how late it is, and tries that one again", async () => {
      put("refused", "binlog.000001\n");
      const said = await ship(isLate);
      assert.deepEqual(copied(said), ["binlog.000002"]);
      assert.ok(!calls().some((call) => call.endsWith("copied-at")));
      put("refused", "");
      const again = await ship((so) => so.includes("000001") && so.includes("late by 0 s"));
      assert.equal(copied(again)[0], "binlog.000001");
      assert.doesNotMatch(again.slice(0, again.indexOf("000001")), /late by 0 s/); // another container of the same pod
    });

    it("and reports how late it is while a copy hangs", async () => {
      put(
        "scripts/ship-binlogs.sh",
        read("scripts/ship-binlogs.sh").replace("report_seconds=60", "report_seconds=0.1"),
      );
      put("hanging", "");
      const said = await ship((so) => {
        if (isLate(so)) fs.rmSync(path.join(home, "hanging"), { force: true });
        return isLate(so);
      });
      assert.deepEqual([copied(said), said.includes("trying again")], [[], false]);
    });

    it("and reports a time since the machine started if it started after the last copy", async () => {
      put("tmp/complete", "99999999999\n");
      assert.match(await ship((so) => so.includes("late by")), /^binlogs: late by [1-9]\d* s$/m);
    });
  });

  describe("copies backups off-site", () => {
    const [NEW, OLD] = ["20261121T115500Z", "20261120T115500Z"];
    const copy = (): { status: number | null; said: string } => {
      const { status, stdout, stderr } = spawnSync("sh", [path.join(home, "scripts/copy-out.sh")], {
        env: environment(),
        encoding: "utf8",
      });
      return { status, said: stdout + stderr };
    };
    const sent = (name: string): string[] => [
      `copy /backups/${name} outside:backups/${name} --exclude manifest.json`,
      `cryptcheck /backups/${name} outside:backups/${name} --exclude manifest.json --one-way`,
      `copy /backups/${name}/manifest.json outside:backups/${name}`,
    ];

    beforeEach(() => {
      put("work/copy/names", `${NEW}\n${OLD}\n`);
      put("work/copy/expired", "20260101T000000Z\n20260102T000000Z\n");
      put("work/copy/logs-before", "2026-11-19T11:55:00Z");
      put("work/copy/warning", "");
    });

    it("with the manifest last, and removes old ones afterwards", () => {
      const { status, said } = copy();
      assert.equal(status, 0, said);
      assert.deepEqual(calls(), [
        ...sent(NEW),
        ...sent(OLD),
        "purge outside:backups/20260101T000000Z",
        "purge outside:backups/20260102T000000Z",
        "delete outside:binlogs --use-server-modtime --min-age 2026-11-19T11:55:00Z",
      ]);
      assert.equal(
        read("dev/termination-log"),
        `backup: ${NEW} is complete, on the backup volume and in the object store\n`,
      );
    });

    it("and removes nothing if one of them was not copied, or is not as it should be", () => {
      for (const [refused, calledBefore] of [
        [`copy ${home}/backups/${NEW} `, []],
        [`cryptcheck ${home}/backups/${OLD}`, [...sent(NEW), sent(OLD)[0]]],
        [`${OLD}/manifest.json`, [...sent(NEW), ...sent(OLD).slice(0, 2)]],
      ] as const) {
        put("refused", `${refused}\n`);
        put("calls", "");
        assert.equal(copy().status, 1, refused);
        assert.deepEqual(calls(), calledBefore);
      }
    });

    it("and succeeds if an old one cannot be removed: the next run does that", () => {
      put("refused", "purge outside:backups/20260101T000000Z\n");
      const { status, said } = copy();
      assert.equal(status, 0);
      assert.match(said, /^backup: 20260101T000000Z was not removed from the object store$/m);
      assert.ok(calls().includes("purge outside:backups/20260102T000000Z"));
    });

    it("and removes nothing without a list of what is there", () => {
      for (const file of ["expired", "logs-before"]) put(`work/copy/${file}`, "");
      assert.equal(copy().status, 0);
      assert.deepEqual(calls(), [...sent(NEW), ...sent(OLD)]);
    });
  });
});
