import * as fs from "node:fs";
import * as path from "node:path";
import { UserError } from "../errors";
import { lastLines, run } from "../exec";
import { requireFreeSpace } from "../host/disk";
import { inPairs } from "../parallel";
import { cacheDir, digest } from "../paths";
import { progress, secondsSince } from "../progress";
import { Recipe } from "./recipes";

const modules = path.join(__dirname, "modules");

/** Free space a build from nothing takes, with Go's own caches (measured: 9 GiB). */
const COLD_BUILD_GIB = 12;

/**
 * Returns the path of each recipe's executable, building those that the cache lacks. The cache key
 * covers the version, the pinned modules, the sources and the flags; an interrupted build leaves
 * nothing under that key, and Go's own build cache lets the next one continue where it stopped.
 *
 * Groups are built in parallel, the recipes of one group one after the other: what they share is compiled once.
 *
 * @throws UserError naming the build log and quoting its last lines.
 */
export async function ensureBinaries(...groups: Recipe[][]): Promise<Record<string, string>> {
  const missing = groups.map((recipes) => recipes.filter((recipe) => !fs.existsSync(binaryPath(recipe))));
  const count = missing.flat().length;
  if (count > 0) await requireGo(missing.flat());
  let begun = 0;
  await inPairs(missing, async (recipes) => {
    for (const recipe of recipes) await build(recipe, `${++begun} of ${count}`);
  });
  return Object.fromEntries(groups.flat().map((recipe) => [recipe.name, binaryPath(recipe)]));
}

/** The path of a recipe's executable, once it is built. */
export function binaryPath(recipe: Recipe): string {
  const folder = path.join(modules, recipe.module);
  const sources = fs
    .readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(go|mod|sum)$/.test(file))
    .sort()
    .flatMap((file) => [file, fs.readFileSync(path.join(folder, file))]);
  const key = digest(recipe.package, recipe.ldflags ?? "", ...sources);
  return path.join(cacheDir, "toolchain", `${recipe.name}-${recipe.version}-${key}`, recipe.name);
}

async function requireGo(missing: Recipe[]): Promise<void> {
  await run("go", ["version"]).catch(() => {
    throw new UserError(
      `Go is missing, and ${missing.map((recipe) => recipe.name).join(", ")} must be built. Install Go 1.26 or newer (or 1.21 or newer, which fetches it) and put it on PATH.`,
    );
  });
  if (missing.length > 3)
    requireFreeSpace(cacheDir, COLD_BUILD_GIB, "building the toolchain", "XDG_CACHE_HOME and GOCACHE");
}

async function build(recipe: Recipe, position: string): Promise<void> {
  const target = binaryPath(recipe);
  const log = path.join(cacheDir, "logs", `build-${recipe.name}.log`);
  const unfinished = `${path.dirname(target)}.${process.pid}`;
  fs.mkdirSync(path.dirname(log), { recursive: true });
  fs.rmSync(log, { force: true });
  fs.mkdirSync(unfinished, { recursive: true });
  const started = Date.now();
  progress(`building ${recipe.name} ${recipe.version} (${position})`);
  const heartbeat = setInterval(() => progress(`  still building ${recipe.name}, ${secondsSince(started)}`), 60_000);
  try {
    await run(
      "go",
      [
        "build",
        "-mod=readonly",
        "-buildvcs=false",
        "-trimpath",
        "-ldflags",
        `-s -w ${recipe.ldflags ?? ""}`,
        "-o",
        path.join(unfinished, recipe.name),
        recipe.package,
      ],
      {
        cwd: path.join(modules, recipe.module),
        env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "" },
        logFile: log,
      },
    );
    fs.renameSync(unfinished, path.dirname(target));
  } catch (error) {
    if (fs.existsSync(target)) return; // another checkout finished the same build first
    const tail = fs.existsSync(log) ? lastLines(fs.readFileSync(log, "utf8"), 15) : String(error);
    throw new UserError(
      `building ${recipe.name} ${recipe.version} failed. Its log is ${log}; the last lines:\n${tail}\nRun the same command again to continue: what is built so far is kept.`,
    );
  } finally {
    clearInterval(heartbeat);
    fs.rmSync(unfinished, { recursive: true, force: true });
  }
}
