import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { mountedIdentity, NacosHttp, post, Refused } from "../../../runtime/nacos-http";

describe("The HTTP port of a Nacos server", () => {
  let server: http.Server;
  let asked: { line: string; type?: string; identity?: unknown; body: string }[];
  let reply: (line: string) => { status: number; text: string };

  before((done) => {
    server = http.createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        const line = `${request.method} ${request.url}`;
        asked.push({ line, type: request.headers["content-type"], identity: request.headers.me, body });
        const { status, text } = reply(line);
        if (status !== 0) response.writeHead(status).end(text);
      });
    });
    server.listen(0, "127.0.0.1", done);
  });
  beforeEach(() => {
    asked = [];
    reply = () => ({ status: 200, text: "ok" });
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const nacos = (answerMs?: number): NacosHttp =>
    new NacosHttp(
      "nacos-0",
      "3.1.0",
      () => ({ key: "me", value: "secret" }),
      { host: "127.0.0.1", port: (server.address() as AddressInfo).port },
      answerMs,
    );

  it("takes form fields and JSON, with the identity of a server", async () => {
    const form = new URLSearchParams({ content: "ä & b=1" });
    assert.equal(await nacos().text({ old: post("/old"), new: { method: "PUT", path: "/new" } }, form), "ok");
    await nacos().send(post("/json"), "{}");
    const identity = "secret";
    assert.deepEqual(asked, [
      { line: "PUT /new", type: "application/x-www-form-urlencoded", identity, body: "content=%C3%A4+%26+b%3D1" },
      { line: "POST /json", type: "application/json", identity, body: "{}" },
    ]);
  });

  it("is asked with the same body by the call of the other series, if it does not have the first", async () => {
    reply = (line) => (line.endsWith("/new") ? { status: 404, text: "" } : { status: 200, text: "ok" });
    const calls = { old: post("/old"), new: post("/new") };
    const one = nacos();
    await one.text(calls, "{}");
    await one.text(calls, "{}");
    assert.deepEqual(
      asked.map(({ line, body }) => `${line} ${body}`),
      ["POST /new {}", "POST /old {}", "POST /old {}"],
    );
  });

  it("names the call of its series if what that names is missing", async () => {
    reply = (line) => ({ status: line.endsWith("/new") ? 404 : 410, text: line });
    const one = nacos();
    for (let time = 0; time < 2; time++)
      await assert.rejects(one.text({ old: post("/old"), new: post("/new") }), (error: Refused) => {
        assert.deepEqual([error.status, error.message], [404, "nacos-0 answers POST /new with 404: POST /new"]);
        return error instanceof Refused;
      });
  });

  it("names the call and the answer if it refuses, and the time if there is no answer", async () => {
    reply = () => ({ status: 403, text: "no" });
    const call = post("/call");
    await assert.rejects(nacos().text({ old: call, new: call }), /^Error: nacos-0 answers POST \/call with 403: no$/);
    reply = () => ({ status: 0, text: "" });
    await assert.rejects(nacos(50).send(call), /^Error: nacos-0 does not answer within 0\.05 s$/);
  });

  it("knows the identity in a mounted Secret", () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "identity-"));
    assert.throws(() => mountedIdentity(folder), /^Error: Nacos is not deployed: Secret nacos-auth did not exist/);
    fs.writeFileSync(path.join(folder, "identityKey"), "me");
    fs.writeFileSync(path.join(folder, "identityValue"), "secret");
    assert.deepEqual(mountedIdentity(folder), { key: "me", value: "secret" });
    fs.rmSync(folder, { recursive: true });
  });
});
