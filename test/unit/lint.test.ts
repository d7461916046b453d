import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

const root = path.join(__dirname, "..", "..");

/** Each line breaks the rule that the comment before it names. */
const BREACHES = `
// eslint(eqeqeq)
export const equal = (a: number | null) => a == null;
// eslint(no-restricted-properties)
it.only("a", () => undefined);
// eslint(no-restricted-properties)
it.skip("a", () => undefined);
// eslint(no-restricted-properties)
describe.only("a", () => undefined);
// eslint(no-restricted-properties)
describe.skip("a", () => undefined);
// eslint(no-unused-vars)
const _unused = 1;
// typescript(no-explicit-any)
export function called(a: any): void {
  // typescript(no-unsafe-call)
  a();
}
// typescript(no-floating-promises)
Promise.resolve();
// typescript(no-misused-promises)
if (Promise.resolve(true)) called(1);
export function chosen(a: "one" | "two"): void {
  // typescript(switch-exhaustiveness-check)
  switch (a) {
    case "one":
  }
}
// typescript(no-require-imports)
export const required = require("node:fs") as unknown;
`;

const lines = (count: number): string =>
  Array.from({ length: count }, (_, n) => `// A comment and a blank line\n\nexport const a${n} = ${n};\n`).join("");

describe("the linter", () => {
  it("refuses each breach of a rule, with types and without, and files that are too long", () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lint-"));
    try {
      fs.symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"));
      for (const file of [".oxlintrc.json", "tsconfig.base.json"])
        fs.copyFileSync(path.join(root, file), path.join(folder, file));
      const files = {
        "tsconfig.json": '{ "extends": "./tsconfig.base.json" }',
        "kube/breaches.ts": BREACHES,
        "kube/300.ts": lines(300),
        "kube/301.ts": lines(301),
        "test/450.ts": lines(450),
        "test/451.ts": lines(451),
      };
      for (const [file, text] of Object.entries(files)) {
        fs.mkdirSync(path.join(folder, path.dirname(file)), { recursive: true });
        fs.writeFileSync(path.join(folder, file), text);
      }
      const { stdout, status } = spawnSync(path.join(root, "node_modules/.bin/oxlint"), ["--format", "json"], {
        cwd: folder,
        encoding: "utf8",
      });
      const { diagnostics } = JSON.parse(stdout) as {
        readonly diagnostics: readonly {
          readonly code: string;
          readonly filename: string;
          readonly labels: readonly { readonly span: { readonly line: number } }[];
        }[];
      };
      const found = diagnostics.map(({ code, filename, labels }) =>
        code === "eslint(max-lines)" ? `${filename}: ${code}` : `${filename}:${labels[0].span.line}: ${code}`,
      );
      const expected = BREACHES.split("\n").flatMap((line, n) => {
        const [, rule] = /^ *\/\/ (\S+)$/.exec(line) ?? [];
        return rule === undefined ? [] : [`kube/breaches.ts:${n + 2}: ${rule}`];
      });
      assert.deepEqual(
        found.sort(),
        [...expected, "kube/301.ts: eslint(max-lines)", "test/451.ts: eslint(max-lines)"].sort(),
      );
      assert.equal(status, 1);
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  }).timeout(60_000); // it starts a process, on a machine that may be busy
});
