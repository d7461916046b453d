import * as fs from "node:fs";
import { lastLines } from "../sandbox/exec";

/** What a preview of a stack printed, and whether the stack could be deployed like this. */
export interface Previewed {
  readonly stack: string;
  readonly passed: boolean;
  readonly output: string;
}

/** The longest text that GitHub takes for a comment is 65,536 characters, for a summary more. */
const MOST_CHARACTERS = 60_000;

/** Previews in Markdown: the policy pack's report and what would change of each stack, then all that Pulumi printed. */
export function inMarkdown(title: string, previews: readonly Previewed[]): string {
  const room = Math.floor(MOST_CHARACTERS / Math.max(previews.length, 1) / 2);
  return [`## ${title}`, ...previews.map((preview) => ofStack(preview, room))].join("\n\n");
}

function ofStack({ stack, passed, output }: Previewed, room: number): string {
  const parts = [sectionOf(output, "Policies"), passed ? sectionOf(output, "Resources") : lastLines(output, 20)];
  return [
    `### ${passed ? "✅" : "❌"} ${stack}`,
    fenced(cut(parts.filter((part) => part !== "").join("\n\n"), room)),
    `<details><summary>All of the output</summary>\n\n${fenced(cut(output, room))}\n\n</details>`,
  ].join("\n\n");
}

/** A section of Pulumi's output: its title, and the indented lines below it. */
function sectionOf(output: string, title: string): string {
  return new RegExp(`^${title}:\n(?:[ \t]+.*\n?|\n(?=[ \t]))+`, "m").exec(output)?.[0].trimEnd() ?? "";
}

function cut(text: string, most: number): string {
  return text.length <= most
    ? text
    : `${text.slice(0, most)}\n… The log of the job has the other ${text.length - most} characters.`;
}

/** A code block that its text cannot end: whoever wrote the text writes no Markdown. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}text\n${text.trim()}\n${fence}`;
}

/** Shows a report on the page of GitHub's run. Elsewhere the log of the job has to do. */
export function summarize(markdown: string): void {
  const file = process.env.GITHUB_STEP_SUMMARY;
  if (file !== undefined) fs.appendFileSync(file, `${markdown}\n`);
}
