import * as fs from "node:fs";

/** Writes binary log files as MySQL does, as far as their transactions go, for tests. */

export interface WrittenTransaction {
  readonly source: string;
  readonly number: number;
  readonly micros: number;
  /** The time on the server that wrote the file, where it is not the first. */
  readonly relayedMicros?: number;
}

function event(type: number, body: Buffer): Buffer {
  const header = Buffer.alloc(19);
  header[4] = type;
  header.writeUInt32LE(19 + body.length + 4, 9);
  return Buffer.concat([header, body, Buffer.alloc(4)]);
}

function uuid(text: string): Buffer {
  return Buffer.from(text.replaceAll("-", ""), "hex");
}

function number(value: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(value));
  return buffer.subarray(0, bytes);
}

function gtidEvent({ source, number: no, micros, relayedMicros }: WrittenTransaction): Buffer {
  const here = number(relayedMicros ?? micros, 7);
  if (relayedMicros !== undefined) here[6] |= 0x80;
  return event(
    33,
    Buffer.concat([
      Buffer.from([0]),
      uuid(source),
      number(no, 8),
      Buffer.from([2]),
      Buffer.alloc(16),
      here,
      relayedMicros === undefined ? Buffer.alloc(0) : number(micros, 7),
      Buffer.from([100, 0, 0, 0, 0]),
    ]),
  );
}

/** @param previous server, first, last of what came before */
export function writeBinlog(
  file: string,
  previous: readonly (readonly [string, number, number])[],
  transactions: readonly WrittenTransaction[],
): void {
  const before = Buffer.concat([
    number(previous.length, 8),
    ...previous.map(([source, first, last]) =>
      Buffer.concat([uuid(source), number(1, 8), number(first, 8), number(last + 1, 8)]),
    ),
  ]);
  const description = Buffer.alloc(98);
  description[97] = 1; // checksums follow
  fs.writeFileSync(
    file,
    Buffer.concat([
      Buffer.from("fe62696e", "hex"),
      event(15, description),
      event(35, before),
      // Each transaction is followed by its statements, which are skipped.
      ...transactions.flatMap((transaction) => [gtidEvent(transaction), event(2, Buffer.alloc(300_000))]),
      event(4, Buffer.alloc(20)),
    ]),
  );
}
