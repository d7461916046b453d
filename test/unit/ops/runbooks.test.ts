import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { areas } from "../../../ops/commands";

const root = path.resolve(__dirname, "..", "..", "..");
const folder = path.join(root, "docs", "runbooks");
const SECTIONS = ["What one sees first", "The decision", "The command", "How to know that it worked"];
/** What an operator does without a command of ours. */
const OTHERS = ["mysql-certificates.md"];
const commands = Object.entries(areas).flatMap(([area, named]) => Object.keys(named).map((name) => ({ area, name })));

/** A command's runbook. To go on after a pause is on the page about the pause. */
function runbookOf({ area, name }: { area: string; name: string }): string {
  return `${area}-${name === "resume" ? "pause" : name}.md`;
}

/** The text below each heading of the second level, in the page's order. */
function sectionsOf(page: string): [heading: string, text: string][] {
  return page.split(/^## /m).slice(1).map((section) => [section.slice(0, section.indexOf("\n")), section.slice(section.indexOf("\n")).trim()]);
}

describe("the runbooks", () => {
  it("are one for each command, and for what has none", () => {
    assert.deepEqual(fs.readdirSync(folder).sort(), [...new Set([...commands.map(runbookOf), ...OTHERS])].sort());
  });

  it("are what the README leads to", () => {
    const readme = fs.readFileSync(path.join(root, "README.md"), "utf8");
    assert.deepEqual([...commands.map(runbookOf), ...OTHERS].filter((file) => !readme.includes(`(docs/runbooks/${file})`)), []);
  });

  for (const file of OTHERS) {
    it(`have the same sections in ${file}`, () => {
      const sections = sectionsOf(fs.readFileSync(path.join(folder, file), "utf8"));
      assert.deepEqual(sections.map(([heading]) => heading).filter((heading) => SECTIONS.includes(heading)), SECTIONS);
    });
  }

  for (const command of commands) {
    it(`say of ${command.area} ${command.name} what one sees first, the decision, the command, and how to know that it worked`, () => {
      const sections = sectionsOf(fs.readFileSync(path.join(folder, runbookOf(command)), "utf8"));
      assert.deepEqual(sections.map(([heading]) => heading).filter((heading) => SECTIONS.includes(heading)), SECTIONS);
      assert.deepEqual(sections.filter(([, text]) => text === ""), []);
      const text = Object.fromEntries(sections)["The command"];
      assert.match(text, new RegExp(`^ *npm run ops -- ${command.area} ${command.name} .*--stack `, "m"));
    });
  }
});
