import assert from "node:assert/strict";
import * as mysql from "@pulumi/mysql";
import * as pulumi from "@pulumi/pulumi";
import { clientOptions } from "../../../../components/mysql/bootstrap-accounts";
import { PlatformAccounts } from "../../../../components/mysql/platform-accounts";
import { record, settle, type Recording } from "../../../support/recorder";

const SERVER = { host: "mysql.x.svc", port: 3306 };
const SECRET = "kubernetes:core/v1:Secret";

describe("what Nacos and the platform's Jobs have in MySQL", () => {
  let recording: Recording<PlatformAccounts>;
  before(async () => {
    recording = await record(() => new PlatformAccounts("accounts", {
      namespace: "nacos-x", database: SERVER, restoreSecret: pulumi.output("mysql-restore"), own: { monitorPassword: pulumi.secret("MONITOR"), replicationPassword: pulumi.secret("REPLICATION") }, protect: true,
      provider: new mysql.Provider("server", { endpoint: "127.0.0.1:13306", username: "platform_admin", password: "ADMIN" }),
      servers: new pulumi.ComponentResource("test:Servers", "servers"),
    }));
  });
  interface Inputs {
    readonly user: string;
    readonly host: string;
    readonly tlsOption: string;
    readonly role: string;
    readonly database: string;
    readonly privileges: readonly string[];
    readonly roles?: readonly string[];
  }
  const all = (type: string) => recording.all(`mysql:index/${type.toLowerCase()}:${type}`).map((r) => r.inputs as unknown as Inputs);

  it("is Nacos' database, which stays whatever happens to the stack", () => {
    const { inputs, retainOnDelete, protect } = recording.one("mysql:index/database:Database");
    assert.deepEqual([inputs, retainOnDelete, protect], [{ name: "nacos", defaultCharacterSet: "utf8mb4", defaultCollation: "utf8mb4_bin" }, true, true]);
  });

  it("is five accounts, over TLS unless they sign in inside the pod, each in a role of its own", () => {
    assert.deepEqual(all("User").map((u) => [u.user, u.host, u.tlsOption].join()).sort(), ["backup,%,SSL", "monitor,localhost,NONE", "nacos,%,SSL", "nacos_schema,%,SSL", "replica,%,SSL"]);
    const memberships = all("Grant").flatMap(({ user, host, roles }) => (roles === undefined ? [] : [`${user}@${host} in ${roles.join()}`]));
    assert.deepEqual(memberships.sort(), ["backup@% in platform_backup", "monitor@localhost in platform_monitor", "nacos@% in nacos_rows", "nacos_schema@% in nacos_tables", "replica@% in platform_replication"]);
  });

  it("gives each role what its account needs, and no account anything by itself", () => {
    const grants = all("Grant").filter(({ roles }) => roles === undefined).map(({ role, database, privileges }) => `${role} on ${database}: ${privileges.join(", ")}`);
    assert.deepEqual(grants.sort(), [
      "nacos_rows on *: APPLICATION_PASSWORD_ADMIN",
      "nacos_rows on nacos: SELECT, INSERT, UPDATE, DELETE",
      "nacos_tables on nacos: SELECT, INSERT, UPDATE, CREATE, ALTER, INDEX, REFERENCES",
      "nacos_tables on nacosscratch: SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES",
      "platform_backup on *: SELECT, SHOW VIEW, TRIGGER, EVENT, REPLICATION CLIENT, RELOAD",
      "platform_monitor on *: PROCESS, REPLICATION CLIENT",
      "platform_monitor on performance_schema: SELECT",
      "platform_replication on *: REPLICATION SLAVE",
    ]);
  });

  it("is made at the server alone, and goes with it", () => {
    const elsewhere = recording.resources.filter((r) => r.type.startsWith("mysql:") && (r.provider !== "server" || r.deletedWith !== "servers"));
    assert.deepEqual(elsewhere.map((r) => r.name), []);
  });

  it("gives each reader what it reads, as a secret", () => {
    const data = (name: string): unknown => recording.one(SECRET, name).inputs.stringData;
    const password = (role: string): string => `password-of-accounts-${role}-password`;
    assert.deepEqual(data("mysql-runtime"), { username: "nacos", password: password("runtime") });
    assert.deepEqual(data("mysql-schema"), { "client.cnf": clientOptions({ user: "nacos_schema", password: password("schema"), server: SERVER }) });
    assert.deepEqual(data("mysql-backup"), { "client.cnf": clientOptions({ user: "backup", password: password("backup"), server: SERVER }) });
    for (const { name, secretInputs } of recording.all(SECRET)) assert.deepEqual(secretInputs, ["stringData"], name);
    const carriers = recording.resources.filter((r) => r.secretInputs.length > 0 && ![SECRET, "pulumi:providers:mysql"].includes(r.type));
    assert.deepEqual([...new Set(carriers.map((r) => `${r.type.split(":").at(-1)}: ${r.secretInputs.join()}`))].sort(), ["RandomId: keepers", "User: plaintextPassword"]);
  });

  it("marks Nacos' password by a word that changes with it, and is made of nothing", async () => {
    assert.deepEqual(recording.one("random:index/randomId:RandomId").inputs, { byteLength: 4, keepers: { password: "password-of-accounts-runtime-password" } });
    assert.equal((await settle(recording.result.runtimeMark)).secret, false);
  });

  it("makes each password of 32 letters and digits, and shows it to its reader alone", () => {
    const passwords = recording.all("random:index/randomPassword:RandomPassword");
    assert.deepEqual(passwords.map((r) => r.name).sort(), ["backup", "runtime", "schema"].map((role) => `accounts-${role}-password`));
    for (const { inputs, name } of passwords) {
      assert.deepEqual(inputs, { length: 32, special: false }, name);
      const holders = recording.all(SECRET).filter((r) => JSON.stringify(r.inputs.stringData).includes(`password-of-${name}`));
      assert.deepEqual(holders.map((r) => r.name), [name.replace("-password", "")]);
    }
  });
});
