import * as fs from "node:fs";
import * as path from "node:path";
import { inPairs } from "../parallel";
import { clusterRecipes } from "../toolchain/recipes";
import { ensureImage, Image, removeInterrupted } from "./cache";
import { mysql } from "./mysql";
import { nacos } from "./nacos";
import { Recipe } from "./recipe";
import { pause, program } from "./scratch";

export type { Image } from "./cache";

const addonNames = ["coredns", "metrics-server", "kube-network-policies"] as const;

export type ImageName = "pause" | "mysql" | "nacos" | (typeof addonNames)[number];

/** Every image of the sandbox. */
export type Images = Record<ImageName, Image>;

export interface ImagesOptions {
  /** The user's cache folder; images go below `images/` there. */
  cacheDir: string;
  /** Static programs for the add-on images: path by name. */
  binaries: Record<string, string>;
  log: (line: string) => void;
}

/**
 * Returns every image of the sandbox, building from package registries what the cache does not hold.
 * Throws `UserError` with the end of the build's log when one fails.
 */
export async function ensureImages(opts: ImagesOptions): Promise<Images> {
  const folder = path.join(opts.cacheDir, "images");
  fs.mkdirSync(folder, { recursive: true });
  await removeInterrupted(folder);
  const recipes: Recipe[] = [nacos, mysql, pause, ...addons(opts.binaries)]; // the slowest first
  const images: Partial<Record<string, Image>> = {};
  await inPairs(recipes, async (recipe) => {
    images[recipe.name] = await ensureImage(folder, recipe, opts.log);
  });
  return images as Images;
}

function addons(binaries: Record<string, string>): Recipe[] {
  return addonNames.map((name) => {
    const version = clusterRecipes.find((recipe) => recipe.name === name)?.version;
    if (binaries[name] === undefined || version === undefined) throw new Error(`no binary given for the image ${name}`);
    return program(name, version, binaries[name]);
  });
}
