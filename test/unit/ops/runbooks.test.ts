import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { readWords } from "../../../ops/command";
import { areas } from "../../../ops/commands";

const root = path.resolve(__dirname, "..", "..", "..");
const folder = path.join(root, "docs", "runbooks");
const SECTIONS = ["Symptoms", "When to use", "Command", "Verify"];
/** What an operator does without a command of ours. */
const OTHERS = [
  "mysql-certificates.md",
  "mysql-accounts.md",
  "nacos-rollback.md",
  "nacos-schema.md",
  "nacos-upgrade.md",
  "pulumi-up.md",
  "tenants.md",
];
const commands = Object.entries(areas).flatMap(([area, named]) =>
  Object.entries(named).map(([name, command]) => ({ area, name, command })),
);

function runbookOf({ area, name, command }: (typeof commands)[number]): string {
  return `${command.runbook ?? `${area}-${name}`}.md`;
}

/** The text below each heading of the second level, in the page's order. */
function sectionsOf(page: string): [heading: string, text: string][] {
  return page
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf("\n")), section.slice(section.indexOf("\n")).trim()]);
}

describe("the runbooks", () => {
  it("are one for each command, and for what has none", () => {
    assert.deepEqual(
      fs.readdirSync(folder).sort(),
      [...new Set(["README.md", ...commands.map(runbookOf), ...OTHERS])].sort(),
    );
  });

  it("are what the README leads to", () => {
    const readme = fs.readFileSync(path.join(root, "README.md"), "utf8");
    assert.deepEqual(
      [...commands.map(runbookOf), ...OTHERS].filter((file) => !readme.includes(`(docs/runbooks/${file})`)),
      [],
    );
  });

  for (const file of OTHERS) {
    it(`have the same sections in ${file}`, () => {
      const sections = sectionsOf(fs.readFileSync(path.join(folder, file), "utf8"));
      assert.deepEqual(
        sections.map(([heading]) => heading).filter((heading) => SECTIONS.includes(heading)),
        SECTIONS,
      );
    });
  }

  for (const command of commands) {
    it(`say of ${command.area} ${command.name} symptoms, when to use it, the command, and how to verify the result`, () => {
      const sections = sectionsOf(fs.readFileSync(path.join(folder, runbookOf(command)), "utf8"));
      assert.deepEqual(
        sections.map(([heading]) => heading).filter((heading) => SECTIONS.includes(heading)),
        SECTIONS,
      );
      assert.deepEqual(
        sections.filter(([, text]) => text === ""),
        [],
      );
      const trouble = sections.find(([heading]) => /^If it (refuses|fails)$/.test(heading))?.[1];
      if (trouble !== undefined) assert.match(trouble, /^\| Code \| Message \| What to do \|$/m);
      const text = Object.fromEntries(sections).Command;
      assert.match(text, new RegExp(`^ *npm run ops -- ${command.area} ${command.name} .*--stack `, "m"));
    });
  }

  it("call the commands as they are declared", () => {
    const pages = [
      ...fs.readdirSync(folder).map((file) => path.join(folder, file)),
      ...["README.md", "docs/tenants.md", "docs/external-mysql.md"].map((file) => path.join(root, file)),
    ];
    const calls = pages.flatMap((page) =>
      [...fs.readFileSync(page, "utf8").matchAll(/npm run ops -- ([a-z].*?)(?:`| {2}|$)/gm)].map(([, call]) => call),
    );
    assert.ok(calls.length > 15, `only ${calls.length} calls were found`);
    for (const call of calls) {
      const [area, name, ...words] = call
        .replaceAll(/[[\]]/g, "")
        .replaceAll(/"[^"]*"/g, "TEXT")
        .trim()
        .split(" ");
      assert.doesNotThrow(
        () =>
          readWords(
            `${area} ${name}`,
            areas[area][name],
            words.includes("--stack") ? words : ["--stack", "S", ...words],
          ),
        call,
      );
    }
  });
});
