import * as fs from "node:fs";
import * as path from "node:path";
import { policies } from "./policies";

export const readmePath = path.join(__dirname, "README.md");

const start = "<!-- policies: written by docs.ts -->";
const end = "<!-- /policies -->";

/** `readme` with its table of policies generated again. */
export function render(readme: string): string {
  const from = readme.indexOf(start);
  const to = readme.indexOf(end);
  if (from < 0 || to < from) throw new Error(`README.md has to contain "${start}" and, after it, "${end}".`);
  return `${readme.slice(0, from + start.length)}\n${table()}\n${readme.slice(to)}`;
}

function table(): string {
  const rows = policies.map(({ name, url, severity, description, remediationSteps }) => {
    const cells = [`[${name}](${url})`, severity, description, remediationSteps];
    return `| ${cells.map((cell) => (cell ?? "").replaceAll("|", "\\|")).join(" | ")} |`;
  });
  return ["| Policy | Severity | What and why | How to fix |", "|---|---|---|---|", ...rows].join("\n");
}

if (require.main === module) fs.writeFileSync(readmePath, render(fs.readFileSync(readmePath, "utf8")));
