import assert from "node:assert/strict";
import * as mysql from "@pulumi/mysql";
import * as pulumi from "@pulumi/pulumi";
import { TenantDatabase } from "../../../../components/tenants/tenant-database";
import { record, settle, type Recorded, type Recording } from "../../../support/recorder";

const made = (...existing: string[]): Promise<Recording<TenantDatabase>> =>
  record(
    () =>
      new TenantDatabase("stocks", {
        database: "stocks",
        namespace: "shop",
        mysql: {
          provider: new mysql.Provider("server", {
            endpoint: "127.0.0.1:1",
            username: "platform_admin",
            password: "ADMIN",
          }),
          beforeAccount: new pulumi.ResourceHook("before an account", () => undefined),
          existing: new Set(existing),
          host: "mysql.nacos-x.svc.cluster.local",
          port: 3306,
          caCertificates: "THE CAS",
        },
      }),
  );

describe("a tenant's database", () => {
  let recording: Recording<TenantDatabase>;
  before(async () => (recording = await made()));
  const named = (role: string): Recorded =>
    recording.resources.find((r) => r.name === `stocks-${role}`) ?? assert.fail(role);

  it("is created on the server, with an account that must use TLS and may do everything in this database only", () => {
    assert.deepEqual(
      recording.resources
        .filter((r) => r.type.startsWith("mysql:"))
        .map((r) => [r.name, r.provider])
        .sort(),
      ["database", "membership", "privileges", "role", "user"].map((role) => [`stocks-${role}`, "server"]),
    );
    assert.deepEqual(named("database").inputs, {
      name: "stocks",
      defaultCharacterSet: "utf8mb4",
      defaultCollation: "utf8mb4_0900_ai_ci",
    });
    assert.deepEqual(named("role").inputs, { name: "stocks_owner" });
    assert.deepEqual(named("user").inputs, {
      user: "stocks",
      host: "%",
      plaintextPassword: "password-of-stocks-password",
      tlsOption: "SSL",
    });
    assert.deepEqual(named("privileges").inputs, {
      role: "stocks_owner",
      database: "stocks",
      privileges: ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "INDEX", "REFERENCES"],
    });
    assert.deepEqual(named("membership").inputs, { user: "stocks", host: "%", database: "", roles: ["stocks_owner"] });
  });

  it("stays if it is removed from the configuration, and its account is deleted", () => {
    assert.deepEqual(
      recording.resources.filter((r) => r.retainOnDelete).map((r) => r.name),
      ["stocks-database"],
    );
  });

  it("is taken over if it exists, and created otherwise", async () => {
    const importIds = async (...existing: string[]) =>
      (await made(...existing)).resources.filter((r) => r.importId !== "").map((r) => [r.name, r.importId]);
    assert.deepEqual(await importIds("stocks", "orders"), [["stocks-database", "stocks"]]);
    assert.deepEqual(await importIds("orders"), []);
  });

  it("looks for leftovers of a killed update before it creates a role or an account", () => {
    const hooked = recording.resources
      .filter((r) => r.hooks.beforeCreate.length > 0)
      .map((r) => [r.name, r.hooks.beforeCreate]);
    assert.deepEqual(hooked.sort(), [
      ["stocks-role", ["before an account"]],
      ["stocks-user", ["before an account"]],
    ]);
  });

  it("is described in a Secret in the tenant's namespace", async () => {
    assert.deepEqual(recording.one("kubernetes:core/v1:Secret", "mysql-stocks").inputs.metadata.namespace, "shop");
    assert.deepEqual(await settle(recording.result.secret), { value: "mysql-stocks", secret: false });
  });
});
