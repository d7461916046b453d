import * as fs from "node:fs";
import * as path from "node:path";
import { CommandError, lastLines, run } from "../exec";
import type { Images } from "../images";
import { removeInterrupted, underWay } from "../images/cache";
import { cacheDir, digest, moveUnlessThere } from "../paths";
import { progress } from "../progress";

const script = path.join(__dirname, "unpack-images.sh");

/** A store that no new cluster has used for this long is removed when another store is created. */
const UNUSED_MS = 24 * 3_600_000;

/**
 * A containerd root in which all images are unpacked, in the user's cache. It is created once for a set of images, and every
 * new node begins with its content.
 *
 * @returns its path, or undefined if the cache's file system cannot hold one: then each node unpacks the images itself
 */
export async function ensureImageStore(images: Images): Promise<string | undefined> {
  const folder = path.join(cacheDir, "image-stores");
  const archives = Object.values(images)
    .map(({ archive }) => archive)
    .sort();
  const home = path.join(folder, digest(...archives));
  if (!fs.existsSync(home)) {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    await removeInterrupted(folder);
    progress("images: unpacking them, once for all nodes");
    const temporary = fs.mkdtempSync(path.join(folder, `${underWay}${process.pid}-`));
    try {
      await run("unshare", [
        "--mount",
        "--net",
        "--pid",
        "--fork",
        "--kill-child",
        "--mount-proc",
        "bash",
        script,
        temporary,
        ...archives,
      ]);
      moveUnlessThere(temporary, home);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      progress(`images: not unpacked in ${folder}, so each node unpacks them itself: ${lastLines(error.output, 3)}`);
      return undefined;
    } finally {
      fs.rmSync(temporary, { recursive: true, force: true });
    }
    for (const entry of fs.readdirSync(folder)) removeUnused(path.join(folder, entry));
  }
  fs.utimesSync(home, new Date(), new Date());
  return home;
}

function removeUnused(store: string): void {
  const used = fs.statSync(store, { throwIfNoEntry: false })?.mtimeMs ?? Infinity; // another process may be removing it
  if (used < Date.now() - UNUSED_MS) fs.rmSync(store, { recursive: true, force: true });
}

/** Creates a containerd root with the content of the store. The files of images, which nothing changes, are shared. */
export async function beginWith(store: string, root: string): Promise<void> {
  const temporary = `${root}.new`;
  const copy = async (...options: string[]): Promise<void> => {
    fs.rmSync(temporary, { recursive: true, force: true });
    fs.mkdirSync(path.dirname(root), { recursive: true });
    await run("cp", ["--archive", ...options, store, temporary]);
  };
  await copy("--link").catch(() => copy()); // hard links cannot lead to another file system
  for (const database of DATABASES) {
    fs.rmSync(path.join(temporary, database));
    fs.copyFileSync(path.join(store, database), path.join(temporary, database));
  }
  fs.renameSync(temporary, root);
}

/** Files that containerd changes in place: they are copied, not shared. */
const DATABASES = ["io.containerd.metadata.v1.bolt/meta.db", "io.containerd.snapshotter.v1.overlayfs/metadata.db"];
