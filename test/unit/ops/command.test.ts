import assert from "node:assert/strict";
import { command, readWords, UsageError } from "../../../ops/command";
import { commandIn, commandNamed, listOf } from "../../../ops/commands";
import { refused } from "../../support/refusal";

describe("the words of a command", () => {
  const full = command({
    summary: "do something",
    options: { server: { value: "SERVER", help: "which" }, force: { help: "now" } },
    rest: { value: "COMMAND…", help: "what" },
    run: () => Promise.resolve(),
  });
  const bare = command({ summary: "do nothing", run: () => Promise.resolve() });
  const usage = "npm run ops -- area full --stack STACK [--server SERVER] [--force] [-- COMMAND…]";

  it("are read by what it declares", () => {
    assert.deepEqual(
      readWords("area full", full, [
        "--stack",
        "dev",
        "--server=mysql-2",
        "--force",
        "--",
        "pulumi",
        "--bogus",
        "--help",
      ]),
      { values: { stack: "dev", server: "mysql-2", force: true }, rest: ["pulumi", "--bogus", "--help"] },
    );
    assert.deepEqual(readWords("area full", full, ["--stack=dev"]), {
      values: { stack: "dev", server: undefined, force: false },
      rest: [],
    });
    assert.deepEqual(readWords("area full", full, ["--server=-x=y", "--stack", "dev"])?.values.server, "-x=y");
  });

  for (const words of [["--help"], ["-h"], ["--bogus", "--help"], ["--server", "-h"]]) {
    it(`ask for help by ${words.join(" ")}`, () => assert.equal(readWords("area full", full, words), undefined));
  }

  for (const [words, problem] of [
    [["--stack", "dev", "--bogus"], "there is no option --bogus"],
    [["--stack", "dev", "--bogus=1"], "there is no option --bogus"],
    [["--stack", "dev", "--toString"], "there is no option --toString"],
    [["--stack", "dev", "-s"], "there is no option -s"],
    [["--stack", "dev", "mysql-2"], '"mysql-2" is one word too many'],
    [["mysql-2", "--bogus"], '"mysql-2" is one word too many'],
    [["--stack", "dev", "--server"], "--server needs a value, --server SERVER"],
    [["--stack", "dev", "--server="], "--server needs a value, --server SERVER"],
    [["--stack", "dev", "--server", ""], "--server needs a value, --server SERVER"],
    [["--server", "--stack", "dev"], "--server needs a value, --server SERVER"],
    [["--stack", "dev", "--server", "--", "x"], "--server needs a value, --server SERVER"],
    [["--stack", "dev", "--force=yes"], "--force takes no value"],
    [["--stack", "dev", "--no-force"], "there is no option --no-force"],
    [["--stack", "dev", "--stack", "prod"], "--stack is given twice"],
    [["--force", "--force", "--stack", "dev"], "--force is given twice"],
    [["--server", "mysql-2"], "--stack STACK is missing"],
  ] as const) {
    it(`are refused: ${words.join(" ")}`, () =>
      assert.throws(
        () => readWords("area full", full, words),
        (error: unknown) => {
          assert.ok(error instanceof UsageError);
          assert.equal(error.usage, usage);
          return refused("USAGE_COMMAND_INVALID", `area full: ${problem}.`)(error);
        },
      ));
  }

  it("are refused after -- by a command that runs no other", () =>
    assert.throws(
      () => readWords("area bare", bare, ["--stack", "dev", "--", "ls"]),
      refused("USAGE_COMMAND_INVALID", "area bare: it takes no command line after --."),
    ));
});

describe("the commands", () => {
  for (const [words, message] of [
    [[], "name an area and a command; the areas are mysql, nacos, secrets, stack."],
    [["mysq"], 'there is no area "mysq"; there are mysql, nacos, secrets, stack.'],
    [["toString", "x"], 'there is no area "toString"; there are mysql, nacos, secrets, stack.'],
    [["--stack", "prod"], 'there is no area "--stack"; there are mysql, nacos, secrets, stack.'],
    [["secrets"], "name a command of secrets; it has rotate."],
    [["secrets", "turn"], 'secrets has no command "turn"; it has rotate.'],
    [["secrets", "constructor"], 'secrets has no command "constructor"; it has rotate.'],
  ] as const) {
    it(`are none of these: ${words.join(" ")}`, () =>
      assert.throws(
        () => commandNamed(words[0], words[1]),
        (error: unknown) => {
          assert.ok(error instanceof UsageError);
          assert.equal(error.usage, "npm run ops -- AREA COMMAND --stack STACK");
          return refused("USAGE_COMMAND_UNKNOWN", message)(error);
        },
      ));
  }

  it("may belong to no area", () => {
    const { title, command, words } = commandIn(["diagnose", "--stack", "dev"]);
    assert.deepEqual([title, words], ["diagnose", ["--stack", "dev"]]);
    assert.deepEqual(readWords(title, command, words)?.values, { stack: "dev", json: false });
    assert.match(listOf(), /^ {2}diagnose {10}check everything/m);
  });

  it("are listed by area", () => {
    assert.match(listOf("mysql"), /^ {2}mysql resume {6}resume the paused controller$/m);
    assert.doesNotMatch(listOf("mysql"), /secrets rotate/);
  });
});
