// Starts main.ts. With its libraries it is a thousand files, which take longer to load than any command takes to run. So they
// are bundled into one file: when a command starts for the first time, and again when a source or an installed package has changed.
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");

const root = path.join(__dirname, "..");
const made = path.join(root, "node_modules", ".cache", "nacos-platform", "ops.js");
/** What determines the bundle in addition to the sources: how it is made, and what is installed. */
const MAKING = ["ops/run.js", "tsconfig.base.json", "node_modules/.package-lock.json"];

/** The properties of a source that change when it is written. */
function stamp(source) {
  const { mtimeMs, size } = fs.statSync(path.join(root, source));
  return `${mtimeMs} ${size}`;
}

/** The bundle, unless something has changed since. Its first line has the stamps of all its sources, and its length. */
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
    if (sources.some((source) => fs.statSync(path.join(root, source)).mtimeMs >= begun)) return; // changed meanwhile: it is unknown which version was read
    const stamps = Object.fromEntries(sources.map((source) => [source, stamp(source)]));
    fs.mkdirSync(path.dirname(made), { recursive: true });
    fs.writeFileSync(unfinished, `//${JSON.stringify({ stamps, length: code.length })}\n${code}`);
    fs.renameSync(unfinished, made);
  } catch {
    fs.rmSync(unfinished, { force: true }); // if nothing can be written, the bundle is made every time
  }
}

/**
 * Leaves out the unused nine tenths of the Kubernetes client. By default esbuild keeps all of it, because the package does
 * not declare that its files only define what they export. The unused parts are imported by "./…".
 */
const withoutUnused = {
  name: "without-unused",
  setup(build) {
    const isResolved = {};
    build.onResolve({ filter: /^(\.\/|@kubernetes\/client-node$)/ }, async ({ path: wanted, pluginData, ...from }) => {
      if (pluginData === isResolved || !`${from.importer}/${wanted}/`.includes("@kubernetes/client-node/"))
        return undefined;
      const found = await build.resolve(wanted, {
        kind: from.kind,
        importer: from.importer,
        resolveDir: from.resolveDir,
        pluginData: isResolved,
      });
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
  keep(
    outputFiles[0].text,
    [...MAKING, ...Object.keys(metafile.inputs).filter((input) => !input.startsWith("node_modules/"))],
    begun,
  );
  return outputFiles[0].text;
}

/** If an error names a line of the bundle: node --require sucrase/register ops/main.ts … does the same, and names lines of the sources. */
function start(text) {
  const program = new Module(path.join(__dirname, "main.bundle.js"));
  program.filename = program.id;
  program.paths = module.paths;
  program._compile(text, program.filename);
}

function fail(error) {
  console.error(
    `failed: ops cannot be started: ${error.message}\nAre all files and packages installed? \`npm ci\` installs them.`,
  );
  process.exit(1);
}

const text = kept();
if (text === undefined) void make().then(start, fail);
else start(text);
