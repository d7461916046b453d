import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import * as os from "node:os";
import * as path from "node:path";

const script = path.join(__dirname, "..", "..", "..", "components", "nacos", "scripts", "stop-nacos.sh");

describe("stop-nacos.sh", () => {
  let bin: string;
  before(() => {
    bin = fs.mkdtempSync(path.join(os.tmpdir(), "stop-nacos-"));
    fs.writeFileSync(path.join(bin, "sleep"), "#!/bin/bash\n", { mode: 0o755 });
  });
  after(() => fs.rmSync(bin, { recursive: true }));

  /** Runs the script against a port, without its pauses. @returns its status */
  const stop = (port: number): Promise<number | null> => new Promise((resolve) => {
    const env = { PATH: `${bin}:${process.env.PATH}`, NACOS_AUTH_IDENTITY_KEY: "who", NACOS_AUTH_IDENTITY_VALUE: "a server" };
    spawn("bash", [script, String(port), "POST", "/away"], { env, stdio: "ignore" }).on("close", resolve);
  });

  it("asks the server, as one of them, to send all its clients away", async () => {
    const asked: unknown[] = [];
    const server = http.createServer(({ method, url, headers }, answer) => {
      asked.push([method, url, headers.who]);
      answer.end("success");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      assert.equal(await stop((server.address() as AddressInfo).port), 0);
      assert.deepEqual(asked, [["POST", "/away?count=0", "a server"]]);
    } finally {
      server.close();
    }
  });

  it("holds up no stop when the server does not answer any more", async () => {
    assert.equal(await stop(1), 0);
  });
});
