import * as fs from "node:fs";
import { type Gtid, type GtidRange, GtidSet } from "../gtid-set";

/**
 * A reader of MySQL's binary log files. It reads only which transactions a file holds, and when they were committed. The
 * server reads the content of the events, and checks their checksums.
 */

const MAGIC = "fe62696e";
const ENCRYPTED_MAGIC = "fd62696e";
const HEADER_BYTES = 19;
const CHECKSUM_BYTES = 4;
/** More than any event that is read here. Other events are skipped. */
const MOST_BYTES = 64 * 2 ** 20;

const EVENT = { formatDescription: 15, gtid: 33, anonymousGtid: 34, previousGtids: 35, taggedGtid: 42 } as const;

/** What is wrong with a binary log file. */
export class BinlogError extends Error {}

interface BinlogTransaction {
  readonly gtid: Gtid;
  /** When it was committed on the server that committed it first, in microseconds since 1970. */
  readonly committedMicros: number;
}

/** Transactions of one source that come one after the other. */
export interface Run extends GtidRange {
  readonly late: boolean;
}

/** What one file holds. */
export interface BinlogContent {
  readonly file: string;
  /** Every transaction of the server before this file. */
  readonly previous: GtidSet;
  readonly content: GtidSet;
  /** The same in the order of the file, and whether they were committed after the requested point in time. */
  readonly runs: readonly Run[];
  /** The latest commit up to that point in time, in microseconds since 1970. */
  readonly latestMicros?: number;
}

/**
 * Reads a closed binary log file.
 *
 * @param untilMicros the point in time, in microseconds since 1970, after which transactions are late; none: the end.
 * @throws BinlogError if the file is not a binary log, ends within an event, or holds transactions without ids.
 */
export function readBinlog(file: string, untilMicros = Infinity): BinlogContent {
  let previous: GtidSet | undefined;
  let latestMicros: number | undefined;
  const runs: Run[] = [];
  for (const { type, body } of events(file)) {
    if (type === EVENT.previousGtids) previous = parsePreviousGtids(file, body);
    else if (type === EVENT.gtid) {
      const transaction = parseGtid(file, body);
      const late = transaction.committedMicros > untilMicros;
      append(runs, transaction.gtid, late);
      if (!late) latestMicros = Math.max(latestMicros ?? 0, transaction.committedMicros);
    } else if (type === EVENT.anonymousGtid)
      throw new BinlogError(`${file} holds transactions without ids (gtid_mode was not ON)`);
    else if (type === EVENT.taggedGtid) throw new BinlogError(`${file} holds ids with tags, which are not supported`);
  }
  if (previous === undefined) throw new BinlogError(`${file} does not record the transactions before it`);
  return { file, previous, content: GtidSet.of(runs), runs, latestMicros };
}

interface Event {
  readonly type: number;
  readonly body: Buffer;
}

/** The events that matter here, one after the other, without header and checksum. */
function* events(file: string): Generator<Event> {
  const descriptor = fs.openSync(file, "r");
  try {
    const { size } = fs.fstatSync(descriptor);
    const read = window(descriptor, size);
    const magic = size < 4 ? "" : read(0, 4).toString("hex");
    if (magic === ENCRYPTED_MAGIC)
      throw new BinlogError(`${file} is encrypted by the server (binlog_encryption), which is not supported`);
    if (magic !== MAGIC) throw new BinlogError(`${file} is not a binary log`);
    let checksum = 0;
    for (let at = 4; at < size; ) {
      const cut = (): BinlogError =>
        new BinlogError(`${file} is cut off: an event at byte ${at} continues beyond its end at ${size}`);
      if (at + HEADER_BYTES > size) throw cut();
      const header = read(at, HEADER_BYTES);
      const type = header[4];
      const length = header.readUInt32LE(9);
      if (length < HEADER_BYTES + checksum)
        throw new BinlogError(`${file} is damaged at byte ${at}: an event of ${length} bytes`);
      if (at + length > size) throw cut();
      if (isRead(type)) {
        if (length > MOST_BYTES) throw new BinlogError(`${file} is damaged at byte ${at}: an event of ${length} bytes`);
        const body = read(at + HEADER_BYTES, length - HEADER_BYTES);
        // The first event says if the later ones have checksums. It always has one itself.
        if (type === EVENT.formatDescription)
          checksum = body[body.length - CHECKSUM_BYTES - 1] === 1 ? CHECKSUM_BYTES : 0;
        yield { type, body: body.subarray(0, body.length - checksum) };
      }
      at += length;
    }
  } finally {
    fs.closeSync(descriptor);
  }
}

function isRead(type: number): boolean {
  return (Object.values(EVENT) as number[]).includes(type);
}

/** Reads parts of a file in ascending order through a buffer, because most parts are a few bytes. */
function window(descriptor: number, size: number): (at: number, length: number) => Buffer {
  let start = 0;
  let held = Buffer.alloc(0);
  return (at, length) => {
    if (at < start || at + length > start + held.length) {
      held = Buffer.alloc(Math.min(Math.max(length, 2 ** 18), size - at));
      start = at;
      for (let filled = 0; filled < held.length; ) {
        const got = fs.readSync(descriptor, held, filled, held.length - filled, at + filled);
        if (got === 0) throw new BinlogError("the file became shorter while it was read");
        filled += got;
      }
    }
    return held.subarray(at - start, at - start + length);
  };
}

function parseGtid(file: string, body: Buffer): BinlogTransaction {
  // flags 1, server's uuid 16, number 8, kind of logical clock 1, two logical clocks of 8, then the time of the commit.
  const timeAt = 42;
  if (body.length < timeAt + 7 || body[25] !== 2)
    throw new BinlogError(`${file} holds a transaction that has no commit time`);
  const here = body.readUIntLE(timeAt, 6) + (body[timeAt + 6] & 0x7f) * 2 ** 48;
  // The highest bit says that the time of the first commit, on another server, follows.
  const elsewhere = (body[timeAt + 6] & 0x80) !== 0;
  if (elsewhere && body.length < timeAt + 14) throw new BinlogError(`${file} holds a damaged transaction id`);
  const committedMicros = elsewhere ? body.readUIntLE(timeAt + 7, 6) + body[timeAt + 13] * 2 ** 48 : here;
  return { gtid: { source: uuid(body.subarray(1, 17)), number: Number(body.readBigUInt64LE(17)) }, committedMicros };
}

function parsePreviousGtids(file: string, body: Buffer): GtidSet {
  const damaged = (): BinlogError => new BinlogError(`${file} does not record clearly the transactions before it`);
  if (body.length < 8) throw damaged();
  if (body[7] !== 0) throw new BinlogError(`${file} holds ids with tags, which are not supported`);
  const ranges: GtidRange[] = [];
  let at = 8;
  for (let sources = body.readUIntLE(0, 6); sources > 0; sources -= 1) {
    if (at + 24 > body.length) throw damaged();
    const source = uuid(body.subarray(at, at + 16));
    const intervals = Number(body.readBigUInt64LE(at + 16));
    at += 24;
    if (at + intervals * 16 > body.length) throw damaged();
    for (let i = 0; i < intervals; i += 1, at += 16) {
      // The end is the first number that is not in the interval.
      ranges.push({ source, first: Number(body.readBigUInt64LE(at)), last: Number(body.readBigUInt64LE(at + 8)) - 1 });
    }
  }
  return GtidSet.of(ranges);
}

function uuid(bytes: Buffer): string {
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function append(runs: Run[], { source, number }: Gtid, late: boolean): void {
  const before = runs.at(-1);
  if (before?.source === source && before.last + 1 === number && before.late === late)
    runs[runs.length - 1] = { ...before, last: number };
  else runs.push({ source, first: number, last: number, late });
}
