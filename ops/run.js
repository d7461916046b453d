// Starts main.ts. With its libraries it is a thousand files, which take longer to load than any command to run, so it is
// made one file: when a command is started for the first time, and again when a source or an installed package has changed.
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");

const root = path.join(__dirname, "..");
const made = path.join(root, "node_modules", ".cache", "nacos-platform", "ops.js");
/** What decides about the file beside the sources: how it is made, and what is installed. */
const MAKING = ["ops/run.js", "tsconfig.base.json", "node_modules/.package-lock.json"];

/** Of a source, what changes when it is written. */
function stamp(source) {
  const { mtimeMs, size } = fs.statSync(path.join(root, source));
  return `${mtimeMs} ${size}`;
}

/** What was made, unless something has changed since. The first line has the stamps of all it is made of, and its length. */
function kept() {
  try {
    const text = fs.readFileSync(made, "utf8");
    const { stamps, length } = JSON.parse(text.slice("//".length, text.indexOf("\n")));
    const isWhole = text.length - text.indexOf("\n") - 1 === length;
    return isWhole && Object.entries(stamps).every(([source, seen]) => stamp(source) === seen) ? text : undefined;
  } catch {
    return undefined;
  }
}

function keep(code, sources, begun) {
  const unfinished = `${made}.${process.pid}`;
  try {
    if (sources.some((source) => fs.statSync(path.join(root, source)).mtimeMs >= begun)) return; // changed meanwhile: which of the two was read?
    const stamps = Object.fromEntries(sources.map((source) => [source, stamp(source)]));
    fs.mkdirSync(path.dirname(made), { recursive: true });
    fs.writeFileSync(unfinished, `//${JSON.stringify({ stamps, length: code.length })}\n${code}`);
    fs.renameSync(unfinished, made);
  } catch {
    fs.rmSync(unfinished, { force: true }); // where nothing can be written it is made every time
  }
}

/**
 * Leaves out what is not used of the cluster's client, nine tenths of it. esbuild alone keeps all, because the package does
 * not say that its files do nothing but define what they export. The parts that nobody uses are imported by "./…".
 */
const withoutUnused = {
  name: "without-unused",
  setup(build) {
    const isResolved = {};
    build.onResolve({ filter: /^(\.\/|@kubernetes\/client-node$)/ }, async ({ path: wanted, pluginData, ...from }) => {
      if (pluginData === isResolved || !`${from.importer}/${wanted}/`.includes("@kubernetes/client-node/")) return undefined;
      const found = await build.resolve(wanted, { kind: from.kind, importer: from.importer, resolveDir: from.resolveDir, pluginData: isResolved });
      return found.path.includes("@kubernetes/client-node/") ? { path: found.path, sideEffects: false } : undefined;
    });
  },
};

async function make() {
  const begun = Date.now();
  const esbuild = require("esbuild");
  const { outputFiles, metafile } = await esbuild.build({
    entryPoints: ["ops/main.ts"],
    absWorkingDir: root,
    bundle: true,
    platform: "node",
    target: "node20",
    minifyWhitespace: true,
    write: false,
    metafile: true,
    logLevel: "error",
    plugins: [withoutUnused],
  });
  await esbuild.stop();
  keep(outputFiles[0].text, [...MAKING, ...Object.keys(metafile.inputs).filter((input) => !input.startsWith("node_modules/"))], begun);
  return outputFiles[0].text;
}

/** Where an error names a line of it: node --require sucrase/register ops/main.ts … does the same, and names the sources' lines. */
function start(text) {
  const program = new Module(path.join(__dirname, "main.bundle.js"));
  program.filename = program.id;
  program.paths = module.paths;
  program._compile(text, program.filename);
}

function fail(error) {
  console.error(`failed: ops cannot be started: ${error.message}\nIs all of it there, and installed? \`npm ci\` installs it.`);
  process.exit(1);
}

const text = kept();
if (text === undefined) void make().then(start, fail);
else start(text);
