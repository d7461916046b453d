import assert from "node:assert/strict";
import { requireFit, type Fit } from "../../../tenants/fit";
import { validateFile } from "../../../tenants/schema";
import { external, platform } from "../../support/tenants";

function problems(settings: Record<string, unknown>, more: Partial<Pick<Fit, "platform" | "owners">> = {}): string[] {
  const config = validateFile("dev", Object.fromEntries(Object.entries({ environment: "dev", ...settings }).map(([key, value]) => [`nacos-tenants:${key}`, value])));
  try {
    requireFit({ project: "nacos-tenants", stack: "dev", config, platform, owners: {}, ...more });
  } catch (error) {
    return (error as Error).message.split("\n").slice(1).map((line) => line.trim());
  }
  return [];
}

const named = (name: string) => ({ namespace: { mode: "named", name } });

describe("a configuration of tenants", () => {
  it("fits a platform with other namespaces", () => assert.deepEqual(problems({ tenants: { shop: { databases: ["orders"] }, pay: named("payments") } }), []));

  it("has neither the platform's namespace nor one of another stack, its own among them", () => {
    const tenants = { "nacos-dev": {}, a: named("nacos-dev"), b: named("shop"), c: named("free") };
    // Two tenants with one namespace are refused before.
    const { "nacos-dev": made, ...others } = tenants;
    assert.deepEqual(problems({ tenants: { "nacos-dev": made } }), [
      "nacos-tenants:tenants.nacos-dev would be namespace nacos-dev, which is of the platform; allowed: a namespace that no stack has made; fix: give the tenant another name: pulumi config rm --path 'nacos-tenants:tenants.nacos-dev'",
    ]);
    assert.deepEqual(problems({ tenants: others }, { owners: { shop: "nacos-tenants/dev" } }), [
      "nacos-tenants:tenants.a.namespace.name is namespace nacos-dev, which is of the platform; allowed: a namespace that no stack has made; fix: pulumi config set --path nacos-tenants:tenants.a.namespace.name NAME",
      "nacos-tenants:tenants.b.namespace.name is namespace shop, which is of stack nacos-tenants/dev; allowed: a namespace that no stack has made; fix: pulumi config set --path nacos-tenants:tenants.b.namespace.name NAME",
    ]);
  });

  it("does not look for an external MySQL at the tunnel, if it has databases", () => {
    const tenants = { shop: { databases: ["orders"] } };
    assert.deepEqual(problems({ tenants }, { platform: external }), [
      "nacos-tenants:endpoint is 127.0.0.1:13306, where a tunnel to servers in the cluster begins, and MySQL is external; allowed: the address at which Pulumi reaches it; fix: pulumi config set --path nacos-tenants:endpoint db.example.com:3307",
    ]);
    assert.deepEqual(problems({ tenants: { shop: {} } }, { platform: external }), []);
    for (const endpoint of ["db.example.com:3307", "127.0.0.1:3307"]) assert.deepEqual(problems({ tenants, endpoint }, { platform: external }), []);
  });
});
