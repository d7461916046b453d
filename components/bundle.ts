import { buildSync } from "esbuild";

/**
 * One JavaScript file for Node.js 20 or newer out of a TypeScript program and all that it imports, as text: small enough
 * for a ConfigMap, so that what runs in a pod needs no image of its own. The same input gives the same text.
 *
 * @param entry path of the program
 */
export function bundle(entry: string): string {
  const { outputFiles } = buildSync({
    entryPoints: [entry],
    bundle: true,
    platform: "node",
    target: "node20",
    minify: true,
    legalComments: "none",
    write: false,
    logLevel: "silent",
    // JSON in the libraries is tables of Asian character sets; everything here speaks UTF-8.
    loader: { ".json": "empty" },
  });
  return outputFiles[0].text;
}
