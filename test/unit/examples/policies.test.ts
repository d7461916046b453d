import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { parse } from "yaml";
import type { kubernetesPolicies as Package, Options } from "../../../policy-pack/policies";
import { entries } from "../../../policy-pack/catalogue";
import { linked, type Props } from "../../policy/support";

const root = join(__dirname, "..", "..", "..");
/** Not typed: it does not exist before the bundle does. */
const PACKAGE: string = "nacos-platform-policies";
const example = join(root, "examples", "policies");

interface Program {
  readonly variables: { readonly labels: object };
  readonly resources: Readonly<Record<string, { readonly type: string; readonly properties: Props }>>;
}

/** The package is bundled as `npm pack` does it. */
describe("the package of policies", () => {
  let kubernetesPolicies: typeof Package;

  before(async function () {
    this.timeout(60_000);
    execFileSync("npm", ["run", "--silent", "prepack", "--workspace", "policy-pack"], { cwd: root });
    ({ kubernetesPolicies } = (await import(PACKAGE)) as {
      kubernetesPolicies: typeof Package;
    });
  });

  it("has every rule, needs nothing else, and does nothing on import", () => {
    assert.deepEqual(
      kubernetesPolicies().map(({ name }) => name),
      entries.map(({ rule }) => rule.name),
    );
    const bundle = fs.readFileSync(join(root, "policy-pack", "dist", "policies.js"), "utf8");
    assert.deepEqual(
      [...bundle.matchAll(/require\("([^"]+)"\)/g)].map(([, name]) => name),
      [],
    );
  });

  it("is in the example the file that `npm pack` writes", () => {
    const json = (...names: string[]) =>
      JSON.parse(fs.readFileSync(join(root, ...names), "utf8")) as { version: string; dependencies: object };
    const file = `nacos-platform-policies-${json("policy-pack", "package.json").version}.tgz`;
    const { dependencies } = json("examples", "policies", "pack", "package.json");
    assert.deepEqual(dependencies, { ...dependencies, "nacos-platform-policies": `file:../../../${file}` });
    assert.ok(fs.readFileSync(join(example, "README.md"), "utf8").includes(`# writes ${file} there`));
  });

  it("refuses exemptions with a mistake", () => {
    const exemptions = { "no-host-acces": { exempt: [] } };
    assert.throws(() => kubernetesPolicies({ exemptions }), /not valid:\nno-host-acces: .*Did you mean no-host-access/);
  });

  const program = fs.readFileSync(join(example, "Pulumi.yaml"), "utf8");
  /** What stops the example in a stack. */
  const stops = (stack: string, options?: Options, text = program): string[] => {
    const { variables, resources } = parse(text) as Program;
    const complete = JSON.stringify(resources).replaceAll('"${labels}"', JSON.stringify(variables.labels));
    const members = Object.entries(JSON.parse(complete) as Program["resources"])
      .filter(([, { type }]) => type.startsWith("kubernetes:"))
      .map(([name, { type, properties }]) => ({
        type,
        name,
        props: properties,
        urn: `urn:pulumi:${stack}::x::${type}::${name}`,
      }));
    const found: string[] = [];
    const report = (message: unknown) => typeof message === "string" && found.push(message);
    const shared = { getConfig: () => ({}), provider: { name: "cluster", props: { context: "my-cluster" } } };
    for (const policy of kubernetesPolicies(options)) {
      const { validateResource } = policy as ResourceValidationPolicy;
      if (typeof validateResource === "function")
        for (const resource of linked(members)) void validateResource({ ...shared, ...resource } as never, report);
      if ("validateStack" in policy)
        void policy.validateStack({ ...shared, resources: linked(members) } as never, report);
    }
    return found;
  };
  const exemptions = JSON.parse(
    fs.readFileSync(join(example, "pack", "exemptions.json"), "utf8"),
  ) as Options["exemptions"];

  it("passes the example with its exemption", () => assert.deepEqual(stops("prod", { exemptions }), []));

  it("stops it without, as its README shows", () => {
    const says =
      'CronJob shop/report, container "report": securityContext.readOnlyRootFilesystem is not set. Set it to true.';
    assert.deepEqual(stops("prod"), [says]);
    assert.ok(fs.readFileSync(join(example, "README.md"), "utf8").includes(says));
  });

  it("takes the levels of the environment that the caller names", () => {
    const unlabelled = program
      .replaceAll('labels: "${labels}"', "labels: {}")
      .replace(/labels: "\$\{labels\}"/g, "labels: {}");
    const environmentOf = (stack: string) => (stack === "mine" ? "dev" : "prod");
    assert.deepEqual(
      ["mine", "prod", "dev"].map((stack) => stops(stack, { exemptions, environmentOf }, unlabelled).length),
      [0, 3, 3],
    );
  });
});
