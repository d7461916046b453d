import * as fs from "node:fs";
import * as path from "node:path";
import { expand, extractDebian } from "./debian";
import { Recipe } from "./recipe";

/** A shell with curl, for tests and for jobs that talk to HTTP interfaces. */
export const tools: Recipe = {
  name: "tools",
  sources: [__filename],
  async build(site) {
    await extractDebian(site, {
      suite: "bookworm",
      packages: ["bash", "coreutils", "grep", "sed", "findutils", "gzip", "tar", "hostname", "curl", "ca-certificates"],
      account: { name: "tools", id: 1000, home: "/tmp" },
      drop: ["usr/bin/perl*", "usr/lib/*/perl*", "usr/share/perl", "usr/lib/*/gconv", "usr/bin/apt*", "usr/lib/*/libapt*", "usr/lib/apt", "usr/bin/dpkg*", "usr/share/gcc", "usr/share/gdb"],
    });
    // The bundle that the package's maintainer script would have made.
    const certificates = expand(site.root, "usr/share/ca-certificates/mozilla/*.crt").map((file) => fs.readFileSync(file, "utf8"));
    fs.writeFileSync(path.join(site.root, "etc/ssl/certs/ca-certificates.crt"), certificates.join(""));
    return {
      version: fs.readFileSync(path.join(site.root, "etc/debian_version"), "utf8").trim(),
      config: { Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"], Cmd: ["bash"] },
    };
  },
};
