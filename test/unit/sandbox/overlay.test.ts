import * as assert from "node:assert/strict";
import { validateFile } from "../../../schema";
import {
  embeddedConfig,
  merge,
  requireStack,
  type Settings,
  stackConfig,
  stackNames,
} from "../../../sandbox/deploy/overlay";
import { PLATFORM, TENANTS } from "../../../sandbox/deploy/project";
import * as tenants from "../../../tenants/schema";
import { record } from "../../support/recorder";

const values = {
  context: "embedded-x",
  mysqlPort: "13306",
  nacos: "sandbox.local/nacos:3.1.0",
  mysql: "sandbox.local/mysql:9.7.4",
  node: "sandbox.local/node:20.19.2",
  "mysqld-exporter": "sandbox.local/mysqld-exporter:0.19.0",
  rclone: "sandbox.local/rclone:1.60.1",
  s3Endpoint: "http://object-store.object-store.svc.cluster.local:9000",
  s3Bucket: "backups",
};

const program = require.resolve("../../../index");

/** Runs the program as an embedded stack, with more settings, against an engine that only writes down. */
function preview(stack: string, more: Settings = {}): Promise<unknown> {
  const encrypted =
    stack === "prod"
      ? { "nacos-platform:mysql": { backup: { offsite: { accessKeyId: "key", secretAccessKey: "secret" } } } }
      : {};
  const settings = [encrypted, more].reduce<Settings>(merge, embeddedConfig(stack, values));
  const config = Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
  return record(
    () => {
      delete require.cache[program];
      return require(program) as unknown; // oxlint-disable-line typescript/no-require-imports -- a program runs when it is loaded
    },
    { stack, config, secretKeys: ["nacos-platform:mysql"] },
  );
}

describe("the overlay of the embedded cluster", () => {
  it("merges mappings key by key and replaces everything else", () => {
    assert.deepEqual(merge({ a: { b: 1, c: [1, 2] }, d: 1 }, { a: { c: [3] }, d: { e: 2 } }), {
      a: { b: 1, c: [3] },
      d: { e: 2 },
    });
  });

  it("keeps what the stack file says and the overlay does not", () => {
    assert.equal(embeddedConfig("prod", values)["nacos-platform:environment"], "prod");
  });

  it("refuses a placeholder that has no value", () => {
    assert.throws(() => embeddedConfig("dev", { context: "x" }), /\$\{nacos\}, which has no value/);
  });

  for (const stack of ["dev", "test", "prod"]) {
    it(`gives ${stack} a configuration that the program accepts`, () => {
      const checked = validateFile(stack, embeddedConfig(stack, values));
      assert.equal(checked.kubeContext, "embedded-x");
      assert.equal(checked.nacos.image, values.nacos);
    });
  }

  for (const stack of ["dev", "test", "prod"]) {
    it(`gives ${stack} what fits its own quota, by the program's own check`, async () => {
      await preview(stack);
      await assert.rejects(
        preview(stack, { "nacos-platform:tenancy": { quota: { limitsMemory: "1Gi" } } }),
        /does not fit its limits/,
      ); // so it did check
    });
  }

  for (const stack of ["dev", "test", "prod"]) {
    it(`gives the tenants of ${stack} the platform's stack of that name, and the port that leads to MySQL`, () => {
      const config = embeddedConfig(stack, { stack, mysqlPort: "13506" }, TENANTS);
      const { platform, endpoint, environment } = tenants.validateFile(stack, config);
      assert.deepEqual(
        [environment, platform, endpoint],
        [stack, `organization/nacos-platform/${stack}`, "127.0.0.1:13506"],
      );
      for (const [settings, { name }] of [
        [config, TENANTS],
        [embeddedConfig(stack, values), PLATFORM],
      ] as const) {
        assert.deepEqual(
          Object.keys(settings).filter((key) => !key.startsWith(`${name}:`)),
          [],
        );
      }
    });
  }

  it("leaves the figures of dev as they are, but for the processor of a start", () => {
    const figures = (config: Record<string, unknown>) => validateFile("dev", config).nacos.resources;
    const own = figures(stackConfig("dev"));
    assert.deepEqual(figures(embeddedConfig("dev", values)), { ...own, limits: { ...own.limits, cpu: "2" } });
  });
});

describe("the stacks of the checkout", () => {
  it("are those that have a stack file", () => {
    for (const stack of ["dev", "test", "prod"]) assert.ok(stackNames().includes(stack));
  });

  it("are listed where another is asked for", () => {
    assert.throws(
      () => requireStack("staging"),
      /^Error: there is no stack "staging"; the checkout configures dev, .*prod, test\. Choose one with STACK=…, or add a Pulumi\.staging\.yaml\.$/,
    );
  });
});
