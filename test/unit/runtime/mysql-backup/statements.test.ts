import assert from "node:assert/strict";
import {
  countAllRows,
  countRows,
  createDatabase,
  listDatabases,
  verificationStatements,
} from "../../../../runtime/mysql-backup/statements";

describe("The statements of backups", () => {
  it("count the rows of the named databases, without the suffix of their names", () => {
    const text = countRows(["a_x", "b_x"], "_x");
    assert.match(text, /TABLE_SCHEMA IN \('a_x', 'b_x'\)/);
    assert.match(text, /TRIM\(TRAILING '_x' FROM TABLE_SCHEMA\)/);
    assert.doesNotMatch(countAllRows(), /TRIM/);
  });

  it("leave MySQL's own databases out", () => {
    for (const text of [countAllRows(), listDatabases()])
      assert.match(text, /NOT IN \('mysql', 'information_schema', 'performance_schema', 'sys'\)/);
    assert.match(listDatabases(["nacosscratch"]), /'sys', 'nacosscratch'\)/);
  });

  it("quote names as one name", () => {
    assert.equal(createDatabase("my-db.x"), "CREATE DATABASE `my-db.x`;");
  });

  it("record what must not be applied, only if there is something", () => {
    const plan = { from: "f", target: "t", excluded: "" };
    assert.equal(verificationStatements(plan).exclude, "");
    assert.equal(verificationStatements({ ...plan, excluded: "e" }).exclude, "SET GLOBAL gtid_purged = '+e';");
  });
});
