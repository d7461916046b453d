import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { readWords } from "../../../ops/command";
import { commandIn, commands } from "../../../ops/commands";

const root = path.resolve(__dirname, "..", "..", "..");
const folder = path.join(root, "docs", "runbooks");
const SECTIONS = ["Symptoms", "When to use", "Command", "Verify"];
/** What an operator does without a command of ours. */
const OTHERS = [
  "incident-configuration.md",
  "incident-mysql.md",
  "incident-pod.md",
  "troubleshooting.md",
  "mysql-certificates.md",
  "mysql-accounts.md",
  "nacos-rollback.md",
  "nacos-schema.md",
  "nacos-upgrade.md",
  "pulumi-up.md",
  "tenants.md",
];
function runbookOf(title: string): string {
  return `${commands[title].runbook ?? title.replace(" ", "-")}.md`;
}

const titles = Object.keys(commands);

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
      [...new Set(["README.md", ...titles.map(runbookOf), ...OTHERS])].sort(),
    );
  });

  it("are what the README leads to", () => {
    const readme = fs.readFileSync(path.join(root, "README.md"), "utf8");
    assert.deepEqual(
      [...titles.map(runbookOf), ...OTHERS].filter((file) => !readme.includes(`(docs/runbooks/${file})`)),
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

  for (const file of OTHERS.filter((name) => name.startsWith("incident-"))) {
    it(`begin with the diagnosis in ${file}`, () => {
      const { Command } = Object.fromEntries(sectionsOf(fs.readFileSync(path.join(folder, file), "utf8")));
      assert.match(Command, /^npm run ops -- diagnose --stack prod\n/);
    });
  }

  for (const title of titles) {
    it(`say of ${title} symptoms, when to use it, the command, and how to verify the result`, () => {
      const sections = sectionsOf(fs.readFileSync(path.join(folder, runbookOf(title)), "utf8"));
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
      assert.match(text, new RegExp(`^ *npm run ops -- ${title} .*--stack `, "m"));
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
      const given = call
        .replaceAll(/[[\]]/g, "")
        .replaceAll(/"[^"]*"/g, "TEXT")
        .trim()
        .split(" ");
      assert.doesNotThrow(() => {
        const { title, command, words } = commandIn(given);
        readWords(title, command, words.includes("--stack") ? words : ["--stack", "S", ...words]);
      }, call);
    }
  });
});
