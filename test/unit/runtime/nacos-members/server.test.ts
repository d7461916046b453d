import assert from "node:assert/strict";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { NacosServer } from "../../../../runtime/nacos-members/server";

describe("A Nacos server, for its sidecar", () => {
  let server: http.Server;
  let asked: { path?: string; method?: string; header?: string; body: string }[] = [];
  let reply: { status: number; body: string } = { status: 200, body: "" };
  let replyTo: ((path: string) => { status: number; body: string }) | undefined;

  before((done) => {
    server = http.createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        asked.push({ path: request.url, method: request.method, header: String(request.headers.me), body });
        const { status, body: answer } = replyTo?.(request.url ?? "") ?? reply;
        response.writeHead(status).end(answer);
      });
    });
    server.listen(0, "127.0.0.1", done);
  });
  beforeEach(() => {
    asked = [];
    replyTo = undefined;
  });
  after(() => server.close());

  const nacos = (version: string, host = "127.0.0.1"): NacosServer =>
    new NacosServer(host, version, () => ({ key: "me", value: "secret" }), {
      host: "127.0.0.1",
      port: (server.address() as AddressInfo).port,
    });

  it("tells its members, by the calls of its series, as one server to another", async () => {
    reply = { status: 200, body: JSON.stringify({ data: [{ address: "127.0.0.1:8848", state: "UP" }] }) };
    assert.equal((await nacos("3.1.0").members()).length, 1);
    assert.equal((await nacos("2.2.4").self()).state, "UP");
    assert.deepEqual(
      asked.map(({ method, path, header }) => [method, path, header]),
      [
        ["GET", "/nacos/v3/admin/core/cluster/node/list", "secret"],
        ["GET", "/nacos/v1/core/cluster/nodes", "secret"],
      ],
    );
  });

  it("is asked by the calls of the other series while an upgrade is under way", async () => {
    reply = { status: 410, body: "deprecated" };
    await assert.rejects(nacos("2.2.4").members(), /GET \/nacos\/v1\/core\/cluster\/nodes with 410/);
    assert.deepEqual(
      asked.map(({ path }) => path),
      ["/nacos/v1/core/cluster/nodes", "/nacos/v3/admin/core/cluster/node/list"],
    );
  });

  it("is remembered as one of the other series once it has answered as such", async () => {
    const loads = JSON.stringify({ detail: [{ address: "nacos-0.headless:8848", sdkConCount: 3 }] });
    replyTo = (path) => (path.includes("/v3/admin/") ? { status: 404, body: "" } : { status: 200, body: loads });
    const server = nacos("3.1.0");
    assert.deepEqual([...(await server.clients())], [["nacos-0.headless", 3]]);
    await server.moveClient("listens", "nacos-1.headless");
    await server.removePeer("naming", "nacos-4.n");
    assert.deepEqual(
      asked.map(({ method, path }) => `${method} ${path}`),
      [
        "GET /nacos/v3/admin/core/loader/cluster",
        "GET /nacos/v2/core/loader/cluster",
        "GET /nacos/v2/core/loader/reloadClient?connectionId=listens&redirectAddress=nacos-1.headless%3A8848",
        "POST /nacos/v1/core/ops/raft",
      ],
    );
  });

  it("tells how many clients each member has, and moves those that have registered nothing", async () => {
    const address = "nacos-1.headless:8848";
    const loads = { "3.1.0": [{ address, sdkConCount: 3 }], "2.2.4": [{ address, metric: { sdkConCount: "3" } }] };
    const connection = (labels: Record<string, string>) => ({ metaInfo: { labels } });
    const current = {
      registers: connection({ source: "sdk", module: "naming" }),
      listens: connection({ source: "sdk", module: "config" }),
      server: connection({ source: "cluster" }),
    };
    for (const [version, wrapped] of [
      ["3.1.0", (data: object) => ({ data })],
      ["2.2.4", (data: object) => data],
    ] as const) {
      replyTo = (path) => ({
        status: 200,
        body: JSON.stringify(wrapped(path.endsWith("/current") ? current : { detail: loads[version] })),
      });
      assert.deepEqual([...(await nacos(version).clients())], [["nacos-1.headless", 3]]);
      assert.deepEqual(await nacos(version).movable(), ["listens"]);
      await nacos(version).moveClient("listens", "nacos-1.headless");
    }
    assert.deepEqual(
      asked.map(({ method, path }) => `${method} ${path}`),
      [
        "GET /nacos/v3/admin/core/loader/cluster",
        "GET /nacos/v3/admin/core/loader/current",
        "POST /nacos/v3/admin/core/loader/reloadClient?connectionId=listens&redirectAddress=nacos-1.headless%3A8848",
        "GET /nacos/v2/core/loader/cluster",
        "GET /nacos/v2/core/loader/current",
        "GET /nacos/v2/core/loader/reloadClient?connectionId=listens&redirectAddress=nacos-1.headless%3A8848",
      ],
    );
  });

  it("fails if it does not list itself, refuses, or answers nothing", async () => {
    reply = { status: 200, body: JSON.stringify({ data: [] }) };
    await assert.rejects(nacos("3.1.0").self(), /127\.0\.0\.1 does not list itself/);
    reply = { status: 403, body: "no" };
    await assert.rejects(nacos("3.1.0").members(), /answers GET .* with 403: no/);
    reply = { status: 200, body: "" };
    await assert.rejects(nacos("3.1.0").members(), /with 200: $/);
  });

  it("is found among the members by its name, not by the tunnel that leads to it", async () => {
    reply = {
      status: 200,
      body: JSON.stringify({ data: [{ address: "127.0.0.1:8848" }, { address: "nacos-1.n:8848", state: "UP" }] }),
    };
    assert.equal((await nacos("3.1.0", "nacos-1.n").self()).state, "UP");
  });

  it("tells how much it has, by its metrics and by the call of its series", async () => {
    const metrics = 'nacos_monitor{module="config",name="configCount"} 7.0\n';
    for (const [version, path, body] of [
      ["3.1.0", "/nacos/v3/admin/ns/ops/metrics?onlyStatus=false", { data: { persistentIpPortClientCount: 5 } }],
      ["2.2.4", "/nacos/v1/ns/operator/metrics?onlyStatus=false", { persistentIpPortClientCount: 5 }],
    ] as const) {
      asked = [];
      replyTo = (asked) => ({ status: 200, body: asked === path ? JSON.stringify(body) : metrics });
      const { configurations, persistent } = await nacos(version).counts();
      assert.deepEqual([configurations, persistent], [7, 5]);
      assert.deepEqual(asked.map((one) => one.path).sort(), ["/nacos/actuator/prometheus", path].sort());
    }
    replyTo = () => ({ status: 401, body: "who are you" });
    await assert.rejects(nacos("3.1.0").counts(), /^Error: 127\.0\.0\.1 answers GET \S+ with 401: who are you$/);
  });

  it("changes a Raft group by name", async () => {
    reply = { status: 200, body: "{}" };
    await nacos("3.1.0").removePeer("naming", "nacos-4.n");
    await nacos("2.2.4").transferLeader("naming", "nacos-0.n");
    assert.deepEqual(
      asked.map(({ path, body }) => [path, JSON.parse(body) as unknown]),
      [
        ["/nacos/v3/admin/core/ops/raft", { groupId: "naming", command: "removePeer", value: "nacos-4.n:7848" }],
        ["/nacos/v1/core/ops/raft", { groupId: "naming", command: "transferLeader", value: "nacos-0.n:7848" }],
      ],
    );
  });

  it("is ready once it answers for the registry", async () => {
    reply = { status: 200, body: "" };
    assert.equal(await nacos("3.1.0").isReady(), true);
    reply = { status: 503, body: "" };
    assert.equal(await nacos("3.1.0").isReady(), false);
  });
});
