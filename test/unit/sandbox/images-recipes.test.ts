import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { ensureImage, removeInterrupted } from "../../../sandbox/images/cache";
import { Recipe, recipeHash } from "../../../sandbox/images/recipe";

describe("sandbox image recipes", () => {
  let folder: string;
  beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "images-test-"))));
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  const write = (name: string, content: string): string => {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
    return file;
  };

  describe("hash", () => {
    it("is the same for the same files in another checkout", () => {
      write("a/conf/one", "1");
      write("b/conf/one", "1");
      assert.equal(recipeHash([path.join(folder, "a/conf")]), recipeHash([path.join(folder, "b/conf")]));
    });

    it("changes with a file's content, its name, and a file beside it", () => {
      const source = path.join(folder, "conf");
      write("conf/one", "1");
      const hashes = [recipeHash([source])];
      write("conf/one", "2");
      hashes.push(recipeHash([source]));
      fs.renameSync(path.join(source, "one"), path.join(source, "two"));
      hashes.push(recipeHash([source]));
      write("conf/sub/three", "");
      hashes.push(recipeHash([source]));
      assert.equal(new Set(hashes).size, 4);
    });
  });

  describe("cache", () => {
    const recipe = (build: Recipe["build"]): Recipe => ({ name: "probe", sources: [__filename], build });
    const good = recipe((site) => {
      fs.writeFileSync(path.join(site.root, "hello"), "hello\n");
      return Promise.resolve({ version: "1.2.3", config: { Cmd: ["/hello"] } });
    });
    const built = (): string[] => fs.readdirSync(folder).filter((name) => !name.endsWith(".log"));

    it("builds an archive whose manifest, configuration and layer belong together", async () => {
      const image = await ensureImage(folder, good, () => undefined);
      assert.equal(image.ref, "sandbox.local/probe:1.2.3");
      const read = (name: string): Buffer => execFileSync("tar", ["-xOf", image.archive, name]);
      const [manifest] = JSON.parse(read("manifest.json").toString()) as [
        { Config: string; RepoTags: string[]; Layers: string[] },
      ];
      const config = JSON.parse(read(manifest.Config).toString()) as {
        config: unknown;
        rootfs: { diff_ids: string[] };
      };
      const layer = read(manifest.Layers[0]);
      assert.deepEqual(manifest.RepoTags, ["sandbox.local/probe:1.2.3"]);
      assert.deepEqual(config.config, { Cmd: ["/hello"] });
      assert.deepEqual(config.rootfs.diff_ids, [`sha256:${createHash("sha256").update(layer).digest("hex")}`]);
      assert.match(execFileSync("tar", ["-t"], { input: layer }).toString(), /^\.\/hello$/m);
    });

    it("builds once", async () => {
      const lines: string[] = [];
      const first = await ensureImage(folder, good, (line) => lines.push(line));
      const second = await ensureImage(
        folder,
        recipe(() => Promise.reject(new Error("built again"))),
        (line) => lines.push(line),
      );
      assert.deepEqual(second, first);
      assert.deepEqual(
        lines.map((line) => line.replace(/in .*/, "in …")),
        ["image probe: building", "image probe: built in …"],
      );
    });

    it("leaves nothing but the log when a build fails, and quotes the log's end", async () => {
      const bad = recipe(async (site) => {
        await site.run("sh", ["-c", "seq 1 30; exit 3"]);
        return { version: "1", config: {} };
      });
      await assert.rejects(
        ensureImage(folder, bad, () => undefined),
        (error: Error) => {
          assert.match(error.message, /^image probe: sh .* ended with 3\n11\n12\n/);
          assert.match(error.message, /\n30\n\(complete log: .*probe\.log\)$/);
          return true;
        },
      );
      assert.deepEqual(built(), []);
    });

    it("removes what an interrupted build left, and nobody else's", async () => {
      const gone = Number(execFileSync("sh", ["-c", "echo $$"]).toString());
      write(`.building-${gone}-probe-x/root/file`, "");
      write(`.building-${process.pid}-probe-x/root/file`, "");
      write("probe-0123456789ab/meta.json", "{}");
      await removeInterrupted(folder);
      assert.deepEqual(built().sort(), [`.building-${process.pid}-probe-x`, "probe-0123456789ab"]);
    });
  });
});
