import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { validate, validateFile as validatePlatformFile } from "../../schema";
import { configurationPage, PAGE } from "../../docs/configuration";
import * as tenants from "../../docs/tenants-configuration";
import { validateFile } from "../../tenants/schema";
import { run } from "../support/program";

describe("docs/configuration.md", () => {
  it("is what `npx sucrase-node docs/configuration.ts` writes", () => {
    assert.equal(readFileSync(PAGE, "utf8"), configurationPage());
  });
});

describe("docs/tenants-configuration.md", () => {
  it("is what `npx sucrase-node docs/configuration.ts` writes", () => {
    assert.equal(readFileSync(tenants.PAGE, "utf8"), tenants.configurationPage());
  });
});

describe("stack files", () => {
  for (const stack of ["dev", "test", "prod"]) {
    it(`Pulumi.${stack}.yaml is accepted`, () => {
      const file = readFileSync(join(__dirname, "..", "..", `Pulumi.${stack}.yaml`), "utf8");
      const { config } = parse(file) as { config: Record<string, unknown> };
      const values = Object.entries(config).map(([key, value]) => [
        key,
        typeof value === "string" ? value : JSON.stringify(value),
      ]);
      assert.equal(
        validate({ project: "nacos-platform", stack, values: Object.fromEntries(values) as Record<string, string> })
          .environment,
        stack,
      );
    });
    it(`tenants/Pulumi.${stack}.yaml is accepted`, () => {
      const { config } = parse(
        readFileSync(join(__dirname, "..", "..", "tenants", `Pulumi.${stack}.yaml`), "utf8"),
      ) as { config: Record<string, unknown> };
      assert.equal(validateFile(stack, config).environment, stack);
    });
  }
});

describe("docs/placement.md", () => {
  const page = readFileSync(join(__dirname, "../../docs/placement.md"), "utf8");
  const examples = [...page.matchAll(/^```yaml\n([^]*?)^```$/gm)].map(([, example]) => example);

  it("has examples", () => assert.notEqual(examples.length, 0));

  for (const example of examples) {
    it(`has an example that is accepted: ${example.split("\n").slice(0, 3).join(" ")}`, () => {
      const { config } = parse(readFileSync(join(__dirname, "../../Pulumi.dev.yaml"), "utf8")) as {
        config: Record<string, object>;
      };
      const given = Object.entries(parse(example) as Record<string, object>).map(([name, value]) => {
        const key = `nacos-platform:${name}`;
        return [key, { ...config[key], ...value }];
      });
      validatePlatformFile("dev", { ...config, ...(Object.fromEntries(given) as Record<string, object>) });
    });
  }
});

describe("docs/gitops.md", () => {
  it("has a row with the keys of every Secret that is not rendered", async () => {
    const rows = readFileSync(join(__dirname, "..", "..", "docs", "gitops.md"), "utf8").split("\n");
    const { resources } = await run("prod");
    const secrets = resources.filter(({ type }) => type === "kubernetes:core/v1:Secret");
    const missing = secrets.flatMap(({ inputs }) => {
      const { metadata, stringData } = inputs as unknown as { metadata: { name: string }; stringData: object };
      const row = rows.find((line) => /^\| Secrets? /.test(line) && line.includes(`\`${metadata.name}\``)) ?? "";
      const keys = Object.keys(stringData);
      return keys.filter((key) => !row.includes(`\`${key}\``)).map((key) => `${metadata.name}: ${key}`);
    });
    assert.ok(secrets.length > 10);
    assert.deepEqual(missing, []);
  });
});
