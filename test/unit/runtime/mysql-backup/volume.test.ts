import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { BackupVolume } from "../../../../runtime/mysql-backup/volume";

describe("The backup volume", () => {
  let root: string;
  let volume: BackupVolume;
  const now = new Date("2026-11-21T12:00:00Z");
  const folder = (name: string, minutesAgo = 0): void => {
    fs.mkdirSync(path.join(root, name));
    fs.writeFileSync(path.join(root, name, "dump.sql.zst"), "");
    const time = now.getTime() / 1000 - minutesAgo * 60;
    fs.utimesSync(path.join(root, name), time, time);
  };
  const left = (): string[] => fs.readdirSync(root).sort();

  beforeEach(() => {
    root = fs.mkdtempSync(path.join(os.tmpdir(), "volume-"));
    volume = new BackupVolume(root);
  });
  afterEach(() => fs.rmSync(root, { recursive: true }));

  it("is freed from what killed runs left, and not from what a run is writing", () => {
    folder(".unfinished-a", 61);
    folder(".unfinished-b", 59);
    folder("lost+found", 9999);
    fs.writeFileSync(path.join(root, "status.json"), "{}");
    assert.deepEqual(volume.removeOld({ count: 1, days: 0 }, 60, now), []);
    assert.deepEqual(left(), [".unfinished-b", "lost+found", "status.json"]);
  });

  it("is freed from expired backups, but for the last that was verified", () => {
    const names = ["20260101T000000Z", "20260201T000000Z", "20260301T000000Z", "20261121T000000Z"];
    for (const name of names) folder(name);
    volume.verified = names[0];
    assert.equal(volume.verified, names[0]);
    assert.deepEqual(volume.removeOld({ count: 2, days: 30 }, 60, now), [names[1]]);
    assert.deepEqual(left(), [names[0], names[2], names[3], "last-verified"]);
  });

  describe("makes room for the next backup", () => {
    const names = ["20261101T000000Z", "20261102T000000Z", "20261103T000000Z", "20261104T000000Z"];
    /** Each backup has 100 bytes, and this is how many fit beside those that exist. */
    const free = (fitting: number) => () => 100 * (names.length + fitting - volume.complete.length);
    const room = (offsite: readonly string[], fitting: number) => volume.makeRoom(offsite, free(fitting));

    beforeEach(() => {
      for (const name of names) {
        folder(name);
        fs.writeFileSync(path.join(root, name, "manifest.json"), "x".repeat(100));
      }
      folder("20261105T000000Z"); // has no manifest
    });

    it("by the oldest that are off-site too, and only as far as it must", () => {
      assert.deepEqual(volume.complete, names);
      assert.deepEqual(room(names, 2), []);
      assert.deepEqual(room(names, 1), [names[0]]);
      assert.deepEqual(room([names[2]], 0), [names[2]]);
    });

    it("as far as it can, if another one like the newest fits", () => {
      assert.deepEqual(room([names[0]], 0.1), [names[0]]);
    });

    it("never by one that is only here, nor by the newest: then the retention does not fit, and it only says so", () => {
      for (const [offsite, kept] of [
        [[names[3]], 4],
        [names, 1],
      ] as const) {
        const missing = -3; // three backups more than there is room for
        assert.throws(
          () => room(offsite, missing),
          new RegExp(`needs about 1 MiB: mysql.backup.retention keeps ${kept} backups there\\. Enlarge`),
        );
        assert.deepEqual(volume.complete, names);
      }
    });

    it("not before the first", () => {
      for (const name of names) fs.rmSync(path.join(root, name), { recursive: true });
      assert.deepEqual(room([], -9), []);
    });
  });
});
