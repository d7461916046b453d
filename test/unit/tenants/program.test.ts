import assert from "node:assert/strict";
import type { Output } from "@pulumi/pulumi";
import { KUBE_DNS } from "../../../contract/dns";
import { findings } from "../../policy/support";
import { settle, type Recorded } from "../../support/recorder";
import { both, external, NOWHERE, platform, runTenants, type Told } from "../../support/tenants";

const POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
type Result = Awaited<ReturnType<typeof runTenants>>["result"];

describe("the program of tenants", () => {
  let own: Told<Result>;
  let elsewhere: Told<Result>;
  before(async () => {
    own = await runTenants({ tenants: both });
    elsewhere = await runTenants({ tenants: both }, { outputs: external });
  });
  const named = (name: string, { resources } = own): Recorded =>
    resources.find((r) => r.name === name) ?? assert.fail(name);
  const names = (type: string, { resources } = own) =>
    resources
      .filter((r) => r.type === type && !r.read)
      .map((r) => `${r.inputs.metadata.namespace as unknown as string}/${r.inputs.metadata.name as unknown as string}`)
      .sort();

  it("creates all Kubernetes resources with one provider, with the context and one field manager", () => {
    assert.deepEqual(named("cluster").inputs, {
      context: "my-cluster",
      clusterIdentifier: "nacos-tenants/dev",
      enableConfigMapMutable: "true",
      enableSecretMutable: "true",
      suppressDeprecationWarnings: "true",
      upsertExistingObjects: "true",
    });
    const kubernetes = own.resources.filter((r) => r.type.startsWith("kubernetes:"));
    assert.deepEqual(
      kubernetes.filter((r) => r.provider !== "cluster").map((r) => r.name),
      [],
    );
    const manager = (r: Recorded) => r.inputs.metadata.annotations["pulumi.com/patchFieldManager"] as unknown;
    assert.deepEqual(
      kubernetes.filter((r) => !r.read && manager(r) !== "pulumi-nacos-tenants-dev").map((r) => r.name),
      [],
    );
  });

  it("creates databases at the endpoint, as the administrator in the platform's Secret", () => {
    const { inputs, secretInputs } = named("mysql");
    assert.deepEqual(
      [inputs, secretInputs],
      [{ endpoint: NOWHERE, username: "platform_admin", password: "ADMIN", tls: "skip-verify" }, ["password"]],
    );
    assert.ok(named("administrator").read);
  });

  it("verifies the certificate of an external MySQL", async () => {
    const { resources } = await runTenants({ endpoint: "db.example.com:3307" }, { outputs: external });
    assert.deepEqual(resources.find((r) => r.name === "mysql")?.inputs.tls, "true");
  });

  it("lets a created namespace send DNS queries where the platform sends them", async () => {
    const dns = { ...KUBE_DNS, cidrs: ["169.254.169.254/32"] };
    const on = async (outputs: object) =>
      JSON.stringify((await runTenants({ tenants: both }, { outputs })).one(POLICY, "allow-dns").inputs.spec.egress);
    assert.match(await on({ ...platform, dns }), /169\.254\.169\.254\/32/);
    assert.match(await on(platform), /169\.254\.20\.10\/32/);
  });

  it("gives each tenant policies, and a created namespace its quota, limits and default policies", () => {
    assert.deepEqual(names(POLICY), [
      "nacos-dev/tenant-pay-nacos",
      "nacos-dev/tenant-shop-mysql",
      "nacos-dev/tenant-shop-nacos",
      "shop/allow-dns",
      "shop/allow-platform",
      "shop/default-deny",
    ]);
    assert.deepEqual(
      own
        .all("kubernetes:core/v1:Namespace")
        .map((r) => [r.name, r.read])
        .sort(),
      [
        ["pay-named", true],
        ["same-cluster-system", true],
        ["shop-namespace", false],
      ],
    );
    assert.deepEqual(names("kubernetes:core/v1:ResourceQuota"), ["shop/tenant"]);
    assert.deepEqual(names("kubernetes:core/v1:LimitRange"), ["shop/tenant"]);
  });

  it("admits the namespace to the platform's pods, by a label that only Kubernetes sets", () => {
    const spec = (pods: Readonly<Record<string, string>> | undefined, namespace: string, ports: number[]) => ({
      podSelector: { matchLabels: pods },
      policyTypes: ["Ingress"],
      ingress: [
        {
          from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } } }],
          ports: ports.map((port) => ({ protocol: "TCP", port })),
        },
      ],
    });
    assert.deepEqual(
      own.one(POLICY, "tenant-shop-mysql").inputs.spec,
      spec(platform.mysql.destination.pods, "shop", [3306]),
    );
    assert.deepEqual(
      own.one(POLICY, "tenant-shop-nacos").inputs.spec,
      spec(platform.nacos.destination.pods, "shop", [8848, 9848]),
    );
    assert.deepEqual(
      own.one(POLICY, "tenant-pay-nacos").inputs.spec,
      spec(platform.nacos.destination.pods, "payments", [8848, 9848]),
    );
  });

  it("lets a created namespace connect to the same pods, or to the addresses of an external MySQL", () => {
    const inPlatform = (pods: Readonly<Record<string, string>> | undefined) => [
      {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "nacos-dev" } },
        podSelector: { matchLabels: pods },
      },
    ];
    const tcp = (...ports: number[]) => ports.map((port) => ({ protocol: "TCP", port }));
    const nacos = { to: inPlatform(platform.nacos.destination.pods), ports: tcp(8848, 9848) };
    assert.deepEqual(own.one(POLICY, "allow-platform").inputs.spec, {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [nacos, { to: inPlatform(platform.mysql.destination.pods), ports: tcp(3306) }],
    });
    assert.deepEqual(elsewhere.one(POLICY, "allow-platform").inputs.spec, {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [nacos, { to: [{ ipBlock: { cidr: "10.1.0.0/24" } }], ports: tcp(3307) }],
    });
    assert.deepEqual(
      names(POLICY, elsewhere).filter((name) => name.endsWith("-mysql")),
      [],
    );
  });

  it("puts each database's Secret into the tenant's namespace", () => {
    assert.deepEqual(names("kubernetes:core/v1:Secret"), ["shop/mysql-orders", "shop/mysql-stocks"]);
    assert.deepEqual(own.one("kubernetes:core/v1:Secret", "mysql-orders").inputs.stringData, {
      host: "mysql.nacos-dev.svc.cluster.local",
      port: "3306",
      database: "orders",
      username: "orders",
      password: "password-of-orders-password",
      "ca.crt": "THE CAS",
    });
    const { host, port } = elsewhere.one("kubernetes:core/v1:Secret", "mysql-orders").inputs.stringData;
    assert.deepEqual([host, port], ["db.example.com", "3307"]);
  });

  it("puts them also into a namespace that exists already", async () => {
    const recording = await runTenants({ tenants: { pay: { ...both.pay, databases: ["bills"] } } });
    assert.deepEqual(names("kubernetes:core/v1:Secret", recording), ["payments/mysql-bills"]);
    assert.deepEqual(names(POLICY, recording), ["nacos-dev/tenant-pay-mysql", "nacos-dev/tenant-pay-nacos"]);
    assert.deepEqual(
      recording.resources.filter((r) => r.beforeDelete.length > 0),
      [],
    );
  });

  it("sends secrets as secrets, and nowhere else", () => {
    const carriers = own.resources
      .filter((r) => r.secretInputs.length > 0)
      .map((r) => `${r.name}: ${r.secretInputs.join(", ")}`);
    assert.deepEqual(carriers.sort(), [
      "mysql: password",
      "orders-secret: stringData",
      "orders-user: plaintextPassword",
      "stocks-secret: stringData",
      "stocks-user: plaintextPassword",
    ]);
    const open = own.resources.map(({ inputs, secretInputs }) =>
      Object.fromEntries(Object.entries(inputs).filter(([key]) => !secretInputs.includes(key))),
    );
    assert.doesNotMatch(JSON.stringify(open), /ADMIN|password-of-/);
  });

  it("outputs names, none of them secret", async () => {
    const { shop, pay } = own.result.tenants as Record<
      string,
      { namespace: Output<string>; secrets: Record<string, Output<string>> }
    >;
    assert.deepEqual(
      await Promise.all([shop.namespace, pay.namespace, shop.secrets.orders, shop.secrets.stocks].map(settle)),
      ["shop", "payments", "mysql-orders", "mysql-stocks"].map((value) => ({ value, secret: false })),
    );
    assert.deepEqual(pay.secrets, {});
  });

  it("protects a created namespace with a hook on it, and on the resource that is deleted before all others of the tenant", () => {
    const hook = ["check if a tenant's claims would be deleted"];
    assert.deepEqual(
      own.resources
        .filter((r) => r.beforeDelete.length > 0)
        .map((r) => [r.name, r.beforeDelete])
        .sort(),
      [
        ["shop-guard", hook],
        ["shop-namespace", hook],
      ],
    );
    assert.deepEqual(named("shop-guard").inputs, { input: { namespace: "shop" } });
    const ofShop = own.resources.filter(
      (r) => !r.read && /^(shop|orders|stocks)-/.test(r.name) && r.name !== "shop-guard",
    );
    assert.deepEqual(
      ofShop.map((r) => r.name).filter((name) => !named("shop-guard").dependsOn.includes(name)),
      [],
    );
    assert.equal(ofShop.length, 22);
    assert.deepEqual(named("shop-namespace").hooks.beforeCreate, ["check who owns the namespace"]);
  });

  it("warns what it does not know without MySQL, and does not connect if there are no databases", async () => {
    assert.deepEqual(own.said, [
      "warn: MySQL at 127.0.0.1:1 is unreachable: ECONNREFUSED. It may already have databases orders, stocks; an update takes over what exists. A preview does not need it.",
    ]);
    const none = await runTenants({});
    assert.deepEqual([none.said, none.result.tenants], [[], {}]);
    assert.deepEqual(none.resources.map((r) => r.name).sort(), [
      "administrator",
      "cluster",
      "mysql",
      "platform",
      "policies",
      "same-cluster",
      "same-cluster-system",
    ]);
  });

  it("complies with every policy", () => {
    for (const { resources } of [own, elsewhere]) {
      const { stops, remarks } = findings(resources, "prod");
      assert.deepEqual([stops, remarks], [[], []]);
    }
  });

  describe("stops before it creates anything", () => {
    const refusal = async (
      settings: Record<string, unknown>,
      options?: Parameters<typeof runTenants>[1],
    ): Promise<string> =>
      runTenants(settings, options).then(
        () => assert.fail("it was accepted"),
        (error: Error) => error.message,
      );

    it("if its configuration is wrong", async () => {
      assert.match(
        await refusal({ tenants: { Shop: {} } }),
        /nacos-tenants:tenants\.Shop has a name that is not allowed/,
      );
    });

    it("if the platform does not exist, or has other outputs", async () => {
      assert.equal(
        await refusal({}, { outputs: undefined }),
        'the platform\'s stack organization/nacos-platform/dev cannot be read (unknown stack "organization/nacos-platform/dev"). Deploy the platform first, or name another stack of it: pulumi config set nacos-tenants:platform ORGANIZATION/PROJECT/STACK [TENANTS_PLATFORM_UNREADABLE: docs/runbooks/tenants.md]',
      );
      assert.match(await refusal({}, { outputs: {} }), /has no outputs/);
      assert.match(await refusal({}, { outputs: { ...platform, version: 2 } }), /has outputs of version 2/);
    });

    it("if a tenant has the platform's namespace, or one that another stack has created", async () => {
      assert.match(
        await refusal({ tenants: { "nacos-dev": {} } }),
        /nacos-tenants:tenants\.nacos-dev would be namespace nacos-dev, which belongs to the platform;/,
      );
      assert.match(
        await refusal({ tenants: both }, { annotations: { "nacos-platform/stack": "nacos-platform/test" } }),
        /nacos-tenants:tenants\.pay\.namespace\.name is namespace payments, which belongs to stack nacos-platform\/test;/,
      );
    });
  });
});
