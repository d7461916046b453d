import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

/** The part of an OCI image configuration that the images here use. */
export interface ImageConfig {
  User?: string;
  Env?: string[];
  Entrypoint?: string[];
  Cmd?: string[];
  WorkingDir?: string;
  ExposedPorts?: Record<string, object>;
}

/** What a build is given: an empty root folder to fill, a scratch folder, and a way to run commands into the build's log. */
export interface Site {
  root: string;
  work: string;
  run(command: string, args: string[], options?: { cwd?: string }): Promise<void>;
}

export interface Built {
  /** The image's tag: a version pinned here, or the one found in the packages that the archive served. */
  version: string;
  config: ImageConfig;
}

export interface Recipe {
  name: string;
  /** Every file and folder that decides the image's content. */
  sources: string[];
  build(site: Site): Promise<Built>;
}

/** Short hash over a recipe's sources, by content and path below each source, not by the path of the checkout. */
export function recipeHash(sources: string[]): string {
  const hash = createHash("sha256");
  for (const source of sources) {
    for (const file of filesBelow(source)) {
      const content = fs.readFileSync(file);
      hash.update(`${path.basename(source)}\0${path.relative(source, file)}\0${content.length}\0`).update(content);
    }
  }
  return hash.digest("hex").slice(0, 12);
}

function filesBelow(source: string): string[] {
  if (!fs.statSync(source).isDirectory()) return [source];
  return fs
    .readdirSync(source)
    .sort()
    .flatMap((entry) => filesBelow(path.join(source, entry)));
}
