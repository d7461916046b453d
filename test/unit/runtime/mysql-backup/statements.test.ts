import assert from "node:assert/strict";
import {
  configurationMd5,
  configurationQueries,
  countAllRows,
  countRows,
  createDatabase,
  DATABASES,
  verificationStatements,
} from "../../../../runtime/mysql-backup/statements";

describe("The statements of backups", () => {
  it("count the rows of the named databases, without the suffix of their names", () => {
    const text = countRows(["a_x", "b_x"], "_x");
    assert.match(text, /TABLE_SCHEMA IN \('a_x', 'b_x'\)/);
    assert.match(text, /TRIM\(TRAILING '_x' FROM TABLE_SCHEMA\)/);
    assert.doesNotMatch(countAllRows(), /TRIM/);
  });

  it("leave MySQL's own databases out, and the rehearsal of a restore", () => {
    for (const text of [countAllRows(), DATABASES])
      assert.match(text, /NOT IN \('mysql', 'information_schema', 'performance_schema', 'sys', 'platform_rehearsal'\)/);
  });

  it("create views that are broken, in place of those that a dump lacks", () => {
    const plan = { from: "f", target: "t", excluded: "" };
    assert.doesNotMatch(verificationStatements(plan)["after-load"], /VIEW|DROP/);
    const brokenViews = [{ database: "a", view: "v.x", definition: "" }];
    assert.match(
      verificationStatements({ ...plan, brokenViews })["after-load"],
      /^CREATE DATABASE [^;]*;\nCREATE TABLE [^;]*;\nCREATE VIEW `a`\.`v\.x` AS [^;]*;\nDROP DATABASE /,
    );
  });

  it("define those views after the logs, if these have neither dropped nor changed them", () => {
    const brokenViews = [{ database: "a", view: "v.x", definition: "CREATE OR REPLACE VIEW `a`.`v.x` AS select 'b'" }];
    const plan = verificationStatements({ from: "f", target: "t", excluded: "", brokenViews });
    assert.equal(
      plan["define-views"],
      "SELECT 'USE `a`;\\nCREATE OR REPLACE VIEW `a`.`v.x` AS select \\'b\\';' FROM information_schema.VIEWS " +
        "WHERE TABLE_SCHEMA = 'a' AND TABLE_NAME = 'v.x' AND LOCATE('`of broken views`', VIEW_DEFINITION);",
    );
  });

  it("quote names as one name", () => {
    assert.equal(createDatabase("my-db.x"), "CREATE DATABASE `my-db.x`;");
  });

  it("read configurations of both IDs of the default namespace, and quote whatever name", () => {
    const [namespaces, tags, rows] = configurationQueries({ namespace: "public", group: "it's", dataId: "a" }, true);
    for (const text of [namespaces, tags, rows]) assert.match(text, /tenant_id IN \(\\'\\', \\'public\\'\)/);
    assert.ok(rows.includes(String.raw`AND group_id = \'it\\\'s\' AND data_id = \'a\';`), rows);
    assert.doesNotMatch(namespaces, /group_id/);
    assert.match(rows, /'encrypted_data_key', 'content'\) HAVING/);
    assert.match(configurationQueries({ namespace: "orders" }, false)[2], /'encrypted_data_key'\) HAVING/);
    assert.match(configurationMd5("", "G", "it's"), /tenant_id = '' AND group_id = 'G' AND data_id = 'it\\'s'$/);
  });

  it("read configurations only if some are wanted", () => {
    const plan = { from: "f", target: "t", excluded: "" };
    assert.equal(verificationStatements(plan).configurations, "");
    assert.match(verificationStatements({ ...plan, configurations: { namespace: "orders" } }).configurations, /orders/);
  });

  it("record what must not be applied, only if there is something", () => {
    const plan = { from: "f", target: "t", excluded: "" };
    assert.equal(verificationStatements(plan).exclude, "");
    assert.equal(verificationStatements({ ...plan, excluded: "e" }).exclude, "SET GLOBAL gtid_purged = '+e';");
  });
});
