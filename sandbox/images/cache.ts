import * as fs from "node:fs";
import * as path from "node:path";
import { UserError } from "../errors";
import { CommandError, lastLines, run } from "../exec";
import { moveUnlessThere } from "../paths";
import { secondsSince } from "../progress";
import { writeArchive } from "./archive";
import { Recipe, recipeHash, Site } from "./recipe";

/** An image that is ready to be imported. */
export interface Image {
  name: string;
  /** For example `sandbox.local/mysql:9.7.4`. */
  ref: string;
  /** Absolute path of the docker archive. */
  archive: string;
}

/** Prefix of the name of an unfinished build; the ID of the process that is building follows. */
export const underWay = ".building-";

/** Sources that affect the content of every image. */
const shared = ["archive.ts", "debian.ts"].map((file) => path.join(__dirname, file));

/** Returns the recipe's image from `folder`, building it if no finished one exists. */
export async function ensureImage(folder: string, recipe: Recipe, log: (line: string) => void): Promise<Image> {
  const home = path.join(folder, `${recipe.name}-${recipeHash([...shared, ...recipe.sources])}`);
  if (!fs.existsSync(home)) {
    log(`image ${recipe.name}: building`);
    const started = Date.now();
    const mebibytes = await build(folder, home, recipe);
    log(`image ${recipe.name}: built in ${secondsSince(started)}, ${mebibytes} MiB`);
  }
  const { ref } = JSON.parse(fs.readFileSync(path.join(home, "meta.json"), "utf8")) as { ref: string };
  return { name: recipe.name, ref, archive: path.join(home, "image.tar") };
}

/** Builds beside the final place and renames at the end: a folder with the final name is a finished image. */
async function build(folder: string, home: string, recipe: Recipe): Promise<number> {
  const temporary = fs.mkdtempSync(path.join(folder, `${underWay}${process.pid}-${recipe.name}-`));
  const logFile = path.join(folder, `${recipe.name}.log`);
  fs.writeFileSync(logFile, "");
  try {
    const out = path.join(temporary, "out");
    const site = openSite(temporary, logFile);
    const { version, config } = await recipe.build(site);
    const ref = `sandbox.local/${recipe.name}:${version}`;
    fs.mkdirSync(out);
    await writeArchive(site, ref, config, path.join(out, "image.tar"));
    fs.writeFileSync(path.join(out, "meta.json"), JSON.stringify({ ref }) + "\n");
    moveUnlessThere(out, home);
  } catch (error) {
    throw new UserError(`image ${recipe.name}: ${explain(error as Error, logFile)}`);
  } finally {
    await removeTree(temporary);
  }
  return Math.round(fs.statSync(path.join(home, "image.tar")).size / (1 << 20));
}

function openSite(temporary: string, logFile: string): Site {
  const site = { root: path.join(temporary, "root"), work: path.join(temporary, "work") };
  fs.mkdirSync(site.root, { mode: 0o755 });
  fs.mkdirSync(site.work);
  const env = { ...process.env, TMPDIR: site.work }; // so that an interrupted command's own temporary files go with the rest
  return {
    ...site,
    run: async (command, args, options) => void (await run(command, args, { ...options, env, logFile })),
  };
}

function explain(error: Error, logFile: string): string {
  const tail = error instanceof CommandError ? lastLines(fs.readFileSync(logFile, "utf8"), 20) : "";
  return `${error.message}${tail === "" ? "" : `\n${tail}\n(complete log: ${logFile})`}`;
}

/** Removes what is left of builds whose process is gone. */
export async function removeInterrupted(folder: string): Promise<void> {
  for (const entry of fs.readdirSync(folder)) {
    if (!entry.startsWith(underWay)) continue;
    if (!isAlive(Number.parseInt(entry.slice(underWay.length), 10))) await removeTree(path.join(folder, entry));
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** A root folder may have had file systems mounted in it; none of them is ever entered. */
async function removeTree(folder: string): Promise<void> {
  await run("rm", ["-rf", "--one-file-system", folder]);
}
