import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { readBinlog } from "../../../../runtime/mysql-backup/binlog";
import { writeBinlog } from "./binlog-writer";

const A = "aaaaaaaa-0000-0000-0000-000000000001";
const B = "bbbbbbbb-0000-0000-0000-000000000002";
const AT = 1_795_262_812_123_456;

describe("A binary log file", () => {
  let folder: string;
  let file: string;
  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "binlog-"));
    file = path.join(folder, "binlog.000002");
    writeBinlog(
      file,
      [
        [A, 1, 10],
        [B, 1, 2],
      ],
      [
        { source: A, number: 11, micros: AT },
        { source: A, number: 12, micros: AT + 10, relayedMicros: AT + 5_000_000 },
        { source: B, number: 3, micros: AT + 20 },
      ],
    );
  });
  after(() => fs.rmSync(folder, { recursive: true }));

  it("says what came before it and what it holds", () => {
    const log = readBinlog(file);
    assert.equal(log.previous.toString(), `${A}:1-10,${B}:1-2`);
    assert.equal(log.content.toString(), `${A}:11-12,${B}:3`);
    assert.deepEqual(log.runs, [
      { source: A, first: 11, last: 12, late: false },
      { source: B, first: 3, last: 3, late: false },
    ]);
    assert.equal(log.latestMicros, AT + 20);
  });

  it("is divided at a point in time, to the microsecond, by the time of the first commit", () => {
    const log = readBinlog(file, AT + 10);
    assert.deepEqual(log.runs, [
      { source: A, first: 11, last: 12, late: false },
      { source: B, first: 3, last: 3, late: true },
    ]);
    assert.equal(log.latestMicros, AT + 10);
    assert.deepEqual(
      readBinlog(file, AT).runs.map(({ first, last, late }) => [first, last, late]),
      [
        [11, 11, false],
        [12, 12, true],
        [3, 3, true],
      ],
    );
    assert.equal(readBinlog(file, AT - 1).latestMicros, undefined);
  });

  it("is refused when it is cut off, damaged, encrypted or something else", () => {
    const bytes = fs.readFileSync(file);
    const refuses = (content: Buffer, message: RegExp): void => {
      const other = path.join(folder, "other");
      fs.writeFileSync(other, content);
      assert.throws(() => readBinlog(other), message);
    };
    refuses(bytes.subarray(0, bytes.length - 10), /is cut off: an event at byte \d+ continues beyond its end/);
    refuses(bytes.subarray(0, 130), /is cut off/);
    refuses(Buffer.from("fd62696e0000", "hex"), /is encrypted by the server/);
    refuses(Buffer.from("hello"), /is not a binary log/);
    refuses(Buffer.alloc(0), /is not a binary log/);
    const damaged = Buffer.from(bytes);
    damaged.writeUInt32LE(3, 4 + 9);
    refuses(damaged, /is damaged at byte 4: an event of 3 bytes/);
    const anonymous = Buffer.from(bytes);
    anonymous[240] = 34; // the kind of the third event
    refuses(anonymous, /holds transactions without ids/);
  });
});
