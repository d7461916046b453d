import * as fs from "node:fs";
import * as path from "node:path";
import { run } from "../exec";
import { debianMirror } from "./apt-mirror";
import { Site } from "./recipe";

/** Files that no container here reads; they would be unpacked once for every node. */
const ballast = [
  "boot",
  "media",
  "mnt",
  "opt",
  "srv",
  "etc/apt",
  "etc/cron.daily",
  "etc/dpkg",
  "etc/logrotate.d",
  "usr/games",
  "usr/include",
  "usr/share/bug",
  "usr/share/doc",
  "usr/share/i18n",
  "usr/share/info",
  "usr/share/lintian",
  "usr/share/locale",
  "usr/share/man",
  "usr/share/perl5",
  "var/backups",
  "var/cache",
  "var/lib/apt",
  "var/lib/dpkg",
  "var/log",
];

/** An account that an image's program is meant to run under, in addition to root. */
export interface Account {
  name: string;
  id: number;
  home: string;
}

export interface Extraction {
  suite: string;
  packages: string[];
  account?: Account;
  /** Paths to drop in addition to the usual ones; `*` stands for any characters of one name. */
  drop?: string[];
}

/** Fills the site's root folder with Debian packages and what they depend on. No maintainer script runs. */
export async function extractDebian(site: Site, extraction: Extraction): Promise<void> {
  await site.run("mmdebstrap", [
    "--variant=extract",
    '--aptopt=Acquire::Check-Valid-Until "false"', // sid's index files expire within days, mirrors keep them longer
    `--include=${extraction.packages.join(",")}`,
    extraction.suite,
    site.root,
    debianMirror(),
  ]);
  for (const pattern of [...ballast, ...(extraction.drop ?? [])]) {
    for (const found of expand(site.root, pattern)) fs.rmSync(found, { recursive: true, force: true });
  }
  for (const device of fs.readdirSync(path.join(site.root, "dev")))
    fs.rmSync(path.join(site.root, "dev", device), { recursive: true, force: true });
  writeAccounts(site.root, extraction.account);
  linkAsInstalled(site.root);
  // These came from the building machine; the container runtime mounts its own.
  for (const file of ["hostname", "resolv.conf", "hosts"]) fs.writeFileSync(path.join(site.root, "etc", file), "");
}

/** base-passwd and libc leave these files to their maintainer scripts. */
export function writeAccounts(root: string, account: Account | undefined): void {
  const own = account === undefined ? [] : [account];
  const passwd = [
    "root:x:0:0:root:/root:/bin/bash",
    "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin",
    ...own.map(({ name, id, home }) => `${name}:x:${id}:${id}::${home}:/bin/bash`),
  ];
  const group = ["root:x:0:", "nogroup:x:65534:", ...own.map(({ name, id }) => `${name}:x:${id}:`)];
  fs.writeFileSync(path.join(root, "etc/passwd"), passwd.join("\n") + "\n");
  fs.writeFileSync(path.join(root, "etc/group"), group.join("\n") + "\n");
  fs.writeFileSync(path.join(root, "etc/nsswitch.conf"), "passwd: files\ngroup: files\nhosts: files dns\n");
}

/** The links that maintainer scripts and the alternatives system would have created. */
function linkAsInstalled(root: string): void {
  fs.rmSync(path.join(root, "var/run"), { recursive: true, force: true });
  fs.symlinkSync("/run", path.join(root, "var/run"));
  if (fs.existsSync(path.join(root, "usr/bin/mawk"))) fs.symlinkSync("mawk", path.join(root, "usr/bin/awk"));
}

/** Existing paths below `root` that match a pattern such as `usr/bin/myisam*`. */
export function expand(root: string, pattern: string): string[] {
  return pattern.split("/").reduce<string[]>(
    (folders, segment) => {
      const name = new RegExp(
        `^${segment
          .split("*")
          .map((text) => text.replace(/[.+]/g, "\\$&"))
          .join(".*")}$`,
      );
      return folders.flatMap((folder) =>
        isFolder(folder)
          ? fs
              .readdirSync(folder)
              .filter((entry) => name.test(entry))
              .map((entry) => path.join(folder, entry))
          : [],
      );
    },
    [root],
  );
}

function isFolder(place: string): boolean {
  return fs.lstatSync(place).isDirectory();
}

/** Creates a folder that the container's user writes to if no volume is mounted over it. */
export function makeFolder(root: string, folder: string, owner: number, mode: number): void {
  const full = path.join(root, folder);
  fs.mkdirSync(full, { recursive: true });
  fs.chownSync(full, owner, owner);
  fs.chmodSync(full, mode);
}

/** First version number in what a program of the root folder prints, on standard output or, as some do, on standard error. */
export async function versionOf(root: string, command: string[]): Promise<string> {
  const printed = await run("sh", ["-c", 'exec chroot "$@" 2>&1', "sh", root, ...command]);
  const version = /\d+\.\d+(\.\d+)?/.exec(printed)?.[0];
  if (version === undefined) throw new Error(`no version in what ${command.join(" ")} printed: ${printed}`);
  return version;
}
