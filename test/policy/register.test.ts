import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

describe("what loads the program", () => {
  const register = path.join(__dirname, "..", "..", "policy-pack", "register.js");
  let folder: string;

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "nacos-platform-register-"));
  });

  afterEach(() => fs.rmSync(folder, { recursive: true }));

  function printed(...lines: string[]): string {
    const program = path.join(folder, "program.ts");
    fs.writeFileSync(program, lines.join("\n"));
    return execFileSync(process.execPath, ["--require", register, program], { encoding: "utf8" });
  }

  it("takes the types off, and names the lines of TypeScript", () => {
    const types = ["interface Named {", "  name: string;", "}"];
    assert.match(printed('require("source-map-support/register");', ...types, 'const x: Named = { name: "x" };', "console.log(x.name, new Error().stack);"), /^x Error\n.*program\.ts:6:\d+/);
  });
});
