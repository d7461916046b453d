import assert from "node:assert/strict";
import { createConnection, type RowDataPacket } from "mysql2/promise";
import { readSecret } from "../../../sandbox/cluster/kubectl";
import { describeProviderContract } from "../../contract/mysql-provider";
import { dev, live, Live, refusal } from "../support/environments";
import { administrate } from "../support/mysql";
import { changeSettings } from "../support/stack-file";

describe("databases for applications", () => {
  let environment: Live;
  const up = (...flags: string[]) => environment.stack.pulumi(["up", "--yes", "--skip-preview", "--non-interactive", "--suppress-progress", ...flags]);
  const secret = (key: string) => readSecret(environment.kubectl, environment.outputs.namespace, "mysql-app-orders", key);

  before(async () => {
    environment = await live(dev);
  });

  after(() => environment.stack.prepare());

  async function query(statement: string): Promise<RowDataPacket[]> {
    const connection = await createConnection({
      host: "127.0.0.1",
      port: environment.ports.mysql,
      user: await secret("username"),
      password: await secret("password"),
      database: await secret("database"),
      ssl: { rejectUnauthorized: false },
    });
    try {
      const [rows] = await connection.query<RowDataPacket[]>(statement);
      return rows;
    } finally {
      await connection.end();
    }
  }

  it("are made with an account that may do everything there and nothing elsewhere", async () => {
    changeSettings(environment.stack.configFile, (config) => {
      config["nacos-platform:mysql"].applications = ["orders"];
    });
    await up();
    await query("CREATE TABLE items (id INT PRIMARY KEY, text VARCHAR(20))");
    await query("INSERT INTO items VALUES (1, 'kept')");
    await query("ALTER TABLE items ADD COLUMN more INT");
    await assert.rejects(query("SELECT 1 FROM nacos.users"), /denied/);
    await assert.rejects(query("CREATE DATABASE another"), /denied/);
  });

  it("are unchanged in a second preview and in a refresh", async () => {
    await environment.stack.preview("--expect-no-changes", "--refresh");
  });

  it("take a new password in place", async () => {
    const before = await secret("password");
    const urn = "urn:pulumi:dev::nacos-platform::nacos-platform:mysql:Applications$random:index/randomPassword:RandomPassword::applications-orders-password";
    await up("--replace", urn);
    assert.notEqual(await secret("password"), before);
    assert.equal((await query("SELECT text FROM items"))[0].text, "kept");
  });

  it("stay with their rows when their application is taken out, and the account goes", async () => {
    const [username, password] = [await secret("username"), await secret("password")];
    await environment.stack.prepare(); // the configuration without it
    await up();
    const connecting = createConnection({ host: "127.0.0.1", port: environment.ports.mysql, user: username, password, ssl: { rejectUnauthorized: false } });
    await assert.rejects(connecting, /Access denied/);
    await administrate(environment, "SELECT text FROM orders.items");
    await environment.stack.preview("--expect-no-changes");
  });

  it("are previewed without MySQL", async () => {
    changeSettings(environment.stack.configFile, (config) => {
      Object.assign(config["nacos-platform:mysql"], { endpoint: "127.0.0.1:1", applications: ["orders"] });
    });
    try {
      assert.match(await environment.stack.preview(), /mysql:index:User/);
    } finally {
      await environment.stack.prepare();
    }
  });

  it("are refused at once where MySQL does not know the password, and nothing is changed", async () => {
    const statements = await readSecret(environment.kubectl, environment.outputs.namespace, "mysql-init", "init.sql");
    const known = /ALTER USER 'platform_admin'@'%' IDENTIFIED BY '\w+' REQUIRE SSL;/.exec(statements)?.[0] ?? "";
    await administrate(environment, "ALTER USER 'platform_admin'@'%' IDENTIFIED BY 'another' REQUIRE SSL");
    try {
      assert.match(await refusal(up()), /refuses the password of platform_admin/);
    } finally {
      await administrate(environment, known);
    }
    await environment.stack.preview("--expect-no-changes");
  });

  describeProviderContract(async () => {
    const { kubectl, outputs, ports } = environment;
    const statements = await readSecret(kubectl, outputs.namespace, "mysql-init", "init.sql");
    const password = /ALTER USER 'platform_admin'@'%' IDENTIFIED BY '(\w+)'/.exec(statements)?.[1] ?? "";
    return { host: "127.0.0.1", port: ports.mysql, user: "platform_admin", password, tls: "skip-verify" };
  });
});
