import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

/** A folder that the steps of a pod share: a step reads what earlier steps wrote, a file for each value. */

/** The text of a file without surrounding white space; undefined if there is none. */
export function readIfThere(...name: string[]): string | undefined {
  const file = path.join(...name);
  return fs.existsSync(file) ? fs.readFileSync(file, "utf8").trim() : undefined;
}

/** The lines of a file; none if there is no file. */
export function readLines(...name: string[]): string[] {
  return (readIfThere(...name) ?? "").split("\n").filter((line) => line !== "");
}

/** The JSON objects of a file that has one on each line. The file may be larger than the memory. */
export async function* objects<T>(file: string): AsyncGenerator<T> {
  let begun: Buffer[] = [];
  // Not by node:readline, for which U+2028 ends a line too.
  for await (const chunk of fs.createReadStream(file)) {
    let rest = chunk as Buffer;
    for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n")) {
      yield JSON.parse(Buffer.concat([...begun, rest.subarray(0, end)]).toString()) as T;
      begun = [];
      rest = rest.subarray(end + 1);
    }
    begun.push(rest);
  }
}

/** Writes one file for each value, in a folder that has nothing else afterwards. */
export function writeValues(folder: string, values: Readonly<Record<string, string>>): void {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  for (const [name, value] of Object.entries(values)) fs.writeFileSync(path.join(folder, name), value);
}

/** The same for statements: files with the ending `.sql`. */
export function asFiles(statements: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(statements).map(([name, text]) => [`${name}.sql`, text === "" ? "" : `${text}\n`]),
  );
}

/** One value per line, as bash's mapfile reads it. */
export function asLines(values: readonly string[]): string {
  return values.map((value) => `${value}\n`).join("");
}

export interface Fingerprint {
  readonly bytes: number;
  /** In hexadecimal digits. */
  readonly sha256: string;
}

/** The size and the SHA-256 checksum of a file. It is read once, in parts. */
export async function fingerprint(file: string): Promise<Fingerprint> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of fs.createReadStream(file, { highWaterMark: 2 ** 20 })) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { bytes, sha256: hash.digest("hex") };
}
