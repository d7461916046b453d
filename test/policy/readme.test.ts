import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import { readmePath, render } from "../../policy-pack/docs";
import { policies } from "../../policy-pack/policies";

describe("the policy pack's README", () => {
  const readme = fs.readFileSync(readmePath, "utf8");

  it("is current; if not, run: npx sucrase-node policy-pack/docs.ts", () => assert.equal(render(readme), readme));

  it("lists every policy", () => {
    for (const { name } of policies)
      assert.match(readme, new RegExp(`^\\| \\[${name}\\]\\(https://kubernetes\\.io/`, "m"));
  });

  it("needs the marks of the table", () => {
    assert.throws(() => render("# Policies"), /README\.md has to contain "<!-- policies/);
  });
});

describe("every policy", () => {
  for (const policy of policies) {
    it(`${policy.name} says what, how bad, how to fix it, and can be configured`, () => {
      assert.match(policy.name, /^[a-z-]+$/);
      assert.match(policy.description, /^[A-Z].+\.$/);
      assert.match(policy.remediationSteps ?? "", /^[A-Z].+\.$/);
      assert.ok(policy.severity);
      assert.equal(policy.enforcementLevel, undefined, "the pack decides");
      assert.deepEqual(policy.configSchema?.properties.exempt, {
        ...policy.configSchema?.properties.exempt,
        type: "array",
        default: [],
      });
    });
  }

  it("has a unique name", () => assert.equal(new Set(policies.map(({ name }) => name)).size, policies.length));
});
