import assert from "node:assert/strict";
import { answer } from "../../../../runtime/nacos-members/main";

describe("The answers of a Nacos server's sidecar", () => {
  let left = 0;
  const agent = (list?: string[], started = true) => ({
    list,
    state: { empty: false, started, serving: started },
    mayServe: started,
    metrics: () => Promise.resolve("problems 0\n"),
    leave: () => {
      left++;
      return Promise.resolve();
    },
  });

  it("are the members as Nacos reads them", () => {
    assert.deepEqual(answer(agent(["nacos-0.n", "nacos-1.n"]), "/nacos/serverlist", true), {
      status: 200,
      text: "nacos-0.n:8848\nnacos-1.n:8848\n",
    });
    assert.deepEqual(answer(agent(), "/nacos/serverlist", true), { status: 503, text: "not known yet\n" });
  });

  it("are the mode in which the server starts", () => {
    assert.deepEqual(answer(agent(["nacos-0.n"]), "/mode", true), { status: 200, text: "standalone" });
    assert.deepEqual(answer(agent(["nacos-0.n", "nacos-1.n"]), "/mode", true), { status: 200, text: "cluster" });
    assert.deepEqual(answer(agent(), "/mode", true), { status: 503, text: "" });
  });

  it("hold the server back until it may start", () => {
    assert.deepEqual(answer(agent(["nacos-0.n"], false), "/start", false), { status: 503, text: "" });
    assert.deepEqual(answer(agent(undefined, true), "/start", false), { status: 503, text: "" });
    assert.deepEqual(answer(agent(["nacos-0.n"]), "/start", false), { status: 200, text: "" });
  });

  it("keep clients away until the server may serve them", () => {
    assert.deepEqual(answer(agent(), "/ready", false), { status: 200, text: "" });
    assert.deepEqual(answer(agent([], false), "/ready", false), { status: 503, text: "" });
  });

  it("tell the other pods whether the server has data", () => {
    assert.deepEqual(answer(agent(), "/state", false), {
      status: 200,
      text: '{"empty":false,"started":true,"serving":true}',
    });
  });

  it("let the server leave, but only from its own pod", async () => {
    assert.deepEqual(await answer(agent(), "/leave", false), { status: 403, text: "" });
    assert.equal(left, 0);
    assert.deepEqual(await answer(agent(), "/leave", true), { status: 200, text: "" });
    assert.equal(left, 1);
  });

  it("have metrics for Prometheus", async () => {
    assert.deepEqual(await answer(agent(), "/metrics", false), { status: 200, text: "problems 0\n" });
  });

  it("refuse anything else", () => {
    assert.deepEqual(answer(agent(), "/", true), { status: 404, text: "" });
  });
});
