import assert from "node:assert/strict";
import { ACCOUNTS, DATABASE, SCRATCH_DATABASE } from "../../../contract/accounts";
import { validateFile, type TenantsConfig } from "../../../tenants/schema";

function read(settings: Record<string, unknown>, stack = "dev"): TenantsConfig {
  return validateFile(
    stack,
    Object.fromEntries(
      Object.entries({ environment: stack, ...settings }).map(([key, value]) => [`nacos-tenants:${key}`, value]),
    ),
  );
}

function errors(tenants: object, more: Record<string, unknown> = {}): string[] {
  try {
    read({ tenants, ...more });
  } catch (error) {
    return (error as Error).message
      .split("\n")
      .slice(1)
      .map((line) => line.trim().replace(/; fix: .*/, ""));
  }
  return [];
}

describe("the configuration of tenants", () => {
  it("has by default no tenant, the platform's stack of the same environment, and the tunnel", () => {
    for (const stack of ["dev", "test", "prod"]) {
      assert.deepEqual(read({}, stack), {
        environment: stack,
        platform: `organization/nacos-platform/${stack}`,
        endpoint: "127.0.0.1:13306",
        tenants: {},
        deletable: [],
      });
    }
  });

  it("gives a tenant a namespace with the limits of the environment, and no databases", () => {
    const { namespace, databases } = read({ tenants: { shop: {} } }, "prod").tenants.shop;
    assert.ok(namespace.mode === "made");
    assert.deepEqual(
      [namespace.quota.requestsCpu, namespace.quota.pods, namespace.containerMax, databases],
      ["4", 20, { cpu: "4", memory: "8Gi", ephemeralStorage: "20Gi" }, []],
    );
  });

  it("requires only the name of a namespace that exists already", () => {
    assert.deepEqual(
      read({ tenants: { shop: { namespace: { mode: "named", name: "store" } } } }).tenants.shop.namespace,
      { mode: "named", name: "store" },
    );
    assert.deepEqual(errors({ shop: { namespace: { mode: "named", name: "kube-system", quota: {} } } }), [
      "nacos-tenants:tenants.shop.namespace.quota is not valid here; allowed: with tenants.shop.namespace.mode made only",
      'nacos-tenants:tenants.shop.namespace.name is "kube-system"; allowed: a DNS label of at most 63 characters that is none of Kubernetes\' own namespaces',
    ]);
    assert.deepEqual(errors({ shop: { namespace: { name: "store" } } }), [
      "nacos-tenants:tenants.shop.namespace.mode is not set; allowed: made, named; keys of named are set",
    ]);
  });

  it("refuses bad names of tenants and of databases, including those of the platform and of MySQL", () => {
    for (const name of ["Shop", "shop_a", "1shop", "-a", "kube-system", "default", "a".repeat(64)])
      assert.match(errors({ [name]: {} })[0] ?? "", /has a name that is not allowed/, name);
    const bad = [
      "Orders",
      "or-ders",
      "a".repeat(27),
      "mysql",
      "sys",
      DATABASE,
      SCRATCH_DATABASE,
      ...Object.values(ACCOUNTS),
    ];
    for (const database of bad)
      assert.match(errors({ shop: { databases: [database] } })[0] ?? "", /tenants\.shop\.databases is/, database);
    assert.deepEqual(errors({ shop: { databases: ["orders", "a".repeat(26), "b2"] } }), []);
  });

  it("refuses the same database or the same namespace in two tenants, in addition to other errors", () => {
    assert.deepEqual(
      errors({
        shop: { databases: ["orders", "stocks"] },
        pay: { databases: ["bills", "orders"], namespace: { mode: "named", name: "shop" } },
        odd: 7,
        own: { namespace: { mode: "named", name: "own" } },
      }),
      [
        "nacos-tenants:tenants.odd is 7; allowed: an object with the keys namespace, databases",
        "nacos-tenants:tenants.pay.namespace.name is shop; allowed: a namespace that no other tenant has: this one is shop's",
        'nacos-tenants:tenants.pay.databases is ["bills","orders"]; allowed: databases that no other tenant has: orders is shop\'s',
      ],
    );
  });

  it("refuses contradicting limits, for each tenant", () => {
    assert.deepEqual(
      errors({
        shop: { namespace: { containerMax: { cpu: "100m" } } },
        pay: { namespace: { containerDefault: { requests: { memory: "1Gi" } } } },
      }),
      [
        "nacos-tenants:tenants.shop.namespace.containerDefault.limits.cpu is 200m; allowed: at most tenants.shop.namespace.containerMax.cpu, which is 100m",
        "nacos-tenants:tenants.pay.namespace.containerDefault.requests.memory is 1Gi; allowed: at most tenants.pay.namespace.containerDefault.limits.memory, which is 256Mi",
      ],
    );
  });

  it("accepts any tenant as deletable, including a removed one", () => {
    assert.deepEqual(read({ deletable: ["shop"] }).deletable, ["shop"]);
    assert.match(errors({}, { deletable: ["Shop"] })[0], /nacos-tenants:deletable is \["Shop"\]/);
  });
});
