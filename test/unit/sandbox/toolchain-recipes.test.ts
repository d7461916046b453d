import { strict as assert } from "node:assert";
import * as fs from "node:fs";
import * as path from "node:path";
import { clusterRecipes, pulumiRecipes } from "../../../sandbox/toolchain/recipes";

const checkout = path.resolve(__dirname, "../../..");
const moduleOf = (name: string): string => path.join(checkout, "sandbox/toolchain/modules", name);

describe("sandbox toolchain recipes", () => {
  for (const recipe of [...clusterRecipes, ...pulumiRecipes]) {
    it(`${recipe.name}: the module pins its dependencies and holds its own sources`, () => {
      for (const file of ["go.mod", "go.sum"]) assert.ok(fs.existsSync(path.join(moduleOf(recipe.module), file)), file);
      if (recipe.package.startsWith(".")) assert.ok(fs.existsSync(path.join(moduleOf(recipe.module), recipe.package, "main.go")));
    });
  }

  it("the libraries that the modules share have one version, and are compiled once; only Pulumi's own differ", () => {
    const versionsOf = (module: string): Map<string, string> =>
      new Map([...fs.readFileSync(path.join(moduleOf(module), "go.mod"), "utf8").matchAll(/^(?:\t|replace )(\S+) (v\S+|=> \S+ v\S+)/gm)].map(([, name, version]) => [name, version]));
    const tools = versionsOf("tools");
    const shared = [...versionsOf("kubernetes-provider")].filter(([name]) => tools.has(name));
    assert.ok(shared.length > 100);
    assert.deepEqual(shared.filter(([name, version]) => tools.get(name) !== version).map(([name]) => name), ["github.com/pulumi/pulumi/pkg/v3", "github.com/pulumi/pulumi/sdk/v3"]);
  });

  const { dependencies } = JSON.parse(fs.readFileSync(path.join(checkout, "package.json"), "utf8")) as { dependencies: Record<string, string> };
  for (const { name, version, module, package: folder } of pulumiRecipes.filter((recipe) => recipe.name.startsWith("pulumi-resource-"))) {
    const npm = `@pulumi/${name.replace("pulumi-resource-", "")}`;

    it(`${name}: the plugin has the version of ${npm}`, () => {
      assert.equal(dependencies[npm] ?? version, version);
    });

    it(`${name}: a bridged plugin says its own version`, () => {
      const stated = /^const version = "(.+)"$/m.exec(fs.readFileSync(path.join(moduleOf(module), folder, "main.go"), "utf8"))?.[1];
      assert.equal(stated ?? version, version);
    });
  }
});
