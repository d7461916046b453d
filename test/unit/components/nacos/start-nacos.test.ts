import assert from "node:assert/strict";
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import type { Readable } from "node:stream";
import { waitFor } from "../../../../sandbox/exec";

const scripts = path.join(__dirname, "..", "..", "..", "..", "components", "nacos", "scripts");

describe("The start of a Nacos server", () => {
  let root: string;
  let sidecar: http.Server;
  let mode = "cluster";
  const file = (name: string): string => path.join(root, name);
  const write = (name: string, content: string | Buffer): void => {
    fs.mkdirSync(path.dirname(file(name)), { recursive: true });
    fs.writeFileSync(file(name), content);
  };

  before((done) => {
    sidecar = http.createServer(({ url }, response) =>
      response.writeHead(url === "/mode" ? 200 : 404, { "content-type": "text/plain" }).end(mode),
    );
    sidecar.listen(0, "127.0.0.1", done);
  });
  after(() => sidecar.close());

  beforeEach(() => {
    mode = "cluster";
    root = fs.mkdtempSync(path.join(os.tmpdir(), "start-nacos-"));
    write(
      "start.sh",
      fs
        .readFileSync(path.join(scripts, "start-nacos.sh"), "utf8")
        .replace(/(?<=[ "=<])(?=\/(home\/nacos|scripts|tmp|ca)\b)/g, root),
    );
    write("home/nacos/bin/docker-startup.sh", "#!/bin/bash\nset -x\necho started in mode $MODE\n");
    write("home/nacos/conf/application.properties", "server.port=8848\n# the last line has no end");
    write("scripts/ask-members.sh", fs.readFileSync(path.join(scripts, "ask-members.sh")));
    write("scripts/logback.xml", "<configuration/>");
    write("scripts/stack.properties", "a=1\n");
    write("ca/ca.crt", "");
    write("tmp/x", "");
  });

  afterEach(() => fs.rmSync(root, { recursive: true }));

  function run(): ChildProcessByStdio<null, Readable, Readable> {
    const { port } = sidecar.address() as AddressInfo;
    const env = { PATH: `${file("bin")}:${process.env.PATH}`, MEMBERS_PORT: String(port) };
    return spawn("bash", [file("start.sh")], { detached: true, stdio: ["ignore", "pipe", "pipe"], env });
  }

  /** Runs the script until the image's entrypoint ends and `meanwhile` is true. */
  async function start(meanwhile: () => boolean = () => true): Promise<string> {
    const child = run();
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
    assert.equal(await start(), "started in mode cluster\n");
  });

  it("starts again when the sidecar names the other mode", async () => {
    write("bin/sleep", "#!/bin/bash\nexec /bin/sleep 0.05\n");
    fs.chmodSync(file("bin/sleep"), 0o755);
    mode = "standalone";
    write("home/nacos/bin/docker-startup.sh", '#!/bin/bash\necho "$MODE"\nexec /bin/sleep 30\n');
    const child = run();
    try {
      const [said] = (await once(child.stdout, "data")) as [Buffer];
      assert.equal(said.toString(), "standalone\n");
      mode = "cluster";
      assert.deepEqual(await once(child, "exit"), [null, "SIGTERM"]);
    } finally {
      process.kill(-(child.pid as number), "SIGKILL");
    }
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
