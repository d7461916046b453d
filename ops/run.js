// Starts main.ts as one file, made in memory. Of the libraries, the client of the cluster's API is a thousand files, which
// take longer to load than any command to run: it is made one file too, once for each of its versions.
const { buildSync } = require("esbuild");
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");

const CLIENT = "@kubernetes/client-node";
const options = { bundle: true, platform: "node", target: "node20", logLevel: "error" };

/** The file that holds the whole client, or nothing where none can be written: then it is loaded as it is. */
function clientFile() {
  const libraries = path.join(__dirname, "..", "node_modules");
  const { version } = JSON.parse(fs.readFileSync(path.join(libraries, CLIENT, "package.json"), "utf8"));
  const file = path.join(libraries, ".cache", "nacos-platform", `client-node-${version}.js`);
  if (fs.existsSync(file)) return file;
  const unfinished = `${file}.${process.pid}`;
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    buildSync({ ...options, entryPoints: [require.resolve(CLIENT)], minifyWhitespace: true, outfile: unfinished });
    fs.renameSync(unfinished, file);
    return file;
  } catch {
    return undefined;
  }
}

const entry = path.join(__dirname, "main.ts");
// Where an error names a line of it: node --require tsx/cjs ops/main.ts … does the same, and names the sources' lines.
const name = path.join(__dirname, "main.bundle.js");
const client = clientFile();
const own = client === undefined ? {} : { alias: { [CLIENT]: client }, external: [client] };
const { outputFiles } = buildSync({ ...options, ...own, packages: "external", entryPoints: [entry], write: false });
const program = new Module(name);
program.filename = name;
program.paths = module.paths;
program._compile(outputFiles[0].text, name);
