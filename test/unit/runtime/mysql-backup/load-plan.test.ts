import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { countLoaded, loadFiles, loads, smallPacketNote } from "../../../../runtime/mysql-backup/load-plan";

const databases = [
  { name: "my-db", characterSet: "latin1", collation: "latin1_swedish_ci" },
  { name: "nacos", characterSet: "utf8mb4", collation: "utf8mb4_bin" },
];

describe("The loads of a restore", () => {
  it("rehearse a view without its query, because what that refers to may have been dropped", () => {
    const [{ filter = "" }] = loads("in-place", databases, "", []);
    const view = (name: string, query: string, rest: string) =>
      `/*!50001 CREATE ALGORITHM=MERGE */\n/*!50013 DEFINER=\`a\`@\`%\` SQL SECURITY DEFINER */\n/*!50001 VIEW \`${name}\` ${query} */${rest}\n`;
    const [list, checked] = [view("a``c", "(`x`) AS select ` AS `", ";"), view("v", "AS select 1", "")];
    const dump = `CREATE TABLE t (i INT);\n${list}${checked}/*!50002 WITH CASCADED CHECK OPTION */;\n`;
    const { stdout } = spawnSync("sed", ["-E", filter], { input: dump, encoding: "utf8" });
    const expected = [view("a``c", "AS SELECT 1", ";"), view("v", "AS SELECT 1", ";")];
    assert.equal(stdout, `CREATE TABLE t (i INT);\n${expected.join("")}`);
  });

  it("in place are a rehearsal for each database, then one that replaces all", () => {
    const [first, second, last, ...more] = loads("in-place", databases, "", []);
    assert.deepEqual(more, []);
    assert.notEqual(first.filter, undefined);
    assert.deepEqual(first, {
      ifInterrupted: "nothing was restored",
      // A restore that was interrupted may have left it.
      before: "DROP DATABASE IF EXISTS `platform_rehearsal`;\nCREATE DATABASE `platform_rehearsal`;",
      beforeRefused: "the database platform_rehearsal cannot be created",
      dump: ["--no-data", "my-db"],
      filter: first.filter,
      into: "platform_rehearsal",
      refused: "the primary would refuse my-db",
      after: "DROP DATABASE IF EXISTS `platform_rehearsal`;",
    });
    assert.equal(second.into, "platform_rehearsal");
    assert.deepEqual(last, {
      ifInterrupted: "the databases are incomplete, run the restore again",
      before: "DROP DATABASE IF EXISTS `my-db`;\nDROP DATABASE IF EXISTS `nacos`;",
      beforeRefused: "the primary refused",
      dump: ["--events", "--databases", "my-db", "nacos"],
      refused: "the primary refused",
      after: "",
    });
  });

  it("beside the live databases are one for each, under another name, and drop nothing", () => {
    const all = loads("fresh", databases, "_restored_1", []);
    assert.deepEqual(all[0], {
      ifInterrupted: "the databases with names in _restored_1 are incomplete, drop them",
      before: "CREATE DATABASE `my-db_restored_1` CHARACTER SET latin1 COLLATE latin1_swedish_ci;",
      beforeRefused: "the database my-db_restored_1 cannot be created",
      dump: ["my-db"],
      into: "my-db_restored_1",
      refused: "the primary refused",
      after: "",
    });
    assert.doesNotMatch(JSON.stringify(all), /DROP|--events|--databases/);
  });

  it("all leave the same views out", () => {
    for (const mode of ["fresh", "in-place"] as const)
      for (const { dump } of loads(mode, databases, "_x", ["--ignore-table=nacos.v"]))
        assert.equal(dump[0], "--ignore-table=nacos.v", mode);
  });

  it("are written as one file for each value", () => {
    const [, , last] = loads("in-place", databases, "", []);
    assert.deepEqual(loadFiles(last), {
      "if-interrupted": last.ifInterrupted,
      "before-refused": last.beforeRefused,
      dump: "--events\n--databases\nmy-db\nnacos\n",
      filter: "",
      into: "",
      refused: last.refused,
      "before.sql": `${last.before}\n`,
      "after.sql": "",
    });
  });

  it("are counted under the names of the backup", () => {
    assert.match(countLoaded("in-place", databases, "_x"), /QUOTE\(TABLE_SCHEMA\).* IN \('my-db', 'nacos'\)/);
    assert.match(
      countLoaded("fresh", databases, "_x"),
      /QUOTE\(TRIM\(TRAILING '_x' FROM TABLE_SCHEMA\)\).* IN \('my-db_x', 'nacos_x'\)/,
    );
  });

  it("come with a note on the largest row if the packet size cannot be changed", () => {
    assert.equal(
      smallPacketNote(67_108_864),
      "note: rows of more than about 32 MiB may be refused, as max_allowed_packet stays as it is",
    );
  });
});
