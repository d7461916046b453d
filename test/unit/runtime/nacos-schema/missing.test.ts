import assert from "node:assert/strict";
import { columnDefinition, missingColumns, missingTables } from "../../../../runtime/nacos-schema/missing";
import { column, table } from "./examples";

describe("what a database lacks", () => {
  it("are tables that the other one has, by their exact names", () => {
    assert.deepEqual(missingTables([table("a"), table("b"), table("c")], [table("b"), table("C")]), ["a", "c"]);
  });

  it("are views too, and no tables of the platform", () => {
    assert.deepEqual(
      missingTables([table("platform_schema"), table("platforms"), table("view", [], { isTable: false })], []),
      ["platforms", "view"],
    );
  });

  it("are columns of tables that both have, whatever the case of their names", () => {
    const ships = [
      table("a", [column("id", "bigint"), column("more", "text"), column("last", "int")]),
      table("new", [column("id", "bigint")]),
    ];
    assert.deepEqual(missingColumns(ships, [table("a", [column("ID", "bigint")]), table("b")]), [
      { table: "a", column: "more" },
      { table: "a", column: "last" },
    ]);
  });
});

describe("the definition of a column", () => {
  const made = [
    "CREATE TABLE `t` (",
    "  `id` bigint NOT NULL AUTO_INCREMENT,",
    "  `identity` varchar(20) COLLATE utf8mb4_bin DEFAULT NULL COMMENT 'a, b',",
    "  `end` int DEFAULT '0'",
    ") ENGINE=InnoDB",
  ].join("\n");

  it("is its line of SHOW CREATE TABLE", () => {
    assert.equal(columnDefinition(made, "id"), "`id` bigint NOT NULL AUTO_INCREMENT");
    assert.equal(
      columnDefinition(made, "identity"),
      "`identity` varchar(20) COLLATE utf8mb4_bin DEFAULT NULL COMMENT 'a, b'",
    );
    assert.equal(columnDefinition(made, "end"), "`end` int DEFAULT '0'");
  });

  it("does not exist for another column", () =>
    assert.throws(() => columnDefinition(made, "ident"), { message: "SHOW CREATE TABLE has no column ident" }));
});
