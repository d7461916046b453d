import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

const root = path.join(__dirname, "..", "..");

describe("boundaries between the rooms", () => {
  let house: string;

  beforeEach(() => {
    house = fs.mkdtempSync(path.join(os.tmpdir(), "boundaries-"));
    fs.symlinkSync(path.join(root, "node_modules"), path.join(house, "node_modules"));
    for (const file of [".dependency-cruiser.cjs", "tsconfig.json"])
      fs.copyFileSync(path.join(root, file), path.join(house, file));
  });

  afterEach(() => fs.rmSync(house, { recursive: true, force: true }));

  /** The rules that files break, each with the import that breaks it: "rule: from → to". */
  function breaches(files: Readonly<Record<string, readonly string[]>>): string[] {
    const all = new Set([
      ...Object.keys(files),
      ...Object.entries(files).flatMap(([file, imports]) =>
        imports.filter((name) => name.startsWith(".")).map((name) => path.join(path.dirname(file), `${name}.ts`)),
      ),
    ]);
    for (const file of all) {
      fs.mkdirSync(path.join(house, path.dirname(file)), { recursive: true });
      fs.writeFileSync(
        path.join(house, file),
        [...(files[file] ?? []).map((name) => `import "${name}";`), "export {};", ""].join("\n"),
      );
    }
    const { stdout, status } = spawnSync(
      path.join(root, "node_modules/.bin/depcruise"),
      ["--config", ".dependency-cruiser.cjs", "."],
      { cwd: house, encoding: "utf8" },
    );
    const found = [...stdout.matchAll(/error ([\w-]+): (\S+) →\s+(\S+)/g)].map(
      ([, rule, from, to]) => `${rule}: ${from} → ${to.replace(/.*node_modules/, "node_modules")}`,
    );
    assert.equal(status, found.length, "the exit status of depcruise is the number of violations");
    return found.sort();
  }

  it("allow what the table allows", () => {
    assert.deepEqual(
      breaches({
        "index.ts": ["./components/nacos/nacos", "./kube/pod", "./config/fields"],
        "components/nacos/nacos.ts": [
          "../../kube/pod",
          "../../config/fields",
          "../../contract/ports",
          "../mysql/database",
          "@pulumi/pulumi",
        ],
        "kube/pod.ts": ["../contract/ports", "../clients/kubernetes/api"],
        "runtime/mysql-controller/main.ts": ["../gtid-set", "../../clients/kubernetes/api"],
        "ops/main.ts": ["../runtime/mysql-controller/main", "../schema"],
        "sandbox/main.ts": ["../ops/main", "../schema"],
        "tenants/index.ts": [
          "./schema",
          "../components/tenants/tenant",
          "../kube/pod",
          "../config/fields",
          "../contract/ports",
          "../clients/kubernetes/api",
          "@pulumi/pulumi",
        ],
        "docs/configuration.ts": ["../schema", "../tenants/schema"],
      }),
      [],
    );
  }).timeout(60_000); // it starts a process that parses, on a machine that may be busy

  it("refuse each import across a boundary, and circles of files and of folders", () => {
    assert.deepEqual(
      breaches({
        "contract/ports.ts": ["../clients/pause"],
        "clients/api.ts": ["../ops/report", "@pulumi/pulumi"],
        "config/fields.ts": ["../components/nacos/memory"],
        "kube/pod.ts": ["../components/nacos/memory"],
        "runtime/main.ts": ["../kube/mark"],
        "components/nacos/nacos.ts": ["../mysql/my-cnf", "../../ops/report"],
        "ops/cluster.ts": ["../components/mysql/my-cnf", "../config-of-program"],
        "policy-pack/index.ts": ["../kube/mark"],
        "index.ts": ["./runtime/main", "./tenants/fit"],
        "tenants/index.ts": ["../index", "../schema", "../ops/report"],
        "tenants/schema.ts": ["../components/tenancy/config"],
        "components/tenants/tenant.ts": ["../tenancy/config", "../../tenants/fit"],
        "sandbox/exec.ts": ["../components/nacos/memory"],
        "schema.ts": ["./components/tenancy/config"],
        "components/tenancy/config.ts": ["@pulumi/pulumi"],
        "kube/mark.ts": ["./service"],
        "kube/service.ts": ["./mark"],
        "ops/a/one.ts": ["../b/two"],
        "ops/b/three.ts": ["../a/four"],
      }),
      [
        "clients-imports-only: clients/api.ts → ops/report.ts",
        "components-imports-only: components/nacos/nacos.ts → ops/report.ts",
        "components-imports-only: components/tenants/tenant.ts → tenants/fit.ts",
        "config-imports-only: config/fields.ts → components/nacos/memory.ts",
        "contract-imports-only: contract/ports.ts → clients/pause.ts",
        "kube-imports-only: kube/pod.ts → components/nacos/memory.ts",
        "no-circle-of-folders: ops/a → ops/b",
        "no-circle-of-folders: ops/b → ops/a",
        "no-circle: kube/mark.ts → kube/service.ts",
        "no-pulumi: clients/api.ts → node_modules/@pulumi/pulumi/index.js",
        "ops-imports-only: ops/cluster.ts → components/mysql/my-cnf.ts",
        "ops-imports-only: ops/cluster.ts → config-of-program.ts",
        "policy-pack-imports-only: policy-pack/index.ts → kube/mark.ts",
        "program-imports-only: index.ts → runtime/main.ts",
        "program-imports-only: index.ts → tenants/fit.ts",
        "runtime-imports-only: runtime/main.ts → kube/mark.ts",
        "sandbox-imports-only: sandbox/exec.ts → components/nacos/memory.ts",
        "schema-without-pulumi: schema.ts → node_modules/@pulumi/pulumi/index.js",
        "schema-without-pulumi: tenants/schema.ts → node_modules/@pulumi/pulumi/index.js",
        "siblings-by-their-interface: components/nacos/nacos.ts → components/mysql/my-cnf.ts",
        "siblings-by-their-interface: components/tenants/tenant.ts → components/tenancy/config.ts",
        "tenants-imports-only: tenants/index.ts → index.ts",
        "tenants-imports-only: tenants/index.ts → ops/report.ts",
        "tenants-imports-only: tenants/index.ts → schema.ts",
      ],
    );
  }).timeout(60_000);
});
