import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { IDENTITIES, labels } from "../../contract/identities";
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

describe("docs/logs.md", () => {
  const read = (file: string) => readFileSync(join(__dirname, "../..", file), "utf8");
  const page = read("docs/logs.md");
  // In Alloy's strings a backslash is written twice.
  const first = [...page.matchAll(/(?:firstline +=|"start_state") +"\/?(\S+?)\/?"/g)].map(
    ([, pattern]) => new RegExp(pattern.replaceAll("\\\\", "\\")),
  );
  const [next] = [...page.matchAll(/"cont" +"\/(\S+)\/"/g)].map(([, pattern]) => new RegExp(pattern));

  it("puts a stack trace together with the line before it, in both examples", () => {
    assert.match(read("components/nacos/scripts/logback.xml"), /<pattern>%d\{yyyy-MM-dd'T'/);
    const begin = [
      "2026-11-30T21:38:48.603Z ERROR [main] c.a.n.core.protocol.raft Failed to join the cluster",
      "2026-11-30T21:34:51.092709Z 0 [System] [MY-015018] [Server] MySQL Server Initialization - end.",
    ];
    const follow = [
      "java.lang.IllegalStateException: Fail to get leader",
      "\tat com.alibaba.nacos.core.X.y(X.java:1)",
      "Caused by: java.sql.SQLException: away",
      "\t... 12 common frames omitted",
      "",
    ];
    assert.equal(first.length, 2);
    for (const pattern of first) {
      for (const line of begin) assert.match(line, pattern);
      for (const line of follow) assert.doesNotMatch(line, pattern);
    }
    for (const line of follow) assert.match(line, next);
    for (const line of begin) assert.doesNotMatch(line, next);
  });

  it("reads the level of a line of Nacos, and of MySQL", () => {
    const [, written] = /expression = "(\S.*)"/.exec(page) ?? [];
    const level = new RegExp(written.replaceAll("\\\\", "\\").replace("?P<", "?<"));
    assert.equal(level.exec("2026-11-30T21:38:48.603Z WARN  [main] c.a.n.X said")?.groups?.level, "WARN");
    assert.equal(level.exec("2026-11-30T21:34:51.092709Z 0 [System] [MY-1] said")?.groups?.level, "System");
  });

  it("finds pods by a label that all have", () =>
    assert.equal(labels(IDENTITIES.nacos)["app.kubernetes.io/part-of"], "nacos-platform"));
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
