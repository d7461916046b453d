import assert from "node:assert/strict";
import { requireFit, type Fit } from "../../../tenants/fit";
import { validateFile } from "../../../tenants/schema";
import { external, platform } from "../../support/tenants";

function problems(settings: Record<string, unknown>, more: Partial<Pick<Fit, "platform" | "owners">> = {}): string[] {
  const config = validateFile(
    "dev",
    Object.fromEntries(
      Object.entries({ environment: "dev", ...settings }).map(([key, value]) => [`nacos-tenants:${key}`, value]),
    ),
  );
  try {
    requireFit({ project: "nacos-tenants", stack: "dev", config, platform, owners: {}, ...more });
  } catch (error) {
    return (error as Error).message
      .split("\n")
      .slice(1)
      .map((line) => line.trim());
  }
  return [];
}

const named = (name: string) => ({ namespace: { mode: "named", name } });

describe("a configuration of tenants", () => {
  it("fits a platform with other namespaces", () =>
    assert.deepEqual(problems({ tenants: { shop: { databases: ["orders"] }, pay: named("payments") } }), []));

  it("is refused with the platform's namespace or one of another stack, also for a created namespace", () => {
    const tenants = { "nacos-dev": {}, a: named("nacos-dev"), b: named("shop"), c: named("free") };
    // The configuration already refuses two tenants with one namespace.
    const { "nacos-dev": made, ...others } = tenants;
    assert.deepEqual(problems({ tenants: { "nacos-dev": made } }), [
      "nacos-tenants:tenants.nacos-dev would be namespace nacos-dev, which belongs to the platform; allowed: a namespace that no stack has created; fix: give the tenant another name: pulumi config rm --path 'nacos-tenants:tenants.nacos-dev'",
    ]);
    assert.deepEqual(problems({ tenants: others }, { owners: { shop: "nacos-tenants/dev" } }), [
      "nacos-tenants:tenants.a.namespace.name is namespace nacos-dev, which belongs to the platform; allowed: a namespace that no stack has created; fix: pulumi config set --path nacos-tenants:tenants.a.namespace.name NAME",
      "nacos-tenants:tenants.b.namespace.name is namespace shop, which belongs to stack nacos-tenants/dev; allowed: a namespace that no stack has created; fix: pulumi config set --path nacos-tenants:tenants.b.namespace.name NAME",
    ]);
  });

  it("is refused with databases and an external MySQL if the endpoint is the tunnel", () => {
    const tenants = { shop: { databases: ["orders"] } };
    assert.deepEqual(problems({ tenants }, { platform: external }), [
      "nacos-tenants:endpoint is 127.0.0.1:13306, the address of a tunnel to servers in the cluster, but MySQL is external; allowed: the address at which Pulumi reaches MySQL; fix: pulumi config set --path nacos-tenants:endpoint db.example.com:3307",
    ]);
    assert.deepEqual(problems({ tenants: { shop: {} } }, { platform: external }), []);
    for (const endpoint of ["db.example.com:3307", "127.0.0.1:3307"])
      assert.deepEqual(problems({ tenants, endpoint }, { platform: external }), []);
  });
});
