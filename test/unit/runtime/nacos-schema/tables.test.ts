import assert from "node:assert/strict";
import { quoted, readTables, sameName } from "../../../../runtime/nacos-schema/tables";

const columnRow = (tableName: string, name: string, more: object = {}) => ({
  tableName,
  name,
  type: "varchar(20)",
  dataType: "varchar",
  length: 20,
  precision: null,
  fraction: null,
  collation: "utf8mb4_bin",
  isNullable: "NO",
  keyType: "",
  preset: null,
  extra: "",
  expression: "",
  comment: "",
  ...more,
});
const part = (tableName: string, name: string, column: string | null, more: object = {}) => ({
  tableName,
  name,
  nonUnique: 1,
  column,
  characters: null,
  expression: null,
  ...more,
});

describe("the tables of a database", () => {
  it("are read by name, each with its columns and indexes", async () => {
    const answers: Readonly<Record<string, object[]>> = {
      TABLES: [
        { name: "v", type: "VIEW", collation: null, rowFormat: null },
        { name: "t", type: "BASE TABLE", collation: "utf8mb4_bin", rowFormat: "Dynamic" },
      ],
      COLUMNS: [
        columnRow("t", "id", { keyType: "PRI" }),
        columnRow("t", "sum", { isNullable: "YES", expression: "(1 + 1)" }),
        columnRow("v", "id"),
      ],
      STATISTICS: [
        part("t", "PRIMARY", "id", { nonUnique: 0 }),
        part("t", "two", "b"),
        part("t", "two", "a", { characters: 20 }),
        part("t", "two", null, { expression: "lower(`c`)" }),
      ],
    };
    const asked: unknown[] = [];
    const [table, view, ...others] = await readTables((statement, values) => {
      const name = /information_schema\.(\w+)/.exec(statement)?.[1] ?? "";
      asked.push([name, ...(values ?? [])]);
      return Promise.resolve(answers[name] as Record<string, unknown>[]);
    }, "nacos");
    assert.deepEqual(asked, [
      ["TABLES", "nacos"],
      ["COLUMNS", "nacos"],
      ["STATISTICS", "nacos"],
    ]);
    assert.deepEqual(others, []);
    assert.deepEqual([view.name, view.isTable, view.collation, view.indexes], ["v", false, null, []]);
    assert.deepEqual([table.name, table.isTable, table.rowFormat], ["t", true, "Dynamic"]);
    assert.deepEqual(
      table.columns.map(({ name, nullable, inPrimaryKey, computed }) => [name, nullable, inPrimaryKey, computed]),
      [
        ["id", false, true, false],
        ["sum", true, false, true],
      ],
    );
    assert.deepEqual(table.indexes, [
      { name: "PRIMARY", unique: true, columns: "`id`" },
      { name: "two", unique: false, columns: "`b`,`a`(20),(lower(`c`))" },
    ]);
  });

  it("have names that are quoted, and columns whose names differ by more than case", () => {
    assert.equal(quoted("a.b`c"), "`a.b``c`");
    assert.equal(sameName("Src_User", "src_user"), true);
    assert.equal(sameName("src_user", "src_users"), false);
  });
});
