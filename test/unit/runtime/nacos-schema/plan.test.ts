import assert from "node:assert/strict";
import { planTables } from "../../../../runtime/nacos-schema/plan";
import type { Table } from "../../../../runtime/nacos-schema/tables";
import { column, index, table } from "./examples";

const TO = "CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";
const plan = (here: readonly Table[], ships: readonly Table[] = here, earlier: readonly string[] = []) =>
  planTables(here, ships, earlier);

describe("the plan for existing tables", () => {
  it("is empty if they are as they ship", () => {
    const columns = [column("id", "bigint", { nullable: false, inPrimaryKey: true }), column("name", "varchar(20)")];
    const indexes = [index("PRIMARY", "`id`", true), index("k", "`name`")];
    assert.deepEqual(plan([table("a", columns, { indexes }), table("b", columns)]), []);
  });

  it("has them in their order, with the table's character set before its columns", () => {
    const here = ["a", "b"].map((name) =>
      table(name, [column("c", "varchar(20)", { collation: "utf8mb3_bin" })], { collation: "utf8mb3_general_ci" }),
    );
    const ships = ["b", "a"].map((name) => table(name, [column("c", "varchar(30)")]));
    assert.deepEqual(
      plan(here, ships).map((one) => [one.table, one.changes.map(({ done }) => done)]),
      ["a", "b"].map((name) => [
        name,
        [`converted table ${name} to utf8mb4_bin`, `widened column ${name}.c from varchar(20) to varchar(30)`],
      ]),
    );
  });

  it("leaves out tables that are missing, that do not ship, and views", () => {
    const other = { collation: "utf8mb3_bin" };
    assert.deepEqual(plan([table("theirs", [], other)], [table("new")]), []);
    assert.deepEqual(plan([table("a", [], { ...other, isTable: false })]), []);
  });

  it("converts tables that earlier versions left, and changes nothing else of them", () => {
    const left = table("left", [column("c", "varchar(20)", { collation: "utf8mb3_bin", nullable: false })], {
      collation: "utf8mb3_bin",
      indexes: [index("k", "`c`")],
    });
    assert.deepEqual(plan([left], [], ["left"]), [
      {
        table: "left",
        changes: [
          {
            clause: `DEFAULT ${TO}`,
            done: "converted table left to utf8mb4_bin",
            stays: "table left is utf8mb3_bin",
          },
          {
            clause: `MODIFY COLUMN ${"`c`"} varchar(20) ${TO} NOT NULL COMMENT ''`,
            done: undefined,
            stays: "column left.c is varchar(20) utf8mb3_bin and should be varchar(20) utf8mb4_bin",
          },
        ],
        differences: [],
      },
    ]);
  });

  it("converts a table of which only a column has another character set", () => {
    const [{ changes }] = plan([table("a", [column("c", "text", { collation: "utf8mb4_general_ci" })])]);
    assert.deepEqual(
      changes.map(({ done, stays }) => [done, stays]),
      [
        ["converted table a to utf8mb4_bin", "table a is utf8mb4_bin"],
        [undefined, "column a.c is text utf8mb4_general_ci and should be text utf8mb4_bin"],
      ],
    );
  });

  for (const [rowFormat, clause] of [
    ["Dynamic", `DEFAULT ${TO}`],
    ["Compressed", `DEFAULT ${TO}`],
    ["Compact", `ROW_FORMAT=DYNAMIC, DEFAULT ${TO}`],
    ["Redundant", `ROW_FORMAT=DYNAMIC, DEFAULT ${TO}`],
  ]) {
    it(`converts a table of row format ${rowFormat} by ${clause}`, () =>
      assert.equal(plan([table("a", [], { rowFormat, collation: "latin1_bin" })])[0].changes[0].clause, clause));
  }

  it("leaves computed columns alone", () =>
    assert.deepEqual(plan([table("a", [column("c", "text", { collation: "utf8mb3_bin", computed: true })])]), []));

  it("compares columns whatever the case of their names", () => {
    assert.deepEqual(
      plan([table("a", [column("SRC_User", "text")])], [table("a", [column("src_user", "longtext")])])[0].changes.map(
        ({ done }) => done,
      ),
      ["widened column a.SRC_User from text to longtext"],
    );
  });

  describe("adds an index", () => {
    const indexed = (here: Table["indexes"], ships: Table["indexes"]) => {
      const [first] = plan([table("a", [], { indexes: here })], [table("a", [], { indexes: ships })]);
      return (first as typeof first | undefined) ?? { changes: [], differences: [] };
    };

    it("that is missing", () => {
      assert.deepEqual(
        indexed([], [index("PRIMARY", "`id`", true), index("idx", "`x`(20)"), index("uk", "`kp`,`tenant_id`", true)])
          .changes,
        [
          {
            clause: "ADD PRIMARY KEY (`id`)",
            done: "added index a.PRIMARY",
            stays: "index a.PRIMARY ships as unique `id`",
          },
          { clause: "ADD KEY `idx` (`x`(20))", done: "added index a.idx", stays: "index a.idx ships as `x`(20)" },
          {
            clause: "ADD UNIQUE KEY `uk` (`kp`,`tenant_id`)",
            done: "added index a.uk",
            stays: "index a.uk ships as unique `kp`,`tenant_id`",
          },
        ],
      );
    });

    it("but not if one of another name has the same columns, and is unique if that is", () => {
      assert.deepEqual(indexed([index("mine", "`X`")], [index("idx", "`x`")]).changes, []);
      assert.equal(indexed([index("mine", "`x`")], [index("uk", "`x`", true)]).changes.length, 1);
      assert.equal(indexed([index("mine", "`x`", true)], [index("idx", "`x`")]).changes.length, 1);
      assert.equal(indexed([index("mine", "`x`(20)")], [index("idx", "`x`")]).changes.length, 1);
      assert.equal(indexed([index("mine", "`y`,`x`")], [index("idx", "`x`,`y`")]).changes.length, 1);
    });

    it("but not if another one has its name: that is a difference", () => {
      assert.deepEqual(indexed([index("UK", "`x`")], [index("uk", "`x`,`y`", true)]), {
        table: "a",
        changes: [],
        differences: ["index a.uk ships as unique `x`,`y`, and is `x`: drop it by hand if nothing else needs it"],
      });
      assert.deepEqual(indexed([index("k", "`x`", true)], [index("k", "`x`")]).differences, [
        "index a.k ships as `x`, and is unique `x`: drop it by hand if nothing else needs it",
      ]);
    });

    it("and none is removed", () => assert.deepEqual(indexed([index("mine", "`x`")], []).changes, []));
  });

  it("has the differences that stay of columns before those of indexes", () => {
    const here = table("a", [column("x", "int"), column("c", "varchar(300)")], { indexes: [index("k", "`x`")] });
    const ships = table("a", [column("c", "varchar(20)"), column("x", "text")], { indexes: [index("k", "`c`")] });
    assert.deepEqual(
      plan([here], [ships])[0].differences.map((text) => text.split(" ").slice(0, 2).join(" ")),
      ["column a.x", "column a.c", "index a.k"],
    );
  });
});
