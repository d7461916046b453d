import * as fs from "node:fs";
import * as path from "node:path";
import { run } from "../exec";
import { expand, makeFolder, versionOf } from "./debian";
import { extractPrograms, programsSource } from "./programs";
import { Recipe } from "./recipe";

const uid = 1009; // as in the official image

/** Rclone of Debian's rolling suite, with busybox as shell and tools, as the official image has them from Alpine. */
export const rclone: Recipe = {
  name: "rclone",
  sources: [__filename, programsSource],
  async build(site) {
    await extractPrograms(site, {
      suite: "sid",
      packages: ["rclone", "busybox", "ca-certificates"],
      programs: { "usr/bin/rclone": "usr/local/bin/rclone", "usr/bin/busybox": "usr/bin/busybox" },
      account: { name: "rclone", id: uid, home: "/home/rclone" },
    });
    const applets = (await run("chroot", [site.root, "/usr/bin/busybox", "--list"]))
      .split("\n")
      .filter((applet) => applet !== "" && applet !== "busybox");
    for (const applet of applets) fs.symlinkSync("busybox", path.join(site.root, "usr/bin", applet));
    trustDebiansCas(path.join(site.work, "debian"), site.root);
    makeFolder(site.root, "home/rclone", uid, 0o755);
    makeFolder(site.root, "data", 0, 0o755);
    makeFolder(site.root, "config", 0, 0o755);
    return {
      version: await versionOf(site.root, ["/usr/local/bin/rclone", "version"]),
      config: {
        Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "XDG_CONFIG_HOME=/config"],
        WorkingDir: "/data",
        Entrypoint: ["rclone"],
      },
    };
  },
};

/** What the package's maintainer script would have written. */
function trustDebiansCas(packages: string, root: string): void {
  const certificates = expand(packages, "usr/share/ca-certificates/mozilla/*.crt").sort();
  const folder = path.join(root, "etc/ssl/certs");
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(
    path.join(folder, "ca-certificates.crt"),
    certificates.map((file) => fs.readFileSync(file, "utf8")).join(""),
  );
}
