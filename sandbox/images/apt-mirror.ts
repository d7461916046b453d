import * as fs from "node:fs";
import * as path from "node:path";
import { UserError } from "../errors";

/** One entry of the machine's apt configuration. */
export interface AptSource {
  uris: string[];
  suites: string[];
  components: string[];
  signedBy: string;
}

/** Names under which Debian publishes a complete distribution; add-on archives use others, or `/updates` and `-security` forms. */
const distributions = ["bookworm", "trixie", "forky", "stable", "testing", "unstable", "sid"];

/** The Debian mirror that this machine's own apt uses, or the one in `DEBIAN_MIRROR`. */
export function debianMirror(aptFolder = "/etc/apt"): string {
  const mirror = process.env.DEBIAN_MIRROR ?? chooseMirror(readSources(aptFolder));
  if (mirror === undefined) throw new UserError(`no Debian mirror found in ${aptFolder}: set DEBIAN_MIRROR to one`);
  return mirror;
}

function readSources(aptFolder: string): AptSource[] {
  const parts = path.join(aptFolder, "sources.list.d");
  const files = [
    path.join(aptFolder, "sources.list"),
    ...(fs.existsSync(parts)
      ? fs
          .readdirSync(parts)
          .sort()
          .map((name) => path.join(parts, name))
      : []),
  ];
  return files
    .filter((file) => fs.existsSync(file))
    .flatMap((file) => {
      const text = fs.readFileSync(file, "utf8");
      if (file.endsWith(".list")) return parseOneLine(text);
      return file.endsWith(".sources") ? parseDeb822(text) : []; // apt ignores other names too
    });
}

/** The address of the entry that is most likely Debian itself; other archives have a component `main` too. */
export function chooseMirror(sources: AptSource[]): string | undefined {
  const ranked = sources
    .filter(
      (source) => source.components.includes("main") && source.suites.some((suite) => distributions.includes(suite)),
    )
    .map((source) => ({ uri: source.uris[0], rank: likelihood(source) }))
    .filter(({ uri, rank }) => uri !== undefined && rank > 0);
  ranked.sort((a, b) => b.rank - a.rank);
  return ranked[0]?.uri;
}

function likelihood(source: AptSource): number {
  if (source.signedBy.includes("debian-archive")) return 3;
  if (source.uris.some((uri) => /\/debian\/?$/.test(uri))) return 2;
  return source.signedBy === "" ? 1 : 0; // signed by another key: somebody else's
}

/** Reads the one-line style: `deb [options] uri suite component…`. */
export function parseOneLine(text: string): AptSource[] {
  return text.split("\n").flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+([^#]+)/.exec(line);
    if (match === null || match[2].startsWith("cdrom:")) return [];
    const [suite, ...components] = words(match[3]);
    return [
      { uris: [match[2]], suites: [suite], components, signedBy: /signed-by=(\S+)/.exec(match[1] ?? "")?.[1] ?? "" },
    ];
  });
}

/** Reads the deb822 style: paragraphs of `Field: value`, with continuation lines. */
export function parseDeb822(text: string): AptSource[] {
  const paragraphs = text.replace(/^#.*\n?/gm, "").split(/\n\s*\n/);
  return paragraphs.flatMap((paragraph) => {
    const fields = new Map(
      [...paragraph.matchAll(/^([A-Za-z-]+):((?:.*)(?:\n[ \t].*)*)/gm)].map((match) => [
        match[1].toLowerCase(),
        match[2].trim(),
      ]),
    );
    const list = (name: string): string[] => words(fields.get(name) ?? "");
    if (!list("types").includes("deb") || /^(no|false|0|off)$/i.test(fields.get("enabled") ?? "")) return [];
    return [
      {
        uris: list("uris"),
        suites: list("suites"),
        components: list("components"),
        signedBy: fields.get("signed-by") ?? "",
      },
    ];
  });
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}
