import * as fs from "node:fs";
import * as path from "node:path";
import { run } from "../exec";
import { Account, expand, extractDebian, makeFolder, writeAccounts } from "./debian";
import { Site } from "./recipe";

export interface Programs {
  suite: string;
  packages: string[];
  /** Programs to take out of the packages: the path in the image by the path in the package. */
  programs: Record<string, string>;
  /** Other files or folders that they read, at the same path in the image. */
  files?: string[];
  account?: Account;
}

/** Belongs to the sources of every recipe that uses {@link extractPrograms}. */
export const programsSource = __filename;

/** Fills the site's root folder with a few programs out of Debian packages and the libraries that they load, and nothing else. */
export async function extractPrograms(site: Site, wanted: Programs): Promise<void> {
  const debian = { ...site, root: path.join(site.work, "debian") };
  fs.mkdirSync(debian.root, { mode: 0o755 });
  await extractDebian(debian, { suite: wanted.suite, packages: wanted.packages });
  layOut(site.root);
  writeAccounts(site.root, wanted.account);
  for (const [source, target] of Object.entries(wanted.programs)) {
    copy(debian.root, source, site.root, target);
    for (const library of await librariesOf(debian.root, source)) copy(debian.root, library, site.root, library);
  }
  for (const file of wanted.files ?? []) copy(debian.root, file, site.root, file);
}

/** Debian's root: the short paths are links into /usr. */
function layOut(root: string): void {
  for (const folder of ["bin", "sbin", "lib", "lib64"]) {
    fs.mkdirSync(path.join(root, "usr", folder), { recursive: true });
    fs.symlinkSync(`usr/${folder}`, path.join(root, folder));
  }
  fs.mkdirSync(path.join(root, "etc"));
  makeFolder(root, "tmp", 0, 0o1777);
}

/** Copies what a path leads to, links followed: a library arrives under the name that programs ask for. */
function copy(fromRoot: string, source: string, toRoot: string, target: string): void {
  const place = path.join(toRoot, target);
  fs.mkdirSync(path.dirname(place), { recursive: true });
  fs.cpSync(fs.realpathSync(path.join(fromRoot, source)), place, { recursive: true, dereference: true });
}

async function librariesOf(root: string, program: string): Promise<string[]> {
  const [loader] = expand(root, "usr/lib/*-linux-gnu/ld-linux-*.so.*");
  if (loader === undefined) throw new Error(`no program loader in the packages around ${program}`);
  return parseLibraries(await run("chroot", [root, `/${path.relative(root, loader)}`, "--list", `/${program}`]));
}

/**
 * The files in the loader's list of lines such as `libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x…)`, at their places
 * below /usr, where packages have them. The loader itself is listed with two paths, and both count: the kernel looks
 * for it at the first.
 *
 * @throws Error for a library that is not found.
 */
export function parseLibraries(list: string): string[] {
  const missing = /^\s*(\S+) => not found/m.exec(list)?.[1];
  if (missing !== undefined) throw new Error(`the library ${missing} is in none of the packages`);
  return [...list.matchAll(/(?<=\s)\/(?:usr\/)?(\S+)/g)].map((match) => `usr/${match[1]}`);
}
