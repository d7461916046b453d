import assert from "node:assert/strict";
import * as mysql from "@pulumi/mysql";
import * as pulumi from "@pulumi/pulumi";
import { Applications, type ApplicationsArgs } from "../../../../components/mysql/applications";
import { record, settle, type Recording, type Tree } from "../../../support/recorder";

type Made = Partial<Omit<ApplicationsArgs, "provider" | "servers">>;

/** The component on a provider, beside servers that are the stack's own. */
function applications(more: Made): Applications {
  return new Applications("apps", {
    namespace: "nacos-x", names: ["stocks"], database: { host: "mysql.nacos-x.svc.cluster.local", port: 3306, caCertificates: pulumi.output("AUTHORITIES") },
    provider: new mysql.Provider("server", { endpoint: "127.0.0.1:13306", username: "platform_admin", password: "ADMIN" }),
    servers: new pulumi.ComponentResource("test:Servers", "servers"),
    ...more,
  });
}

describe("what applications have in MySQL", () => {
  const made = (more: Made = {}): Promise<Recording<Applications>> => record(() => applications(more));
  let recording: Recording<Applications>;
  before(async () => (recording = await made()));
  const named = (role: string) => {
    const found = recording.resources.find((r) => r.name === `apps-stocks-${role}`);
    assert.ok(found, role);
    return found;
  };

  it("is made at the server and nowhere else, and goes with it", () => {
    const made = recording.resources.filter((r) => r.type.startsWith("mysql:"));
    assert.equal(made.length, 5);
    assert.deepEqual(made.filter((r) => r.provider !== "server" || r.deletedWith !== "servers").map((r) => r.name), []);
  });

  it("is an account that must use TLS and may do everything in its own database alone, through its role", () => {
    const inputs = (role: string): Tree => named(role).inputs;
    assert.deepEqual(inputs("database"), { name: "stocks", defaultCharacterSet: "utf8mb4", defaultCollation: "utf8mb4_0900_ai_ci" });
    assert.deepEqual(inputs("role"), { name: "stocks_owner" });
    assert.deepEqual(inputs("user"), { user: "stocks", host: "%", plaintextPassword: "password-of-apps-stocks-password", tlsOption: "SSL" });
    const { role, database, privileges, user } = inputs("privileges");
    assert.deepEqual([role, database, user], ["stocks_owner", "stocks", undefined]);
    assert.deepEqual(privileges, ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "INDEX", "REFERENCES"]);
    const membership = inputs("membership");
    assert.deepEqual([membership.user, membership.host, membership.roles, membership.privileges], ["stocks", "%", ["stocks_owner"], undefined]);
  });

  it("is told to the application in a Secret, with what it takes to check the server", async () => {
    const secret = recording.one("kubernetes:core/v1:Secret", "mysql-app-stocks");
    assert.deepEqual(secret.inputs.stringData, {
      host: "mysql.nacos-x.svc.cluster.local", port: "3306", database: "stocks", username: "stocks", password: "password-of-apps-stocks-password", "ca.crt": "AUTHORITIES",
    });
    assert.deepEqual(Object.keys(recording.result.secrets), ["stocks"]);
    assert.deepEqual(await settle(recording.result.secrets.stocks), { value: "mysql-app-stocks", secret: false });
  });

  it("has its password sent as a secret, wherever it goes", () => {
    const carriers = recording.resources.filter((r) => r.secretInputs.length > 0 && r.name !== "server").map((r) => `${r.name}: ${r.secretInputs.join(", ")}`);
    assert.deepEqual(carriers.sort(), ["apps-stocks-secret: stringData", "apps-stocks-user: plaintextPassword"]);
    const open = recording.resources.filter((r) => r.secretInputs.length === 0);
    assert.ok(!JSON.stringify(open.map((r) => r.inputs)).includes("password-of-"));
  });

  it("keeps its database when its name is taken out", () => {
    assert.deepEqual(recording.resources.filter((r) => r.retainOnDelete).map((r) => r.name), ["apps-stocks-database"]);
  });

  it("is made for each application apart", async () => {
    const two = await made({ names: ["orders", "stocks"] });
    assert.deepEqual(two.all("mysql:index/database:Database").map((r) => r.inputs.name as unknown).sort(), ["orders", "stocks"]);
    assert.deepEqual(two.all("mysql:index/grant:Grant").map((r) => JSON.stringify([r.inputs.role ?? r.inputs.user, r.inputs.database])).sort(), [
      '["orders",""]', '["orders_owner","orders"]', '["stocks",""]', '["stocks_owner","stocks"]',
    ]);
  });
});
