import * as fs from "node:fs";
import * as path from "node:path";
import { extractDebian, makeFolder, versionOf } from "./debian";
import { Recipe, Site } from "./recipe";

/** Images that hold one static program and nothing else. */

/** The process that holds a pod's namespaces: catatonit sleeps and reaps, and is static in Debian. */
export const pause: Recipe = {
  name: "pause",
  sources: [__filename],
  async build(site) {
    const debian = { ...site, root: path.join(site.work, "debian") };
    fs.mkdirSync(debian.root);
    await extractDebian(debian, { suite: "bookworm", packages: ["catatonit"] });
    placeProgram(site, path.join(debian.root, "usr/bin/catatonit"), "pause");
    return { version: await versionOf(site.root, ["/pause", "--version"]), config: { Entrypoint: ["/pause", "-P"] } };
  },
};

/** An image around a program built elsewhere, at `/<name>`. */
export function program(name: string, version: string, binary: string): Recipe {
  return {
    name,
    sources: [__filename, binary],
    build(site) {
      placeProgram(site, binary, name);
      return Promise.resolve({ version, config: { Entrypoint: [`/${name}`] } });
    },
  };
}

function placeProgram(site: Site, binary: string, name: string): void {
  const target = path.join(site.root, name);
  fs.copyFileSync(binary, target);
  fs.chmodSync(target, 0o755);
  makeFolder(site.root, "tmp", 0, 0o1777);
}
