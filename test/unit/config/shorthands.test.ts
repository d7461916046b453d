import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { expanded } from "../../../config/shorthands";
import { schema, validateFile } from "../../../schema";

describe("shorthands", () => {
  const shorthands = { all: (value: string) => ({ a: { x: value }, b: { c: { x: value } } }) };

  it("stand for keys of sections, unless these are set", () => {
    assert.deepEqual(expanded({ all: "1" }, shorthands), { all: "1", a: { x: "1" }, b: { c: { x: "1" } } });
    assert.deepEqual(expanded({ all: "1", a: { x: "2", y: "3" }, b: { c: {} } }, shorthands), {
      all: "1",
      a: { x: "2", y: "3" },
      b: { c: { x: "1" } },
    });
  });

  it("leave alone what is not theirs to correct", () => {
    assert.deepEqual(expanded({ a: { y: "1" } }, shorthands), { a: { y: "1" } });
    assert.deepEqual(expanded({ all: "1", a: "a text", b: ["a list"] }, shorthands), {
      all: "1",
      a: "a text",
      b: ["a list"],
    });
    assert.deepEqual(expanded({ all: ["1"] }, shorthands), { all: ["1"] });
  });
});

describe("the keys that `pulumi new` asks for", () => {
  const { template } = parse(readFileSync(join(__dirname, "../../../Pulumi.yaml"), "utf8")) as {
    template: { config: Record<string, { description: string }> };
  };
  const answers = {
    kubeContext: "my-prod",
    storageClass: "gp3-retain",
    backupBucket: "https://minio.internal:9000/nacos",
  };
  const stack = (more: object) =>
    validateFile("prod", {
      "nacos-platform:environment": "prod",
      ...Object.fromEntries(
        Object.entries({ ...answers, ...more }).map(([key, value]) => [`nacos-platform:${key}`, value as unknown]),
      ),
    });

  it("are keys of a stack", () => {
    assert.deepEqual(Object.keys(template.config), Object.keys(answers));
    for (const key of Object.keys(answers)) assert.ok(key in schema.shape, key);
  });

  it("are enough for prod", () => {
    const { mysql, nacos } = stack({});
    assert.deepEqual([mysql.storageClass, nacos.storageClass], ["gp3-retain", "gp3-retain"]);
    const { endpoint, bucket } = mysql.backup.offsite ?? {};
    assert.deepEqual([endpoint, bucket], ["https://minio.internal:9000", "nacos"]);
  });

  it("can be replaced in a section", () => {
    const { mysql, nacos } = stack({
      nacos: { storageClass: "standard" },
      mysql: { backup: { offsite: { bucket: "another" } } },
    });
    assert.deepEqual([mysql.storageClass, nacos.storageClass], ["gp3-retain", "standard"]);
    assert.deepEqual(mysql.backup.offsite?.bucket, "another");
  });

  it("are refused like others", () => {
    assert.throws(
      () => stack({ backupBucket: "nacos" }),
      /nacos-platform:backupBucket is "nacos"; allowed: https:\/\/host\/bucket/,
    );
    assert.throws(() => stack({ storageClass: "No Class" }), /nacos-platform:storageClass is "No Class"/);
  });
});
