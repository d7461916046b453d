import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { coveredFiles, forbiddenWords } from "../support/vocabulary";

const root = path.resolve(__dirname, "..", "..");
const read = (file: string): string => fs.readFileSync(path.join(root, file), "utf8");

describe("the vocabulary", () => {
  it("is that of docs/STYLE.md in every covered file", () => {
    assert.deepEqual(coveredFiles(root).flatMap((file) => forbiddenWords(file, read(file))), []);
  });

  it("covers documentation, runbooks and the policy pack, but not the generated page", () => {
    const files = coveredFiles(root);
    for (const file of ["README.md", "CONTRIBUTING.md", "docs/STYLE.md", "docs/runbooks/mysql-verify.md", "docs/decisions/0001-rooms.md", "policy-pack/README.md"]) assert.ok(files.includes(file), file);
    assert.ok(!files.includes("docs/configuration.md"));
  });

  it("reports file, line, the word, and what to write instead", () => {
    assert.deepEqual(forbiddenWords("page.md", "# Backups\n\nA backup is restored into a\nThrowaway server.\n"), ['page.md:4: "Throwaway": write instead: scratch instance']);
  });

  it("finds a phrase that a line end or the mark of a comment divides", () => {
    assert.deepEqual(forbiddenWords("page.md", "Who takes\nthe writes?").length, 1);
    assert.deepEqual(forbiddenWords("file.ts", "/**\n * Restores to a\n * moment.\n */\n// lets nobody\n// in").map((line) => line.split(":")[1]), ["2", "5"]);
  });

  it("checks neither code nor link targets nor generated parts of Markdown", () => {
    for (const text of ["`lets nobody in: …`", "`` a ` throwaway ``", "`! does not\nprove`", "```sh\nthrowaway\n```", "text\n\n    throwaway\n", "[tests](docs/proof.md)", "<!-- policies: written by docs.ts -->\nproof\n<!-- /policies -->"]) {
      assert.deepEqual(forbiddenWords("page.md", text), [], text);
    }
    assert.equal(forbiddenWords("page.md", "`a` proof `b`\n\n```\na\n```\nproof\n").length, 2);
  });

  it("checks messages of code, which stand in backticks there", () => {
    assert.equal(forbiddenWords("file.ts", "throw new Error(`MySQL lets nobody in`)").length, 1);
  });

  it("passes words that only look alike", () => {
    assert.deepEqual(forbiddenWords("page.md", "An improved, waterproof amendment: performance, canewood, a list of use cases. It is retold."), []);
  });

  const [, glossary] = read("docs/STYLE.md").split(/^## Glossary$/m);
  const cells = glossary.split("\n\n").find((part) => part.startsWith("| Not | But |"))!.split("\n").slice(2).map((row) => row.split("|")[1]);
  for (const word of cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, span]) => span))) {
    it(`finds "${word}" of the glossary`, () => assert.notDeepEqual(forbiddenWords("file.ts", word), []));
  }
});
