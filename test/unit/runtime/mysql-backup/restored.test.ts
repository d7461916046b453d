import assert from "node:assert/strict";
import { type Loaded, restoredText } from "../../../../runtime/mysql-backup/restored";

const count = (table: string, rows: number) => ({ database: "nacos", table, rows });
const loaded: Loaded = {
  mode: "in-place",
  suffix: "",
  seconds: 12,
  expected: [count("users", 1), count("roles", 2)],
  found: [count("roles", 2), count("users", 1)],
};

describe("The end of a restore", () => {
  it("says what was restored, and how long it took", () => {
    assert.deepEqual(restoredText(loaded), {
      failed: false,
      text: "restored (in-place) in 12 s; all row counts agree",
    });
    assert.equal(
      restoredText({ ...loaded, mode: "fresh", suffix: "_x" }).text,
      "restored (fresh, names end in _x) in 12 s; all row counts agree",
    );
  });

  it("names the tables that differ, and what to do", () => {
    assert.deepEqual(restoredText({ ...loaded, found: [count("users", 3), count("more", 0)] }), {
      failed: true,
      text: "the databases are incomplete, run the restore again: the primary's row counts differ from the restore's: nacos.more has 0 rows instead of no table; nacos.roles has no table instead of 2 rows; nacos.users has 3 rows instead of 1 rows",
    });
    assert.match(
      restoredText({ ...loaded, mode: "fresh", suffix: "_x", found: [] }).text,
      /^the databases with names in _x are incomplete, drop them: /,
    );
  });

  it("names no more tables than fit into a message", () => {
    const expected = Array.from({ length: 10 }, (_, i) => count(`t${i}`, 1));
    assert.equal(restoredText({ ...loaded, expected, found: [] }).text.split("; ").length, 6);
  });
});
