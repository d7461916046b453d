import assert from "node:assert/strict";
import { waitFor } from "../../../sandbox/exec";
import { dev, live, Live, make, refusal } from "../support/environments";
import { administrate, mysqlQuery } from "../support/mysql";
import { NacosClient } from "../support/nacos-client";

describe("the schema step", () => {
  const job = "urn:pulumi:dev::nacos-platform::nacos-platform:nacos:SchemaJob$kubernetes:batch/v1:Job::schema-job";
  let environment: Live;
  let version: string;
  const again = () =>
    environment.stack.pulumi(["up", "--yes", "--skip-preview", "--non-interactive", "--replace", job]);
  const log = () =>
    environment.kubectl([
      "--namespace",
      environment.outputs.namespace,
      "logs",
      "job/nacos-schema",
      "--container",
      "apply",
    ]);
  /** What it changed, and what it left as it is, without the last line. */
  const changes = async () => (await log()).trimEnd().split("\n").slice(0, -1);

  before(async () => {
    environment = await live(dev);
    ({ version } = environment.outputs.nacos);
  });

  it("has recorded the version and the checksum of what it applied", async () => {
    const [row, ...others] = await mysqlQuery(environment, "SELECT nacos_version, schema_sha256 FROM platform_schema");
    assert.deepEqual(others, []);
    assert.equal(row.nacos_version, version);
    assert.match(row.schema_sha256 as string, /^[0-9a-f]{64}$/);
  });

  it("adds the table and the column that are missing, and nothing else", async () => {
    await administrate(
      environment,
      "DROP TABLE nacos.group_capacity; ALTER TABLE nacos.tenant_capacity DROP COLUMN max_aggr_size",
    );
    await again();
    assert.deepEqual(await changes(), [
      "schema: created table group_capacity",
      "schema: added column tenant_capacity.max_aggr_size",
    ]);
    await mysqlQuery(environment, "SELECT max_aggr_size FROM tenant_capacity");
  });

  it("converts tables of another character set, with narrower columns and without indexes, to the shipped schema, and loses nothing", async () => {
    const nacos = await NacosClient.signedIn(environment);
    assert.equal((await nacos.publish("schema", "配置")).body, "true");
    const before = await mysqlQuery(environment, "SELECT * FROM config_info WHERE data_id = 'schema'");
    const columns = () =>
      mysqlQuery(
        environment,
        `SELECT table_name, column_name, column_type, collation_name FROM information_schema.columns
      WHERE table_schema = 'nacos' ORDER BY table_name, ordinal_position`,
      );
    // Nacos ships it up to 2.4; a database that was created by such a version still has it. (If there is a config_info_beta, 3.x
    // starts only if there is a config_info_tag too.)
    await administrate(
      environment,
      "CREATE TABLE IF NOT EXISTS nacos.config_info_aggr (id bigint PRIMARY KEY, content longtext)",
    );
    const shipped = await columns();
    await administrate(
      environment,
      `
      ALTER TABLE nacos.config_info CONVERT TO CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci;
      ALTER TABLE nacos.config_info_aggr CONVERT TO CHARACTER SET utf8mb3 COLLATE utf8mb3_bin;
      ALTER TABLE nacos.roles CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
      ALTER TABLE nacos.tenant_capacity DROP INDEX uk_tenant_id;
      ALTER TABLE nacos.tenant_info MODIFY tenant_name varchar(20) DEFAULT ''`,
    );
    await again();
    assert.deepEqual(await changes(), [
      "schema: converted table config_info to utf8mb4_bin",
      "schema: converted table config_info_aggr to utf8mb4_bin",
      "schema: converted table roles to utf8mb4_bin",
      "schema: added index tenant_capacity.uk_tenant_id",
      "schema: widened column tenant_info.tenant_name from varchar(20) to varchar(128)",
    ]);
    assert.deepEqual(await columns(), shipped);
    assert.deepEqual(await mysqlQuery(environment, "SELECT * FROM config_info WHERE data_id = 'schema'"), before);
  });

  it("leaves what cannot be changed without a loss as it is, and says why", async () => {
    const row = "('1', 'twice', 'a name that is long', 0, 0)";
    await administrate(
      environment,
      `
      ALTER TABLE nacos.tenant_info DROP INDEX uk_tenant_info_kptenantid, MODIFY tenant_name varchar(300) DEFAULT '';
      INSERT INTO nacos.tenant_info (kp, tenant_id, tenant_name, gmt_create, gmt_modified) VALUES ${row}, ${row}`,
    );
    await again();
    assert.deepEqual(await changes(), [
      "schema: left as it is: column tenant_info.tenant_name is varchar(300) and ships as varchar(128): it is wider, and holds all that the shipped one would",
      "schema: left as it is: index tenant_info.uk_tenant_info_kptenantid ships as unique `kp`,`tenant_id`: Duplicate entry '1-twice' for key 'tenant_info.uk_tenant_info_kptenantid'",
    ]);
    await administrate(
      environment,
      "DELETE FROM nacos.tenant_info WHERE tenant_id = 'twice'; ALTER TABLE nacos.tenant_info MODIFY tenant_name varchar(128) DEFAULT ''",
    );
    await again();
    assert.deepEqual(await changes(), ["schema: added index tenant_info.uk_tenant_info_kptenantid"]);
  });

  it("lets an emoji be published and read back, and distinguishes data IDs by case", async () => {
    const nacos = await NacosClient.signedIn(environment);
    for (const [dataId, content] of [
      ["smile", "\u{1F600} smile"],
      ["Smile", "another"],
    ])
      assert.deepEqual(await nacos.publish(dataId, content), { status: 200, body: "true" });
    await waitFor("the emoji to be read back", 20, async () => (await nacos.read("smile")).body === "\u{1F600} smile");
    assert.deepEqual(
      await mysqlQuery(
        environment,
        "SELECT data_id, content FROM config_info WHERE data_id = 'smile' UNION SELECT data_id, content FROM config_info WHERE data_id = 'Smile'",
      ),
      [
        { data_id: "smile", content: "\u{1F600} smile" },
        { data_id: "Smile", content: "another" },
      ],
    );
  });

  it("does not undo a password that was changed in Nacos, and reports that it differs", async () => {
    const [{ password }] = await mysqlQuery(environment, "SELECT password FROM users WHERE username = 'nacos'");
    const other = `$2a$10$${"x".repeat(53)}`;
    await mysqlQuery(environment, "UPDATE users SET password = ? WHERE username = 'nacos'", [other]);
    await again();
    assert.match(
      await log(),
      /^schema: left as it is: user nacos has another password than Secret nacos-admin: it was changed in Nacos\. `npm run ops -- secrets rotate` gives it/m,
    );
    assert.deepEqual(await mysqlQuery(environment, "SELECT password FROM users WHERE username = 'nacos'"), [
      { password: other },
    ]);
    await mysqlQuery(environment, "UPDATE users SET password = ? WHERE username = 'nacos'", [password as string]);
  });

  it("refuses a database whose schema is newer, and continues once it is not", async () => {
    await mysqlQuery(
      environment,
      "INSERT INTO platform_schema (nacos_version, schema_sha256) VALUES ('9.9.9', REPEAT('0', 64))",
    );
    const reason = `refused: the database has the schema of Nacos 9.9.9, which is more than one step (2.2, 2.5, 3.0, 3.2) newer than ${version}. `;
    try {
      const said = await refusal(again());
      assert.ok(
        said.includes("Job nacos-schema has failed: container apply ended with status 3, restarted 0 times: ") &&
          said.includes(reason),
        said,
      );
      assert.ok((await log()).includes(reason));
      assert.match(await refusal(make("status", dev)), /Job nacos-dev\/nacos-schema has failed/);
    } finally {
      await mysqlQuery(environment, "DELETE FROM platform_schema WHERE nacos_version = '9.9.9'");
    }
    await make("up", dev);
    assert.match(await log(), /^schema: the database has the schema of Nacos [0-9.]+ \([0-9a-f]{64}\)$/m);
    assert.deepEqual(await changes(), []);
  });
});
