import assert from "node:assert/strict";
import { fitOf, planColumn, type Fit } from "../../../../runtime/nacos-schema/columns";
import type { Column } from "../../../../runtime/nacos-schema/tables";
import { column } from "./examples";

describe("the type of a column", () => {
  const types: readonly (readonly [here: string, ships: string, fit: Fit])[] = [
    ["varchar(128)", "varchar(128)", "same"],
    ["varchar(20)", "varchar(128)", "narrower"],
    ["varchar(300)", "varchar(128)", "wider"],
    ["char(20)", "varchar(20)", "narrower"],
    ["char(21)", "varchar(20)", "wider"],
    ["char(10)", "char(20)", "narrower"],
    ["char(20)", "char(10)", "wider"],
    ["varchar(10)", "char(20)", "other"],
    ["varchar(20)", "char(20)", "wider"],
    ["char(20)", "text", "narrower"],
    ["varchar(128)", "longtext", "narrower"],
    ["varchar(65535)", "text", "wider"],
    ["text", "longtext", "narrower"],
    ["longtext", "text", "wider"],
    ["text", "varchar(128)", "wider"],
    ["tinytext", "varchar(300)", "other"],
    ["varchar(20)", "bigint", "other"],
    ["bigint", "varchar(20)", "other"],
    ["datetime", "datetime(3)", "narrower"],
    ["datetime(3)", "datetime", "wider"],
    ["datetime", "timestamp", "other"],
    ["timestamp", "datetime", "other"],
    ["datetime", "varchar(40)", "other"],
    ["int", "bigint", "narrower"],
    ["bigint", "int", "wider"],
    ["int unsigned", "bigint unsigned", "narrower"],
    ["int unsigned", "bigint", "narrower"],
    ["int", "bigint unsigned", "other"],
    ["bigint unsigned", "int unsigned", "wider"],
    ["bigint", "int unsigned", "wider"],
    ["bigint unsigned", "int", "other"],
    ["int", "int unsigned", "other"],
    ["int unsigned", "int", "other"],
    ["int(11)", "int", "other"],
    ["bigint", "bigint unsigned", "other"],
    ["point", "bigint", "other"],
    ["decimal(10,2)", "bigint", "other"],
    ["blob", "longblob", "other"],
  ];
  for (const [here, ships, fit] of types) {
    it(`${here} is ${fit} if it ships as ${ships}`, () =>
      assert.equal(fitOf(column("c", here), column("c", ships)), fit));
  }
});

/** What is planned for column t.c. */
const plan = (here: Column, ships?: Column) => planColumn("t", here, ships);
/** The same, with an equal type on both sides. */
const same = (type: string, here: Partial<Column>, ships: Partial<Column> = {}) =>
  plan(column("c", type, here), column("c", type, ships));

describe("a column", () => {
  it("stays as it is if nothing differs that matters", () => {
    for (const type of ["varchar(20)", "longtext", "bigint", "datetime"])
      assert.deepEqual(same(type, {}), { converted: false, change: undefined, difference: undefined }, type);
    const nothing = { converted: false, change: undefined, difference: undefined };
    assert.deepEqual(same("int", { preset: "1", comment: "ours" }, { preset: "2", comment: "theirs" }), nothing);
    assert.deepEqual(same("int", { preset: "1" }, {}), nothing);
    assert.deepEqual(same("int", { nullable: true }, { nullable: false }), nothing);
    assert.deepEqual(plan(column("c", "int", { nullable: false })), nothing);
  });

  it("is widened, with what ships for the new type and with its own comment", () => {
    assert.deepEqual(
      plan(
        column("c", "varchar(20)", { preset: "", comment: "it's" }),
        column("c", "varchar(128)", { preset: "x", comment: "theirs" }),
      ),
      {
        converted: false,
        difference: undefined,
        change: {
          clause: String.raw`MODIFY COLUMN ${"`c`"} varchar(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL DEFAULT 'x' COMMENT 'it\'s'`,
          done: "widened column t.c from varchar(20) to varchar(128)",
          stays: "column t.c is varchar(20) utf8mb4_bin and should be varchar(128) utf8mb4_bin",
        },
      },
    );
  });

  it("keeps its default when it is widened, if none ships", () => {
    assert.match(
      plan(column("c", "varchar(20)", { preset: "own" }), column("c", "varchar(128)")).change!.clause,
      / NULL DEFAULT 'own' COMMENT ''$/,
    );
  });

  it("loses its default when it becomes a text, and when its times become more precise", () => {
    assert.match(
      plan(column("c", "varchar(20)", { preset: "own" }), column("c", "text")).change!.clause,
      /^MODIFY COLUMN `c` text CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL COMMENT ''$/,
    );
    const now = { preset: "CURRENT_TIMESTAMP", extra: "DEFAULT_GENERATED" };
    assert.equal(
      plan(column("c", "datetime", now), column("c", "datetime(3)")).change?.clause,
      "MODIFY COLUMN `c` datetime(3) NULL COMMENT ''",
    );
    const precise = { preset: "CURRENT_TIMESTAMP(3)", extra: "DEFAULT_GENERATED on update CURRENT_TIMESTAMP(3)" };
    assert.equal(
      plan(column("c", "datetime", now), column("c", "datetime(3)", precise)).change?.clause,
      "MODIFY COLUMN `c` datetime(3) NULL DEFAULT CURRENT_TIMESTAMP(3) on update CURRENT_TIMESTAMP(3) COMMENT ''",
    );
  });

  it("is numbered again by itself when it is widened", () => {
    const key = { nullable: false, inPrimaryKey: true, extra: "auto_increment" };
    assert.equal(
      plan(column("id", "int", key), column("id", "bigint", key)).change?.clause,
      "MODIFY COLUMN `id` bigint NOT NULL auto_increment COMMENT ''",
    );
  });

  it("may be NULL if the shipped one may, unless it is in the primary key", () => {
    assert.deepEqual(same("bigint", { nullable: false, preset: "0" }).change, {
      clause: "MODIFY COLUMN `c` bigint NULL DEFAULT '0' COMMENT ''",
      done: "column t.c may be NULL",
      stays: "column t.c is bigint and should be bigint",
    });
    assert.equal(same("bigint", { nullable: false, inPrimaryKey: true }).change, undefined);
    assert.equal(same("bigint", { nullable: false }, { nullable: false }).change, undefined);
  });

  it("gets a default that ships, if it has none and its type fits", () => {
    assert.deepEqual(same("varchar(20)", { nullable: false }, { nullable: false, preset: "" }).change, {
      clause: "MODIFY COLUMN `c` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '' COMMENT ''",
      done: "column t.c has a default",
      stays: "column t.c is varchar(20) utf8mb4_bin and should be varchar(20) utf8mb4_bin",
    });
    assert.equal(
      same("datetime", {}, { preset: "CURRENT_TIMESTAMP", extra: "DEFAULT_GENERATED" }).change?.clause,
      "MODIFY COLUMN `c` datetime NULL DEFAULT CURRENT_TIMESTAMP COMMENT ''",
    );
    assert.equal(plan(column("c", "bigint"), column("c", "int", { preset: "0" })).change, undefined);
    assert.equal(plan(column("c", "tinytext"), column("c", "varchar(300)", { preset: "" })).change, undefined);
  });

  it("gets the character set, and keeps all else, without a word of its own", () => {
    const own = { collation: "utf8mb3_bin", nullable: false, preset: "a", comment: "ours" };
    const converted = {
      converted: true,
      difference: undefined,
      change: {
        clause:
          "MODIFY COLUMN `c` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT 'a' COMMENT 'ours'",
        done: undefined,
        stays: "column t.c is varchar(20) utf8mb3_bin and should be varchar(20) utf8mb4_bin",
      },
    };
    assert.deepEqual(same("varchar(20)", own, { nullable: false, preset: "b" }), converted);
    assert.deepEqual(plan(column("c", "varchar(20)", own)), converted, "a column that does not ship");
  });

  it("says that it was widened, rather than that it may be NULL or has a default", () => {
    assert.equal(
      plan(
        column("c", "varchar(20)", { collation: "utf8mb3_bin", nullable: false }),
        column("c", "varchar(30)", { preset: "" }),
      ).change?.done,
      "widened column t.c from varchar(20) to varchar(30)",
    );
    assert.equal(same("int", { nullable: false }, { preset: "0" }).change?.done, "column t.c may be NULL");
  });

  it("that is wider stays so, and is converted and made lenient all the same", () => {
    const { difference, change } = plan(
      column("c", "varchar(300)", { collation: "utf8mb3_bin", nullable: false }),
      column("c", "varchar(128)", { preset: "" }),
    );
    assert.equal(
      difference,
      "column t.c is varchar(300) and ships as varchar(128): it is wider, and holds all that the shipped one would",
    );
    assert.deepEqual(change, {
      clause: "MODIFY COLUMN `c` varchar(300) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL COMMENT ''",
      done: "column t.c may be NULL",
      stays: "column t.c is varchar(300) utf8mb3_bin and should be varchar(300) utf8mb4_bin",
    });
  });

  it("of another type stays so", () => {
    assert.deepEqual(plan(column("c", "int"), column("c", "varchar(20)")), {
      converted: false,
      change: undefined,
      difference: "column t.c is int and ships as varchar(20): neither holds all that the other may",
    });
  });

  it("may have any name", () => {
    assert.match(plan(column("a`b.c", "int"), column("a`b.c", "bigint")).change!.clause, /^MODIFY COLUMN `a``b\.c` /);
  });
});
