import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { validate } from "../../schema";
import { configurationPage, PAGE } from "../../docs/configuration";

describe("docs/configuration.md", () => {
  it("is what `npx sucrase-node docs/configuration.ts` writes", () => {
    assert.equal(readFileSync(PAGE, "utf8"), configurationPage());
  });
});

describe("stack files", () => {
  for (const stack of ["dev", "test", "prod"]) {
    it(`Pulumi.${stack}.yaml is accepted`, () => {
      const file = readFileSync(join(__dirname, "..", "..", `Pulumi.${stack}.yaml`), "utf8");
      const { config } = parse(file) as { config: Record<string, unknown> };
      const values = Object.entries(config).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]);
      assert.equal(validate({ project: "nacos-platform", stack, values: Object.fromEntries(values) as Record<string, string> }).environment, stack);
    });
  }
});
