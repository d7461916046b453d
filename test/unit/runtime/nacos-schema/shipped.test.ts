import assert from "node:assert/strict";
import { requireOneDatabase, withoutCharacterSets } from "../../../../runtime/nacos-schema/shipped";
import { refused } from "../../../support/refusal";

const check = (sql: string): void => requireOneDatabase(sql, "/schema/mysql-schema.sql", "2.5.1");

describe("the shipped schema", () => {
  for (const statement of [
    "USE nacos;",
    "  use `nacos`;",
    "USE\nnacos;",
    "CREATE DATABASE nacos;",
    "create  schema nacos;",
    "DROP DATABASE IF EXISTS nacos;",
    "\tdrop schema nacos;",
  ]) {
    it(`is refused with ${JSON.stringify(statement)}`, () =>
      assert.throws(
        () => check(`SELECT 1;\n${statement}\nSELECT 2;`),
        (error) => {
          refused("SCHEMA_FILE_SWITCHES_DATABASE")(error);
          assert.equal(
            (error as Error).message,
            "/schema/mysql-schema.sql of Nacos 2.5.1 switches databases, which is not expected",
          );
          return true;
        },
      ));
  }

  it("may speak of databases, and have tables whose names begin with these words", () => {
    check(
      "-- use it in any database\nCREATE TABLE users (id int);\nCREATE TABLE `schema` (id int);\nDROP TABLE databases;",
    );
  });

  for (const [clause, left] of [
    ["`id` varchar(20) CHARACTER SET utf8 COLLATE utf8_bin NOT NULL", "`id` varchar(20)   NOT NULL"],
    [") ENGINE=InnoDB DEFAULT CHARSET=utf8 COLLATE=utf8_bin COMMENT='x';", ") ENGINE=InnoDB   COMMENT='x';"],
    [") engine=innodb default charset = utf8mb4;", ") engine=innodb ;"],
    [") CHARACTER  SET=utf8mb4 collate utf8mb4_unicode_ci", ")  "],
    ["`charset_name` int, `my_collate` int", "`charset_name` int, `my_collate` int"],
  ]) {
    it(`has no character set in ${clause}`, () => assert.equal(withoutCharacterSets(clause), left));
  }
});
