import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { coveredFiles, forbiddenWords } from "../support/vocabulary";

const root = path.resolve(__dirname, "..", "..");
const read = (file: string): string => fs.readFileSync(path.join(root, file), "utf8");

describe("the vocabulary", () => {
  it("is that of docs/STYLE.md in every covered file", () => {
    assert.deepEqual(
      coveredFiles(root).flatMap((file) => forbiddenWords(file, read(file))),
      [],
    );
  });

  it("covers documentation, runbooks, code, scripts and tests, but not the generated page", () => {
    const files = coveredFiles(root);
    for (const file of [
      "README.md",
      "CONTRIBUTING.md",
      "docs/STYLE.md",
      "docs/runbooks/mysql-verify.md",
      "docs/decisions/0001-rooms.md",
      "policy-pack/README.md",
      "runtime/mysql-controller/failover.ts",
      "ops/command.ts",
      "index.ts",
      "docs/configuration.ts",
      "kube/claims.ts",
      "components/mysql/backup/pods.ts",
      "test/unit/components/mysql/tls.test.ts",
      "test/unit/program.test.ts",
      "clients/kubernetes/lease.ts",
      "policy-pack/lib/rule.ts",
      "components/mysql/backup/scripts/dump.sh",
    ])
      assert.ok(files.includes(file), file);
    assert.ok(!files.includes("docs/configuration.md"));
  });

  it("reports file, line, the word, and what to write instead", () => {
    assert.deepEqual(forbiddenWords("page.md", "# Backups\n\nA backup is restored into a\nThrowaway server.\n"), [
      'page.md:4: "Throwaway": write instead: scratch instance',
    ]);
  });

  it("finds a phrase that a line end or the mark of a comment divides", () => {
    assert.deepEqual(forbiddenWords("page.md", "Who takes\nthe writes?").length, 1);
    assert.deepEqual(
      forbiddenWords("file.ts", "/**\n * Restores to a\n * moment.\n */\n// lets nobody\n// in").map(
        (line) => line.split(":")[1],
      ),
      ["2", "5"],
    );
  });

  it("checks neither code nor link targets nor generated parts of Markdown", () => {
    for (const text of [
      "`lets nobody in: …`",
      "`` a ` throwaway ``",
      "`! does not\nprove`",
      "```sh\nthrowaway\n```",
      "text\n\n    throwaway\n",
      "[tests](docs/proof.md)",
      "<!-- policies: written by docs.ts -->\nproof\n<!-- /policies -->",
    ]) {
      assert.deepEqual(forbiddenWords("page.md", text), [], text);
    }
    assert.equal(forbiddenWords("page.md", "`a` proof `b`\n\n```\na\n```\nproof\n").length, 2);
  });

  it("checks messages and comments of a program", () => {
    for (const text of [
      "throw new Error(`MySQL lets nobody in`)",
      'say("a proof of it");',
      "say(`${name} goes on`);",
      "say(`${name}: ${`a proof, ${x}`}`);",
      "// anew",
      "f(/* anew */);",
      "function f() {\n  // anew\n}",
      "say(/'/, 1); // anew",
    ]) {
      assert.equal(forbiddenWords("file.ts", text).length, 1, text);
    }
  });

  it("checks neither identifiers nor data of a program, nor code in its comments", () => {
    for (const text of [
      "const proof = judge(former);",
      'if (state === "proven") use("authorities");',
      'import { judge } from "./judge";',
      "/** Compares what `judge` found. Written by prove.sh. */",
      "const pattern = /the former/;",
    ]) {
      assert.deepEqual(forbiddenWords("file.ts", text), [], text);
    }
  });

  it("passes words that only look alike", () => {
    assert.deepEqual(
      forbiddenWords(
        "page.md",
        "An improved, waterproof amendment: performance, canewood, a list of use cases. It is retold.",
      ),
      [],
    );
  });

  const [, glossary] = read("docs/STYLE.md").split(/^## Glossary$/m);
  const cells = glossary
    .split("\n\n")
    .find((part) => part.startsWith("| Not | But |"))!
    .split("\n")
    .slice(2)
    .map((row) => row.split("|")[1]);
  for (const word of cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, span]) => span))) {
    it(`finds "${word}" of the glossary`, () => assert.notDeepEqual(forbiddenWords("page.md", word), []));
  }
});
