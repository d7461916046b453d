import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { entries } from "../../policy-pack/catalogue";
import { readmePath, render } from "../../policy-pack/docs";
import { schemaOf } from "../../policy-pack/lib/policy";

describe("the policy pack's README", () => {
  const readme = fs.readFileSync(readmePath, "utf8");

  it("is current; if not, run: npx sucrase-node policy-pack/docs.ts", () => assert.equal(render(readme), readme));

  it("needs the marks of the tables", () => {
    assert.throws(() => render("# Policies"), /README\.md has to contain "<!-- policies/);
  });
});

describe("the catalogue", () => {
  it("says of every rule what, how bad and how to fix it, and lets it be configured", () => {
    for (const { rule } of entries) {
      assert.match(rule.name, /^[a-z-]+$/);
      assert.match(rule.description, /^[A-Z].+\.$/, rule.name);
      assert.match(rule.remediationSteps, /^[A-Z].+\.$/, rule.name);
      assert.match(rule.url, /^https:\/\/(kubernetes\.io|www\.pulumi\.com)\//, rule.name);
      assert.ok((rule.resource === undefined) !== (rule.stack === undefined), rule.name);
      assert.deepEqual(Object.keys(schemaOf(rule).properties ?? {}).slice(0, 2), ["exempt", "environment"]);
    }
  });

  it("has every rule of the folder once", () => {
    const root = path.join(__dirname, "../../policy-pack/rules");
    const files = fs.readdirSync(root, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
    const names = files.map((file) => path.basename(file, ".ts")).sort();
    assert.deepEqual(entries.map(({ rule }) => rule.name).sort(), names);
  });

  it("is never stricter in dev than in prod", () => {
    const strictness = ["off", "advisory", "mandatory"];
    for (const { rule, levels } of entries) {
      const [dev, test, prod] = [levels.dev, levels.test, levels.prod].map((level) => strictness.indexOf(level));
      assert.ok(dev <= test && test <= prod, rule.name);
    }
  });
});
