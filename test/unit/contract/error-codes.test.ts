import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { RUNBOOKS } from "../../../contract/error-codes";

const root = path.resolve(__dirname, "..", "..", "..");
const folder = path.join(root, "docs", "runbooks");
const codes: [code: string, page: string | undefined][] = Object.entries(RUNBOOKS);
const explained = codes.filter((entry): entry is [string, string] => entry[1] !== undefined);

/** The rows of a page that begin with a code, as cells. */
function rowsOf(page: string): string[][] {
  const lines = fs.readFileSync(path.join(folder, page), "utf8").split("\n");
  return lines
    .map((line) => line.slice(2, -2).split(" | "))
    .filter(([first]) => /^`[A-Z]+_[A-Z_]+`$/.test(first))
    .map(([first, ...others]) => [first.slice(1, -1), ...others]);
}

describe("the codes of errors", () => {
  it("begin with their area; only an invalid command line has no runbook", () => {
    for (const [code, page] of codes) {
      assert.match(
        code,
        /^(AUTOSCALING|BACKUP|CLUSTER|CONFIG|MONITORING|MYSQL|NACOS|RESTORE|SCHEMA|SECRETS|STACK|STORAGE|TENANTS|UPDATE|USAGE)(_[A-Z]+)+$/,
      );
      assert.equal(page === undefined, code.startsWith("USAGE_"), code);
    }
  });

  it("stand in the table of their runbook, and of no other", () => {
    const found = fs.readdirSync(folder).flatMap((page) =>
      rowsOf(page)
        .filter((row) => row.length === 3)
        .map(([code]) => `${code} in ${page}`),
    );
    assert.deepEqual([...new Set(found)].sort(), explained.map(([code, page]) => `${code} in ${page}.md`).sort());
  });

  it("stand in the index of the runbooks", () => {
    const link = (page: string): string =>
      page === "README" ? "[every command](#every-command)" : `[${page}](${page}.md)`;
    assert.deepEqual(
      rowsOf("README.md").filter((row) => row.length === 2),
      explained.map(([code, page]) => [code, link(page)]),
    );
  });

  it("are thrown somewhere", () => {
    const files = [
      "clients",
      "components",
      "config",
      "contract",
      "kube",
      "ops",
      "pipeline",
      "runtime",
      "tenants",
    ].flatMap((room) =>
      fs.readdirSync(path.join(root, room), { recursive: true, encoding: "utf8" }).map((file) => path.join(room, file)),
    );
    const text = (extension: string): string =>
      files
        .filter((file) => file.endsWith(extension) && file !== "contract/error-codes.ts")
        .map((file) => fs.readFileSync(path.join(root, file), "utf8"))
        .join("\n");
    const [program, scripts] = [text(".ts"), text(".sh")];
    assert.deepEqual(
      codes
        .filter(
          ([code, page]) => !program.includes(`"${code}"`) && !scripts.includes(`[${code}: docs/runbooks/${page}.md]`),
        )
        .map(([code]) => code),
      [],
    );
  });
});
