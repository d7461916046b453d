import * as assert from "node:assert/strict";
import { portsOf } from "../../../sandbox/deploy/ports";
import { parseOptions } from "../../../sandbox/options";

const none = ["--stack", "", "--name", "", "--nodes", "", "--port-offset", "", "--context", "", "--delete", ""];

describe("the words of make", () => {
  it("count as not given when they are empty", () => {
    assert.deepEqual(parseOptions(["up", ...none]), {
      command: "up",
      options: { stack: "dev", name: "dev", nodes: undefined, portOffset: undefined, context: undefined, delete: undefined, words: [] },
    });
  });

  it("leave what follows a dash dash as it is", () => {
    assert.deepEqual(parseOptions(["stack-file", "--name", "dev", "--", "config", "set", "--path", "--name", "x"]).options.words, ["config", "set", "--path", "--name", "x"]);
  });

  it("name the cluster after its stack", () => assert.equal(parseOptions(["up", "--stack", "prod"]).options.name, "prod"));

  for (const [nodes, parsed] of [["1", 1], ["3", 3]] as const) {
    it(`take NODES=${nodes}`, () => assert.equal(parseOptions(["up", "--nodes", nodes]).options.nodes, parsed));
  }

  for (const nodes of ["0", "4", "1.5", "many"]) {
    it(`refuse NODES=${nodes}`, () => assert.throws(() => parseOptions(["up", "--nodes", nodes]), { message: `NODES=${nodes} is out of range: a whole number from 1 to 3.` }));
  }

  for (const name of ["Prod", "a_b", "../x", "-a", "a-", "abcdefghijklmnopqrstu"]) {
    it(`refuse NAME=${name}`, () => assert.throws(() => parseOptions(["up", `--name=${name}`]), new RegExp(`NAME=${name} cannot name a cluster`)));
  }
});

describe("the ports on 127.0.0.1", () => {
  it("are apart for every stack", () => {
    const all = ["dev", "test", "prod"].flatMap((stack) => Object.values(portsOf(stack, undefined)) as number[]);
    assert.equal(new Set(all).size, all.length);
  });

  it("keep the distance that Nacos clients count on", () => {
    const { nacos, nacosGrpc } = portsOf("dev", 4000);
    assert.deepEqual([nacos, nacosGrpc], [22848, 23848]);
  });
});
