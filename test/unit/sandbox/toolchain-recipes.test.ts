import { strict as assert } from "node:assert";
import * as fs from "node:fs";
import * as path from "node:path";
import {
  actionlint,
  clusterRecipes,
  kubeconform,
  pulumiRecipes,
  registryClient,
} from "../../../sandbox/toolchain/recipes";

const checkout = path.resolve(__dirname, "../../..");
const moduleOf = (name: string): string => path.join(checkout, "sandbox/toolchain/modules", name);

describe("sandbox toolchain recipes", () => {
  for (const recipe of [...clusterRecipes, ...pulumiRecipes, registryClient, kubeconform, actionlint]) {
    it(`${recipe.name}: the module pins its dependencies and holds its own sources`, () => {
      for (const file of ["go.mod", "go.sum"]) assert.ok(fs.existsSync(path.join(moduleOf(recipe.module), file)), file);
      if (recipe.package.startsWith("."))
        assert.ok(fs.existsSync(path.join(moduleOf(recipe.module), recipe.package, "main.go")));
    });
  }

  const versionsOf = (module: string): Map<string, string> =>
    new Map(
      [
        ...fs
          .readFileSync(path.join(moduleOf(module), "go.mod"), "utf8")
          .matchAll(/^(?:\t|replace |require )(\S+) (v\S+|=> \S+ v\S+)/gm),
      ].map(([, name, version]) => [name, version]),
    );

  for (const { module, atLeast, differing } of [
    {
      module: "kubernetes-provider",
      atLeast: 100,
      differing: ["github.com/pulumi/pulumi/pkg/v3", "github.com/pulumi/pulumi/sdk/v3"],
    },
    { module: "registry-client", atLeast: 20, differing: [] },
  ]) {
    it(`the libraries that ${module} shares with the other tools have one version, and are compiled once; ${differing.length === 0 ? "none differs" : "only Pulumi's own differ"}`, () => {
      const tools = versionsOf("tools");
      const shared = [...versionsOf(module)].filter(([name]) => tools.has(name));
      assert.ok(shared.length > atLeast);
      assert.deepEqual(
        shared.filter(([name, version]) => tools.get(name) !== version).map(([name]) => name),
        differing,
      );
    });
  }

  it("actionlint: its version is the module's", () => {
    assert.equal(versionsOf("actionlint").get("github.com/rhysd/actionlint"), `v${actionlint.version}`);
  });

  it("registry-client: its version is the SDK's", () => {
    assert.equal(
      versionsOf("registry-client").get("github.com/nacos-group/nacos-sdk-go/v2"),
      `v${registryClient.version}`,
    );
  });

  const { dependencies } = JSON.parse(fs.readFileSync(path.join(checkout, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  for (const { name, version, module, package: folder } of pulumiRecipes.filter((recipe) =>
    recipe.name.startsWith("pulumi-resource-"),
  )) {
    const npm = `@pulumi/${name.replace("pulumi-resource-", "")}`;

    it(`${name}: the plugin has the version of ${npm}`, () => {
      assert.equal(dependencies[npm] ?? version, version);
    });

    it(`${name}: a bridged plugin says its own version`, () => {
      const stated = /^const version = "(.+)"$/m.exec(
        fs.readFileSync(path.join(moduleOf(module), folder, "main.go"), "utf8"),
      )?.[1];
      assert.equal(stated ?? version, version);
    });
  }
});
