import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { objects } from "../../../../runtime/mysql-backup/folder";

describe("A file of JSON objects", () => {
  it("is read line by line, whatever the texts contain and however long they are", async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "objects-"));
    const written = [{ a: "one\u2028two\u2029\u0085\r\nthree" }, { b: "ü😀".repeat(100_000) }, {}, { c: null }];
    const file = path.join(folder, "objects");
    fs.writeFileSync(file, written.map((one) => `${JSON.stringify(one)}\n`).join(""));
    const read: unknown[] = [];
    for await (const one of objects(file)) read.push(one);
    assert.deepEqual(read, written);
    fs.writeFileSync(file, "");
    for await (const one of objects(file)) assert.fail(JSON.stringify(one));
    fs.rmSync(folder, { recursive: true });
  });
});
