import * as fs from "node:fs";
import * as path from "node:path";
import { inPairs } from "../parallel";
import { clusterRecipes } from "../toolchain/recipes";
import { ensureImage, Image, removeInterrupted } from "./cache";
import { mysql } from "./mysql";
import { mysqldExporter } from "./mysqld-exporter";
import { nacos } from "./nacos";
import { node } from "./node";
import { rclone } from "./rclone";
import { Recipe } from "./recipe";
import { pause, program } from "./scratch";

export type { Image } from "./cache";

/** Programs of the toolchain that run as pods. */
const programNames = ["coredns", "metrics-server", "kube-network-policies", "object-store"] as const;

export type ImageName =
  | "pause"
  | "mysql"
  | "mysqld-exporter"
  | "nacos"
  | "node"
  | "rclone"
  | (typeof programNames)[number];

/** Every image of the sandbox. */
export type Images = Record<ImageName, Image>;

export interface ImagesOptions {
  /** The user's cache folder; images go below `images/` there. */
  cacheDir: string;
  /** The toolchain, some of which goes into images: path by name. */
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
  const recipes: Recipe[] = [nacos, mysql, node, rclone, mysqldExporter, pause, ...programs(opts.binaries)]; // the slowest first
  const images: Partial<Record<string, Image>> = {};
  await inPairs(recipes, async (recipe) => {
    images[recipe.name] = await ensureImage(folder, recipe, opts.log);
  });
  return images as Images;
}

function programs(binaries: Record<string, string>): Recipe[] {
  return programNames.map((name) => {
    const version = clusterRecipes.find((recipe) => recipe.name === name)?.version;
    if (binaries[name] === undefined || version === undefined) throw new Error(`no binary given for the image ${name}`);
    return program(name, version, binaries[name]);
  });
}
