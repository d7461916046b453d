import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { moveUnlessThere } from "../../../sandbox/paths";

describe("a finished folder", () => {
  let folder: string;
  beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "paths-test-"))));
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  const make = (name: string): string => {
    fs.mkdirSync(path.join(folder, name));
    fs.writeFileSync(path.join(folder, name, "by"), name);
    return path.join(folder, name);
  };

  it("gets its final name", () => {
    moveUnlessThere(make("mine"), path.join(folder, "final"));
    assert.equal(fs.readFileSync(path.join(folder, "final", "by"), "utf8"), "mine");
  });

  it("goes where another process was faster", () => {
    moveUnlessThere(make("mine"), make("final"));
    assert.equal(fs.readFileSync(path.join(folder, "final", "by"), "utf8"), "final");
    assert.deepEqual(fs.readdirSync(folder), ["final"]);
  });

  it("stays where it is, with the reason, where it cannot be moved", () => {
    const mine = make("mine");
    assert.throws(() => moveUnlessThere(mine, path.join(folder, "no", "such", "folder")), { code: "ENOENT" });
    assert.ok(fs.existsSync(mine));
  });
});
