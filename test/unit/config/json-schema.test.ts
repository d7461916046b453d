import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv/dist/2020";
import { parse } from "yaml";
import { JSON_SCHEMA, jsonSchema } from "../../../docs/configuration";
import * as tenants from "../../../docs/tenants-configuration";

describe("the JSON schema of stack files", () => {
  const accepts = new Ajv({ allowUnionTypes: true, formats: { cidrv4: true, cidrv6: true } }).compile(
    JSON.parse(jsonSchema()) as object,
  );
  const problems = (config: Record<string, unknown>): string[] => {
    accepts({
      config: Object.fromEntries(Object.entries(config).map(([key, value]) => [`nacos-platform:${key}`, value])),
    });
    return [...new Set((accepts.errors ?? []).map(({ instancePath, keyword }) => `${instancePath} ${keyword}`))];
  };

  it("is what `npx sucrase-node docs/configuration.ts` writes", () => {
    assert.equal(readFileSync(JSON_SCHEMA, "utf8"), jsonSchema());
  });

  for (const stack of ["dev", "test", "prod"]) {
    it(`accepts Pulumi.${stack}.yaml, whose first line names it`, () => {
      const text = readFileSync(join(__dirname, `../../../Pulumi.${stack}.yaml`), "utf8");
      assert.match(text, /^# yaml-language-server: \$schema=docs\/stack-file\.schema\.json\n/);
      assert.ok(accepts(parse(text)), JSON.stringify(accepts.errors));
    });
  }

  it("accepts both variants of a union, encrypted values, and keys of other projects", () => {
    assert.deepEqual(
      problems({ mysql: { mode: "external", host: "db.example.com", password: { secure: "v1:abc" } } }),
      [],
    );
    assert.deepEqual(
      problems({
        mysql: {
          servers: 3,
          backup: { offsite: { endpoint: "https://s3.example.com", accessKeyId: { secure: "v1:abc" } } },
        },
      }),
      [],
    );
    assert.ok(accepts({ config: { "kubernetes:context": "x" }, encryptionsalt: "x" }));
  });

  it("refuses unknown keys at every level, values out of range, and secrets in plain text", () => {
    assert.deepEqual(
      problems({ mysq: {} }).some((problem) => problem.endsWith("propertyNames")),
      true,
    );
    assert.deepEqual(problems({ nacos: { replica: 3 } }), ["/config/nacos-platform:nacos additionalProperties"]);
    assert.deepEqual(problems({ nacos: { replicas: 9 } }), ["/config/nacos-platform:nacos/replicas maximum"]);
    assert.notDeepEqual(problems({ mysql: { mode: "external", password: "hunter2" } }), []);
    assert.notDeepEqual(problems({ mysql: { mode: "external", servers: 3 } }), []);
  });
});

describe("the JSON schema of the tenants' stack files", () => {
  const accepts = new Ajv({ allowUnionTypes: true }).compile(JSON.parse(tenants.jsonSchema()) as object);
  const settings = (value: object) => ({ config: { "nacos-tenants:tenants": value } });

  it("is what `npx sucrase-node docs/configuration.ts` writes", () => {
    assert.equal(readFileSync(tenants.JSON_SCHEMA, "utf8"), tenants.jsonSchema());
  });

  for (const stack of ["dev", "test", "prod"]) {
    it(`accepts tenants/Pulumi.${stack}.yaml, whose first line names it`, () => {
      const text = readFileSync(join(__dirname, `../../../tenants/Pulumi.${stack}.yaml`), "utf8");
      assert.match(text, /^# yaml-language-server: \$schema=\.\.\/docs\/tenants-stack-file\.schema\.json\n/);
      assert.ok(accepts(parse(text)), JSON.stringify(accepts.errors));
    });
  }

  it("accepts tenants of both kinds, and refuses bad names and keys", () => {
    assert.ok(
      accepts(
        settings({
          shop: { databases: ["orders"], namespace: { quota: { pods: 3 } } },
          pay: { namespace: { mode: "named", name: "payments" } },
        }),
      ),
      JSON.stringify(accepts.errors),
    );
    for (const bad of [{ Shop: {} }, { shop: { database: ["orders"] } }, { shop: { databases: ["Orders"] } }])
      assert.ok(!accepts(settings(bad)), JSON.stringify(bad));
  });
});
