import { namesSecret } from "./secret-names";

/** A secret in a text. It does not contain the secret itself, so it may be printed. */
export interface SecretFinding {
  /** Counted from 1. */
  line: number;
  what: string;
}

const valueSource = String.raw`\\?(?<quote>["'])(?<quoted>[^\n]*?)\\?\k<quote>|(?<bare>(?:\$\{[^}\n]*\}|\$\([^\n]*\)|[^\s"',;&|)}\]])+)`;
const value = new RegExp(valueSource, "y");
const assignment = /(?<![\w.$]|\$\{)-{0,2}(?<name>[A-Za-z][\w.-]*)\\?["']?[ \t]*(?<separator>[:=])(?![=~])[ \t]*/g;
const option = /(?<![\w-])--(?<name>[A-Za-z][\w-]*)[ \t]+(?!-)/g;
const mysqlPassword =
  /(?<![\w.-])(?:mysql(?:admin|dump|sh|import|check)?|mariadb(?:-\w+)?|xtrabackup)(?=[ \t])[^\n|;&]*?[ \t]-p(?![ \t\n]|$)/gm;
const identifiedBy = /\bIDENTIFIED\s+(?:WITH\s+\S+\s+)?(?:BY|AS)\s+(?:PASSWORD\s+)?(?=\\?["'])/gi;
const urlPassword = /\b[a-z][\w+.-]*:\/\/[^\s/:@"']+:(?=[^\s/@"']+@)/gi;
const privateKey = /-----BEGIN (?:[A-Z\d]+ )*PRIVATE KEY-----/g;

// Values that are no secret, although their name is that of one.
const placeholders = [
  /^(?:true|false|yes|no|on|off|[01]|null|nil|none|undefined)$/i,
  /^\$[A-Za-z_\d@({]/, // $PASSWORD, $1, $(cat …), ${…}
  /\$[({]/,
  /^[`(]/, // a command, an array of a shell
  /^\{\{/, // {{ .Values.x }}
  /^%(?:[sq]|[({]|[A-Z_]+%)/, // %s, %(x)s, %{x}, %X%
  /^@\w+@$/,
  /^<[^>]*>?$/,
  /^[*?]+$/,
  /^[A-Za-z_][\w.]*[([]/, // a call or an index in a program
  /^[A-Za-z_]\w*\.(?:password|passwd|secret|token)$/i, // the column of a row, as in `SET password = new.password`
  /^(?:\/(?:[a-z\d._-]{1,40}|\$\w+))+\/?$/, // a path; base64 has capitals
];

/** Whether a value is the secret itself and not a reference, a path, a flag or a placeholder. */
export function isLiteral(value: string): boolean {
  const bare = value.trim().replace(/^["'\\]+/, "");
  if (bare === "") return false;
  // The default of a reference is a literal. ${x:?message} and ${x:0:4} have no default.
  const fallback = /^\$\{[\w.]+(?::-|:(?![?+=\d]))([^}]*)\}?/.exec(bare)?.[1];
  if (fallback !== undefined) return isLiteral(fallback);
  if (/^[A-Z_]+$/.test(bare) && namesSecret(bare)) return false; // --password=PASSWORD, as in usage texts
  return !placeholders.some((placeholder) => placeholder.test(bare));
}

/**
 * Finds literal passwords, tokens and private keys in a file, a script or a command line.
 *
 * @param kind in a `program` of JavaScript a literal secret is in quotes; anything without quotes is an expression.
 */
export function findSecrets(source: string, kind: "text" | "program" = "text"): SecretFinding[] {
  const text = withoutProse(source);
  const found = new Map<string, SecretFinding>();
  const add = (index: number, what: string) => {
    const line = text.slice(0, index).split("\n").length;
    found.set(`${line} ${what}`, { line, what });
  };
  const literalAfter = (match: RegExpExecArray) => isLiteral(valueAt(text, match.index + match[0].length, kind));

  for (const match of text.matchAll(assignment)) {
    const { name, separator } = match.groups ?? {};
    if (!namesSecret(name) || (separator === ":" && !startsEntry(text, match.index))) continue;
    if (literalAfter(match)) add(match.index, `"${name}" has a literal value`);
  }
  for (const match of text.matchAll(option)) {
    const name = match.groups?.name ?? "";
    if (namesSecret(name) && literalAfter(match)) add(match.index, `"--${name}" has a literal value`);
  }
  for (const match of text.matchAll(mysqlPassword)) {
    if (literalAfter(match)) add(match.index + match[0].length, `"-p" of a MySQL client has a literal value`);
  }
  for (const match of text.matchAll(identifiedBy)) {
    if (literalAfter(match)) add(match.index, `"IDENTIFIED BY" has a literal value`);
  }
  for (const match of text.matchAll(urlPassword)) {
    const start = match.index + match[0].length;
    if (isLiteral(text.slice(start, text.indexOf("@", start)))) add(match.index, "a URL has a literal password");
  }
  for (const match of text.matchAll(privateKey)) add(match.index, "a PEM private key");
  return [...found.values()].sort((a, b) => a.line - b.line);
}

function valueAt(text: string, index: number, kind: "text" | "program"): string {
  value.lastIndex = index;
  const groups = value.exec(text)?.groups;
  return groups?.quoted ?? (kind === "text" ? groups?.bare : undefined) ?? "";
}

// "name: value" is an entry of YAML or JSON at the start of a line or after a bracket or comma. Elsewhere it is prose.
function startsEntry(text: string, index: number): boolean {
  const before = text.slice(text.lastIndexOf("\n", index - 1) + 1, index);
  return /(?:^[\s-]*|[{,]\s*)\\?["']?$/.test(before);
}

// Blanks comments, because they talk about passwords. Keeps commented-out assignments, because they may contain one.
function withoutProse(text: string): string {
  return text
    .split("\n")
    .map((line) => (/^\s*(?:[#;]|\/\/|--\s)/.test(line) && !/^\s*[#;]+\s*[\w.-]+=\S/.test(line) ? "" : line))
    .join("\n");
}
