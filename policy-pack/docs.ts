import * as fs from "node:fs";
import * as path from "node:path";
import { catalogue, type Entry } from "./catalogue";
import { readExemptions } from "./platform-exemptions";
import { ENVIRONMENTS } from "./lib/environment";

export const readmePath = path.join(__dirname, "README.md");

const start = "<!-- policies: written by docs.ts -->";
const end = "<!-- /policies -->";

/** `readme` with its tables of rules generated again. */
export function render(readme: string): string {
  const from = readme.indexOf(start);
  const to = readme.indexOf(end);
  if (from < 0 || to < from) throw new Error(`README.md has to contain "${start}" and, after it, "${end}".`);
  const tables = Object.entries(catalogue).flatMap(([group, entries]) => [`### ${group}`, "", ...table(entries), ""]);
  const text = [...tables, "### Exemptions of the platform", "", ...exemptions(), ""].join("\n");
  return `${readme.slice(0, from + start.length)}\n${text}${readme.slice(to)}`;
}

function exemptions(): string[] {
  const rows = Object.entries(readExemptions()).flatMap(([rule, list]) =>
    list.map(({ object, reason, until }) => `| ${rule} | \`${object}\` | ${reason} | ${until} |`),
  );
  return ["| Rule | Object | Reason | Until |", "|---|---|---|---|", ...rows];
}

function table(entries: readonly Entry[]): string[] {
  const rows = entries.map(({ rule, levels }) => {
    const { name, url, severity, description, remediationSteps, tags, stack } = rule;
    const own = ENVIRONMENTS.map((environment) => LETTERS[levels[environment]]).join(" ");
    const cells = [
      `[${name}](${url})${stack === undefined ? "" : " ◆"}`,
      severity,
      own,
      description,
      remediationSteps,
      tags.filter((tag) => tag.includes(":")).join(", "),
    ];
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  });
  return ["| Rule | Severity | Levels | What and why | How to fix | Standards |", "|---|---|---|---|---|---|", ...rows];
}

const LETTERS = { mandatory: "M", advisory: "A", off: "–" };

if (require.main === module) fs.writeFileSync(readmePath, render(fs.readFileSync(readmePath, "utf8")));
