import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";

const script = path.join(__dirname, "../../../../components/nacos/scripts/stop-nacos.sh");

describe("The end of a Nacos server", () => {
  let programs: string;

  beforeEach(() => {
    programs = fs.mkdtempSync(path.join(os.tmpdir(), "stop-nacos-"));
    fs.writeFileSync(path.join(programs, "sleep"), "#!/bin/sh\n", { mode: 0o755 });
  });
  afterEach(() => fs.rmSync(programs, { recursive: true }));

  const stop = (port: number) => promisify(execFile)("bash", [script, String(port), "POST", "/loader/reloadCurrent"], {
    env: { PATH: `${programs}:${process.env.PATH}`, NACOS_AUTH_IDENTITY_KEY: "server", NACOS_AUTH_IDENTITY_VALUE: "it is me" },
  });

  it("sends all clients away, as a server", async () => {
    const asked: unknown[] = [];
    const server = http.createServer(({ method, url, headers: { server: identity } }, response) => {
      asked.push([method, url, identity]);
      response.end("{}");
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      await stop((server.address() as AddressInfo).port);
    } finally {
      server.close();
    }
    assert.deepEqual(asked, [["POST", "/loader/reloadCurrent?count=0&redirectAddress=", "it is me"]]);
  });

  it("goes on if the server does not answer any more", async () => {
    await assert.doesNotReject(stop(1));
  });
});
