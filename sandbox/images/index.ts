import * as fs from "node:fs";
import * as path from "node:path";
import { ensureImage, Image, removeInterrupted } from "./cache";
import { mysql } from "./mysql";
import { nacos } from "./nacos";
import { Recipe } from "./recipe";
import { pause, program } from "./scratch";
import { tools } from "./tools";

export type { Image } from "./cache";

/** Versions of the add-ons whose programs the caller builds. */
const addonVersions = { coredns: "1.13.1", "metrics-server": "0.7.2", "kube-network-policies": "0.8.0" };
type Addon = keyof typeof addonVersions;

export type ImageName = "pause" | "tools" | "mysql" | "nacos" | Addon;

export interface ImagesOptions {
  /** The user's cache folder; images go below `images/` there. */
  cacheDir: string;
  /** Static programs for the add-on images: path by name. */
  binaries: Record<string, string>;
  log: (line: string) => void;
}

/** Builds take turns in pairs: one waits for the network while another unpacks or compiles. */
const parallelBuilds = 2;

/**
 * Returns every image of the sandbox, building from package registries what the cache does not hold.
 * Throws `UserError` with the end of the build's log when one fails.
 */
export async function ensureImages(opts: ImagesOptions): Promise<Record<ImageName, Image>> {
  const folder = path.join(opts.cacheDir, "images");
  fs.mkdirSync(folder, { recursive: true });
  await removeInterrupted(folder);
  const queue: Recipe[] = [nacos, mysql, tools, pause, ...addons(opts.binaries)]; // the slowest first
  const images: Partial<Record<string, Image>> = {};
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (let recipe = queue.shift(); recipe !== undefined && failures.length === 0; recipe = queue.shift()) {
      await ensureImage(folder, recipe, opts.log).then((image) => (images[image.name] = image), (error: unknown) => failures.push(error));
    }
  };
  // A failure is thrown only when the other build, too, has ended and cleaned up.
  await Promise.all(Array.from({ length: parallelBuilds }, worker));
  if (failures.length > 0) throw failures[0];
  return images as Record<ImageName, Image>;
}

function addons(binaries: Record<string, string>): Recipe[] {
  return (Object.keys(addonVersions) as Addon[]).map((name) => {
    const binary = binaries[name];
    if (binary === undefined) throw new Error(`no binary given for the image ${name}`);
    return program(name, addonVersions[name], binary);
  });
}
