import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as path from "node:path";

describe("the files of the checkout", () => {
  // Node.js looks for .js, .json and .node before .ts: an import of "./results" would load results.json.
  it("have no TypeScript file next to a file of the same name that is loaded instead", () => {
    const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], {
      cwd: path.join(__dirname, "../.."),
      encoding: "utf8",
    }).split("\n");
    const hidden = files.filter(
      (file) =>
        file.endsWith(".ts") &&
        [".js", ".json", ".node"].some((extension) => files.includes(file.replace(/\.ts$/, extension))),
    );
    assert.deepEqual(hidden, []);
  });
});
