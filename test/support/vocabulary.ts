import * as fs from "node:fs";
import * as path from "node:path";
import * as ts from "typescript";

/** A word or phrase that this project does not use. */
export interface Forbidden {
  /** A space matches any white space, including line ends and comment marks. Case is ignored. */
  readonly pattern: RegExp;
  /** What to write instead. */
  readonly instead: string;
}

/** The part of the glossary in docs/STYLE.md that a regular expression can find without false alarms. */
export const VOCABULARY: readonly Forbidden[] = [
  // MySQL
  {
    pattern: /\b(?:takes?|took|taking|taken) (?:no |the |its |their )?writes\b/,
    instead: "is the primary, is writable; is read-only; demote or fence (to take them away)",
  },
  { pattern: /\bmoves? the writes\b/, instead: "switch over, make another server the primary" },
  { pattern: /\bin the place of\b/, instead: "promote (a replica); instead of" },
  { pattern: /\bgo(?:es)? on to follow\b/, instead: "replicates from" },
  { pattern: /\b(?:transactions?|transaction\(s\)|data) of (?:its|their|his) own\b/, instead: "errant transactions" },
  { pattern: /\b(?:stands?|stood|standing) still\b/, instead: "pause, is paused" },
  // Certificates and logins
  { pattern: /\bauthorit(?:y|ies)\b/, instead: "CA: the current, the next, the previous one" },
  {
    pattern: /\b(?:lets?|letting) (?:nobody|no one) in\b/,
    instead: "access denied, or unreachable: whichever is true",
  },
  { pattern: /\bnobody answers\b/, instead: "is unreachable" },
  { pattern: /\b(?:signs?|signed|signing) in\b|\bsign-in\b/, instead: "log in, login" },
  // Backups
  { pattern: /\bto (?:a|the|that|any) moment\b/, instead: "to a point in time" },
  { pattern: /\bcop(?:y|ies) outside\b(?!:)|\bcopied outside\b/, instead: "off-site backup, copied off-site" },
  { pattern: /\bstores? outside\b|\boutside stores?\b/, instead: "object store" },
  { pattern: /(?<!\.)\bthrow-?away\b/, instead: "scratch instance" },
  {
    pattern: /\bproofs?\b|(?<!container )\b(?:prove[sdn]?|proving)\b(?!\.sh|:)/,
    instead: "verify, verification; show, test (of anything but a backup)",
  },
  { pattern: /(?<!\|)\bjudg(?:e[sd]?|ing|e?ments?)\b/, instead: "evaluate" },
  { pattern: /\bliving (?:databases?|ones?)\b/, instead: "live databases" },
  // Messages and runbooks
  { pattern: /\bwhat one sees\b/, instead: "Symptoms" },
  { pattern: /^#+ The decision\b/m, instead: "When to use" },
  { pattern: /\bhow to know that it worked\b/, instead: "Verify" },
  { pattern: /\b(?:is|are|was|were) told\b/, instead: "reports, receives; acknowledged (of a commit)" },
  { pattern: /\blast words\b/, instead: "last lines, last message" },
  // Everyday words
  { pattern: /\bmend(?:s|ed|ing)?\b/, instead: "fix" },
  { pattern: /\banew\b/, instead: "again; recreate" },
  { pattern: /\bgo(?:es)? on\b/, instead: "continue" },
  { pattern: /\b(?:is|are|be) of (?:no )?use\b/, instead: "reachable, valid; not valid" },
  { pattern: /\bbr(?:eaks?|oke|oken) off\b/, instead: "is interrupted" },
  { pattern: /\bc(?:o|a)mes? to (?:its|an|the) end\b/, instead: "end, finish" },
  { pattern: /\blook(?:s|ed|ing)? whether\b/, instead: "check if" },
  { pattern: /\bformer\b/, instead: "previous" },
  { pattern: /\bsome \d+/, instead: "about" },
  { pattern: /\bquarter of an hour\b/, instead: "15 minutes" },
];

/** Where the check applies: files, and folders with all files below them that have one of the extensions. */
export const COVERED: readonly { readonly path: string; readonly extensions: readonly string[] }[] = [
  { path: "README.md", extensions: [".md"] },
  { path: "CONTRIBUTING.md", extensions: [".md"] },
  { path: "docs", extensions: [".md", ".ts"] },
  { path: "policy-pack/README.md", extensions: [".md"] },
  ...["index.ts", "products.ts", "schema.ts", "config.ts", "components", "kube", "config", "contract", "tenants"].map(
    (path) => ({ path, extensions: [".ts"] }),
  ),
  { path: "runtime", extensions: [".ts", ".sh"] },
  { path: "ops", extensions: [".ts", ".js"] },
  { path: "clients", extensions: [".ts"] },
  { path: "pipeline", extensions: [".ts"] },
  { path: "policy-pack", extensions: [".ts"] },
  { path: "components/mysql/backup/scripts", extensions: [".sh"] },
  { path: "components/mysql/scripts", extensions: [".sh"] },
  { path: "components/nacos/schema/scripts", extensions: [".sh"] },
  { path: "components/nacos/scripts", extensions: [".sh", ".xml"] },
  ...["components", "kube", "config", "contract", "tenants"].map((folder) => ({
    path: `test/unit/${folder}`,
    extensions: [".ts"],
  })),
  ...["boundaries", "docs", "loading", "network", "program-updates", "program", "rules", "urns"].map((name) => ({
    path: `test/unit/${name}.test.ts`,
    extensions: [".ts"],
  })),
];

/** What is not checked: a generated page, whose words come from code, and records that were accepted before the glossary. */
const EXEMPT = [
  "docs/configuration.md",
  "docs/decisions/0002-projects.md",
  "docs/decisions/0003-failover-controller.md",
];

/** All covered files, as paths relative to `root`. */
export function coveredFiles(root: string): string[] {
  return COVERED.flatMap(({ path: entry, extensions }) => {
    const below = fs.statSync(path.join(root, entry)).isDirectory()
      ? fs
          .readdirSync(path.join(root, entry), { recursive: true, encoding: "utf8" })
          .map((name) => path.join(entry, name))
      : [entry];
    return below.filter((file) => extensions.some((extension) => file.endsWith(extension)) && !EXEMPT.includes(file));
  }).sort();
}

/** One line for each forbidden word in a text: file, line, the word, and what to write instead. */
export function forbiddenWords(file: string, text: string): string[] {
  const prose = file.endsWith(".md") ? withoutCode(text) : /\.[jt]s$/.test(file) ? proseOf(text) : text;
  return VOCABULARY.flatMap(({ pattern, instead }) =>
    [...prose.matchAll(new RegExp(pattern.source.replaceAll(" ", "[\\s*/#]+"), "gim"))].map(({ 0: found, index }) => ({
      index,
      found,
      instead,
    })),
  )
    .sort((a, b) => a.index - b.index)
    .map(
      ({ index, found, instead }) =>
        `${file}:${prose.slice(0, index).split("\n").length}: "${found.replaceAll(/\s+/g, " ")}": write instead: ${instead}`,
    );
}

const blank = (part: string): string => part.replaceAll(/[^\n]/g, " ");

/** Comments and texts of a program; everything else is blanked out. A text of one word is data, and a code span in a comment is code. */
function proseOf(program: string): string {
  const kept: [start: number, end: number][] = [];
  const source = ts.createSourceFile("program.ts", program, ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node): void => {
    if (
      ts.isStringLiteralLike(node)
        ? /\s/.test(node.text)
        : ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)
    )
      kept.push([node.getStart(source), node.end]);
    node.getChildren(source).forEach(visit);
    if (node.getChildCount(source) > 0) return;
    for (const { pos, end } of [
      ...(ts.getLeadingCommentRanges(program, node.pos) ?? []),
      ...(ts.getTrailingCommentRanges(program, node.end) ?? []),
    ])
      kept.push([pos, end]);
  };
  visit(source);
  let at = 0;
  let prose = "";
  for (const [start, end] of kept.sort((a, b) => a[0] - b[0])) {
    if (start < at) continue;
    const part = program.slice(start, end);
    prose += blank(program.slice(at, start)) + (part.startsWith("/") ? part.replaceAll(/`[^`\n]*`/g, blank) : part);
    at = end;
  }
  return prose + blank(program.slice(at));
}

/** Markdown with code blocks, code spans, link targets and generated parts blanked out. Line numbers do not change. */
function withoutCode(markdown: string): string {
  return markdown
    .replaceAll(/^```[^]*?^```/gm, blank)
    .replaceAll(/^(?: {4}|\t).*$/gm, blank)
    .replaceAll(/<!-- ([a-z]+): written by [^]*?<!-- \/\1 -->/g, blank)
    .replaceAll(/(`+)(?!`)[^]*?(?<!`)\1(?!`)/g, blank)
    .replaceAll(/\]\([^)\s]*\)/g, blank);
}
