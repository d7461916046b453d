import { makeFolder, versionOf } from "./debian";
import { extractPrograms, programsSource } from "./programs";
import { Recipe } from "./recipe";

const uid = 1000; // as in the official image

/** Node.js of Debian's stable suite, without npm: the oldest release that the project runs on. The official image has a newer one. */
export const node: Recipe = {
  name: "node",
  sources: [__filename, programsSource],
  async build(site) {
    await extractPrograms(site, {
      suite: "trixie",
      packages: ["nodejs"],
      programs: { "usr/bin/node": "usr/local/bin/node" },
      // Parts of Node's own library that Debian keeps outside the executable.
      files: ["acorn", "acorn-walk", "cjs-module-lexer", "minimatch", "undici"].map(
        (name) => `usr/share/nodejs/${name}`,
      ),
      account: { name: "node", id: uid, home: "/home/node" },
    });
    makeFolder(site.root, "home/node", uid, 0o755);
    return {
      version: await versionOf(site.root, ["/usr/local/bin/node", "--version"]),
      config: { Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"], Cmd: ["node"] },
    };
  },
};
