import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { waitFor } from "../../../../sandbox/exec";

const script = path.join(__dirname, "..", "..", "..", "..", "components", "nacos", "scripts", "start-nacos.sh");

describe("The start of a Nacos server", () => {
  let root: string;
  const file = (name: string): string => path.join(root, name);
  const write = (name: string, content: string | Buffer): void => {
    fs.mkdirSync(path.dirname(file(name)), { recursive: true });
    fs.writeFileSync(file(name), content);
  };

  beforeEach(() => {
    root = fs.mkdtempSync(path.join(os.tmpdir(), "start-nacos-"));
    write(
      "start.sh",
      fs.readFileSync(script, "utf8").replace(/(?<=[ "=<])(?=\/(home\/nacos|scripts|tmp|ca)\b)/g, root),
    );
    write("home/nacos/bin/docker-startup.sh", "#!/bin/bash\nset -x\necho started\n");
    write("home/nacos/conf/application.properties", "server.port=8848\n# the last line has no end");
    write("scripts/logback.xml", "<configuration/>");
    write("scripts/stack.properties", "a=1\n");
    write("ca/ca.crt", "");
    write("tmp/x", "");
  });

  afterEach(() => fs.rmSync(root, { recursive: true }));

  /** Runs the script until the image's entrypoint ends and `meanwhile` is true. */
  async function start(meanwhile: () => boolean = () => true): Promise<string> {
    const child = spawn("bash", [file("start.sh")], { detached: true, stdio: ["ignore", "pipe", "pipe"] });
    const said: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => said.push(chunk));
    try {
      assert.deepEqual(await once(child, "exit"), [0, null], Buffer.concat(said).toString());
      await waitFor("the background process", 15, meanwhile);
    } finally {
      process.kill(-(child.pid as number), "SIGKILL"); // background processes end with the container
    }
    return Buffer.concat(said).toString();
  }

  it("runs the image's entrypoint without its trace", async () => {
    assert.equal(await start(), "started\n");
  });

  it("appends the stack's properties once, however often the container starts in its pod", async () => {
    await start();
    write("scripts/stack.properties", "a=2\nb=3\n");
    await start();
    assert.equal(
      fs.readFileSync(file("home/nacos/conf/application.properties"), "utf8").replace(/\n+/g, "\n"),
      "server.port=8848\n# the last line has no end\n# Properties of the stack\na=2\nb=3\n",
    );
  });

  it("removes RocksDB's logs of earlier starts, truncates the current log to 16 MB, and changes nothing else", async () => {
    const log = "home/nacos/data/protocol/raft";
    const sizes: [string, number][] = [
      ["a/log/LOG", 17],
      ["b/log/LOG", 15],
      ["b/log/LOG.old.1", 1],
      ["b/log/000001.log", 18],
      ["b/meta-data/raft_meta", 1],
    ];
    for (const [name, mebibytes] of sizes) write(`${log}/${name}`, Buffer.alloc(mebibytes * 2 ** 20, "x"));
    const size = (name: string): number | undefined =>
      fs.statSync(file(`${log}/${name}`), { throwIfNoEntry: false })?.size;
    await start(() => size("a/log/LOG") === 0);
    assert.deepEqual(
      sizes.map(([name]) => size(name)),
      [0, 15 * 2 ** 20, undefined, 18 * 2 ** 20, 2 ** 20],
    );
  });
});
