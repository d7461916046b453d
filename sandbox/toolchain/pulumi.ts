import { build } from "esbuild";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { run } from "../exec";
import { cacheDir, checkout, digest, moveUnlessThere, writeAtomically } from "../paths";
import { VERSION as MYSQL_PLUGIN_VERSION } from "../plugins/resource-mysql/version";
import { progress } from "../progress";
import { ensureBinaries } from "./build";
import { PULUMI_VERSION, pulumiRecipes, Recipe } from "./recipes";

/** A Pulumi command line with its providers. */
export interface PulumiTools {
  /** Folder with the `pulumi` executable, to be put first on PATH. */
  binDir: string;
  /** Folder that holds `resource-NAME-vVERSION/` plugins. */
  pluginDir: string;
  /** One line about where it comes from. */
  origin: string;
}

/** Returns the installed Pulumi if its version and plugins are the pinned ones, else one built from the module proxy. */
export async function ensurePulumi(): Promise<PulumiTools> {
  return (await installedPulumi()) ?? (await builtPulumi());
}

/** What {@link ensurePulumi} will have to build: nothing if a matching Pulumi is installed. */
export async function pulumiToBuild(): Promise<Recipe[]> {
  return (await installedPulumi()) === undefined ? pulumiRecipes : [];
}

async function installedPulumi(): Promise<PulumiTools | undefined> {
  const version = await run("pulumi", ["version"], { env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" } }).catch(
    () => "",
  );
  if (version.trim() !== `v${PULUMI_VERSION}`) return undefined;
  const binDir = path.dirname(fs.realpathSync((await run("which", ["pulumi"])).trim()));
  const pluginDir = path.join(process.env.PULUMI_HOME ?? path.join(os.homedir(), ".pulumi"), "plugins");
  const complete = plugins().every(({ name, folder }) => fs.existsSync(path.join(pluginDir, folder, name)));
  if (!complete || !fs.existsSync(path.join(binDir, "pulumi-language-nodejs"))) return undefined;
  return { binDir, pluginDir, origin: `the installed Pulumi ${PULUMI_VERSION} in ${binDir}` };
}

async function builtPulumi(): Promise<PulumiTools> {
  const [built, host, mysql] = await Promise.all([
    ensureBinaries(pulumiRecipes),
    bundle("language-nodejs"),
    bundle("resource-mysql"),
  ]);
  const binaries: Record<string, string> = { ...built, "pulumi-resource-mysql": mysql };
  const folder = path.join(
    cacheDir,
    "toolchain",
    `pulumi-${PULUMI_VERSION}-tools-${digest("bin, plugins", ...Object.values(binaries), host)}`,
  );
  if (!fs.existsSync(folder)) {
    const unfinished = `${folder}.${process.pid}`;
    for (const plugin of plugins()) {
      fs.mkdirSync(path.join(unfinished, "plugins", plugin.folder), { recursive: true });
      fs.linkSync(binaries[plugin.name], path.join(unfinished, "plugins", plugin.folder, plugin.name));
    }
    fs.mkdirSync(path.join(unfinished, "bin"));
    fs.linkSync(binaries.pulumi, path.join(unfinished, "bin", "pulumi"));
    fs.copyFileSync(host, path.join(unfinished, "bin", "pulumi-language-nodejs"));
    moveUnlessThere(unfinished, folder);
  }
  progress(
    `no Pulumi ${PULUMI_VERSION} with its plugins is installed: using one built here, with the small Node.js language host and MySQL provider of sandbox/plugins`,
  );
  return {
    binDir: path.join(folder, "bin"),
    pluginDir: path.join(folder, "plugins"),
    origin: `Pulumi ${PULUMI_VERSION}, built from its Go modules`,
  };
}

function plugins(): { name: string; folder: string }[] {
  return [...pulumiRecipes, { name: "pulumi-resource-mysql", version: MYSQL_PLUGIN_VERSION }]
    .filter((recipe) => recipe.name.startsWith("pulumi-resource-"))
    .map((recipe) => ({ name: recipe.name, folder: `${recipe.name.replace("pulumi-", "")}-v${recipe.version}` }));
}

/** Bundles a plugin of sandbox/plugins into one executable file, so that Pulumi starts it as fast as Pulumi's own plugins. */
async function bundle(plugin: "language-nodejs" | "resource-mysql"): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path.join(checkout, "sandbox", "plugins", plugin, "main.ts")],
    bundle: true,
    platform: "node",
    target: "node20",
    write: false,
    logLevel: "silent",
    banner: { js: "#!/usr/bin/env node" },
  });
  const bundled = outputFiles[0].text;
  const file = path.join(cacheDir, "toolchain", `${plugin}-${digest(bundled)}.js`);
  if (!fs.existsSync(file)) writeAtomically(file, bundled, 0o755);
  return file;
}
