import assert from "node:assert/strict";
import { dev, live, Live, make, refusal } from "../support/environments";
import { administrate, mysqlQuery } from "../support/mysql";

describe("the schema step", () => {
  const job = "urn:pulumi:dev::nacos-platform::nacos-platform:mysql:Schema$kubernetes:batch/v1:Job::schema-job";
  let environment: Live;
  const again = () => environment.stack.pulumi(["up", "--yes", "--skip-preview", "--non-interactive", "--replace", job]);
  const log = () => environment.kubectl(["--namespace", environment.outputs.namespace, "logs", "job/nacos-schema", "--container", "apply"]);

  before(async () => {
    environment = await live(dev);
  });

  it("has recorded the version and the checksum of what it applied", async () => {
    const [row, ...others] = await mysqlQuery(environment, "SELECT nacos_version, schema_sha256 FROM platform_schema");
    assert.deepEqual(others, []);
    assert.equal(row.nacos_version, "3.1.0");
    assert.match(row.schema_sha256 as string, /^[0-9a-f]{64}$/);
  });

  it("adds the table and the column that are missing, and nothing else", async () => {
    await administrate(environment, "DROP TABLE nacos.app_list; ALTER TABLE nacos.tenant_capacity DROP COLUMN max_aggr_size");
    await again();
    const added = (await log()).split("\n").filter((line) => /created|added|left as it is/.test(line));
    assert.deepEqual(added, ["schema: created table app_list", "schema: added column tenant_capacity.max_aggr_size"]);
    await mysqlQuery(environment, "SELECT max_aggr_size FROM tenant_capacity");
  });

  it("refuses a database whose schema is newer, and goes on once it is not", async () => {
    await mysqlQuery(environment, "INSERT INTO platform_schema (nacos_version, schema_sha256) VALUES ('9.9.9', REPEAT('0', 64))");
    assert.match(await refusal(again()), /BackoffLimitExceeded/);
    assert.match(await log(), /refused: the database has the schema of Nacos 9\.9\.9, which is newer than 2\.2\.4\. Deploy 9\.9\.9 or newer/);
    assert.match(await refusal(make("status", dev)), /Job nacos-dev\/nacos-schema has failed/);
    await mysqlQuery(environment, "DELETE FROM platform_schema WHERE nacos_version = '9.9.9'");
    await make("up", dev);
    assert.match(await log(), /^schema: the database has the schema of Nacos 2\.2\.4 \([0-9a-f]{64}\)$/m);
    assert.doesNotMatch(await log(), /created|added/);
  });
});
