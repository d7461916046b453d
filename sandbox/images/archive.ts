import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { pipeline } from "node:stream/promises";
import { ImageConfig, Site } from "./recipe";

/** Packs the site's root folder into a docker archive with one layer: what `ctr images import` and `docker load` take. */
export async function writeArchive(site: Site, ref: string, config: ImageConfig, archive: string): Promise<void> {
  const layer = path.join(site.work, "layer.tar");
  // Fixed order and times: the same files give the same layer.
  await site.run("tar", ["--numeric-owner", "--sort=name", "--mtime=@0", "-C", site.root, "-cf", layer, "."]);
  const image = JSON.stringify({
    architecture: debianArchitecture(),
    os: "linux",
    created: "1970-01-01T00:00:00Z",
    config,
    rootfs: { type: "layers", diff_ids: [`sha256:${await sha256(layer)}`] },
    history: [{ created: "1970-01-01T00:00:00Z", created_by: "nacos-platform sandbox" }],
  });
  const configName = `${createHash("sha256").update(image).digest("hex")}.json`;
  fs.writeFileSync(path.join(site.work, configName), image);
  fs.writeFileSync(
    path.join(site.work, "manifest.json"),
    JSON.stringify([{ Config: configName, RepoTags: [ref], Layers: ["layer.tar"] }]),
  );
  await site.run("tar", ["-C", site.work, "-cf", archive, configName, "manifest.json", "layer.tar"]);
}

/** The machine's architecture, by the name that Debian and OCI share. */
export function debianArchitecture(): string {
  return process.arch === "x64" ? "amd64" : process.arch;
}

async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(fs.createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest("hex");
}
