import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { portsOf } from "../../../sandbox/deploy/ports";
import { parseOptions } from "../../../sandbox/options";
import { checkout } from "../../../sandbox/paths";

const none = ["--stack", "", "--name", "", "--nodes", "", "--port-offset", "", "--context", "", "--delete", ""];

describe("the words of make", () => {
  it("count as not given when they are empty", () => {
    assert.deepEqual(parseOptions(["up", ...none]), {
      command: "up",
      options: {
        stack: "dev",
        name: "dev",
        nodes: undefined,
        portOffset: undefined,
        context: undefined,
        delete: undefined,
        words: [],
      },
    });
  });

  it("leave what follows a dash dash as it is", () => {
    assert.deepEqual(
      parseOptions(["stack-file", "--name", "dev", "--", "config", "set", "--path", "--name", "x"]).options.words,
      ["config", "set", "--path", "--name", "x"],
    );
  });

  it("name the cluster after its stack", () =>
    assert.equal(parseOptions(["up", "--stack", "prod"]).options.name, "prod"));

  for (const [nodes, parsed] of [
    ["1", 1],
    ["3", 3],
  ] as const) {
    it(`take NODES=${nodes}`, () => assert.equal(parseOptions(["up", "--nodes", nodes]).options.nodes, parsed));
  }

  for (const nodes of ["0", "4", "1.5", "many", "0x2", "1e0", " 2", "-1"]) {
    it(`refuse NODES=${nodes}`, () =>
      assert.throws(() => parseOptions(["up", `--nodes=${nodes}`]), {
        message: `NODES=${nodes} is out of range: a whole number from 1 to 3.`,
      }));
  }

  it("refuse PORT_OFFSET=40001, beyond which the ports end", () => {
    assert.throws(() => parseOptions(["up", "--port-offset", "40001"]), {
      message: "PORT_OFFSET=40001 is out of range: a whole number from 0 to 40000.",
    });
    assert.ok(Object.values(portsOf("dev", 40_000) as object).every((port) => port < 65_536));
  });

  it("are named as they were given: a cluster is called as its stack", () => {
    assert.throws(() => parseOptions(["up", "--stack", "Prod"]), {
      message:
        "STACK=Prod cannot name a cluster: 1 to 20 lower-case letters, digits and dashes, starting with a letter. Choose another NAME.",
    });
  });

  it("refuse what is none of them", () =>
    assert.throws(() => parseOptions(["up", "--bogus"]), /^Error: Unknown option '--bogus'/));

  for (const name of ["Prod", "a_b", "../x", "-a", "a-", "abcdefghijklmnopqrstu"]) {
    it(`refuse NAME=${name}`, () =>
      assert.throws(() => parseOptions(["up", `--name=${name}`]), new RegExp(`NAME=${name} cannot name a cluster`)));
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

describe("make's variables", () => {
  /** What make says, and would run; it is not to run anything. */
  function said(...words: string[]): { status: number | null; error: string; commands: string } {
    const { status, stderr, stdout } = spawnSync("make", ["--dry-run", "--silent", ...words], {
      cwd: checkout,
      encoding: "utf8",
      env: { ...process.env, MAKEFLAGS: undefined, MAKEOVERRIDES: undefined, MAKELEVEL: undefined },
    });
    return { status, error: stderr.replace(/^Makefile:\d+: \*\*\* |\. {2}Stop\.\n$/g, ""), commands: stdout };
  }

  for (const [words, error] of [
    [["up", "NODE=3"], "make up does not know NODE; it takes STACK NAME NODES PORT_OFFSET CONTEXT"],
    [["up", "DELETE=dev"], "make up does not know DELETE; it takes STACK NAME NODES PORT_OFFSET CONTEXT"],
    [["down", "NODES:=3"], "make down does not know NODES; it takes STACK NAME DELETE"],
    [["status", "stack=prod"], "make status does not know stack; it takes STACK NAME"],
    [["logs", "COLD=1"], "make logs does not know COLD; it takes STACK NAME"],
    [["test", "STACK=prod"], "make test does not know STACK; it takes no variable"],
    [["STACK=prod"], "make help does not know STACK; it takes no variable"],
    [["up", "STACK="], "STACK= has no value; give one, or leave it out"],
    [["down", "NAME=a", "DELETE="], "DELETE= has no value; give one, or leave it out"],
  ] as const) {
    it(`are refused: ${words.join(" ")}`, () => assert.deepEqual(said(...words), { status: 2, error, commands: "" }));
  }

  for (const words of [
    ["up", "STACK=prod", "NODES=3", "NAME=a", "PORT_OFFSET=10"],
    ["up", "CONTEXT=a"],
    ["down", "STACK=dev", "NAME=a", "DELETE=a"],
    ["shell", "NAME=a"],
    ["bench", "COLD=1"],
    ["bench", "ONLY=nacos"],
    ["e2e-dev", "SELECT="],
  ]) {
    it(`are taken: ${words.join(" ")}`, () => {
      const { status, error } = said(...words);
      assert.deepEqual({ status, error }, { status: 0, error: "" });
    });
  }

  for (const words of [
    ["e2e-prod", "SELECT="],
    ["bench", "ONLY=nacos"],
  ]) {
    it(`reach no make that a program runs: ${words.join(" ")}`, () =>
      assert.match(said(...words).commands, /^MAKEFLAGS= /m));
  }
});
