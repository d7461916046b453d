import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";

const script = join(__dirname, "..", "..", "..", "..", "..", "components", "mysql", "backup", "scripts", "expired.sh");

function day(ago: number): string {
  return new Date(Date.now() - ago * 86_400_000).toISOString().replace(/[-:]|\.\d+/g, "");
}

function expired(names: readonly string[], count: number, days: number, kept = ""): string[] {
  const output = execFileSync("sh", [script, String(count), String(days), kept], {
    input: names.map((name) => `${name}\n`).join(""),
    encoding: "utf8",
  });
  return output.split("\n").filter((line) => line !== "");
}

describe("The retention of backups", () => {
  const names = [40, 20, 10, 5, 1].map(day);

  it("expires backups beyond both count and age", () => assert.deepEqual(expired(names, 2, 15), [names[1], names[0]]));
  it("keeps the minimum number, however old they are", () => assert.deepEqual(expired(names, 4, 0), [names[0]]));
  it("keeps young backups, however many they are", () => assert.deepEqual(expired(names, 1, 30), [names[0]]));
  it("keeps the last verified backup", () => assert.deepEqual(expired(names, 2, 15, names[0]), [names[1]]));
  it("keeps the only backup", () => assert.deepEqual(expired([day(400)], 1, 0), []));
  it("ignores files that are no backups", () =>
    assert.deepEqual(expired(["lost+found", ".unfinished-x", "2020"], 0, 0), []));
});
