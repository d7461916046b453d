import assert from "node:assert/strict";
import type { ErrorCode } from "../../../../contract/error-codes";
import {
  readRecords,
  recordComplete,
  requireReadable,
  requireShipped,
  writeRecord,
} from "../../../../runtime/nacos-schema/records";
import { refused } from "../../../support/refusal";
import { column, table } from "./examples";

const record = (version: string, checksum = "other", isComplete = false) => ({ version, checksum, isComplete });
const refusedWith = (code: ErrorCode, message: string) => (error: unknown) => {
  refused(code)(error);
  assert.equal((error as Error).message, message);
  return true;
};

describe("the record of a schema", () => {
  const newer = (than: string, version: string) =>
    refusedWith(
      "SCHEMA_DATABASE_NEWER",
      `the database has the schema of Nacos ${than}, which is more than one step (2.2, 2.5, 3.0, 3.2) newer than ${version}. Deploy a version at most one step older, or restore a backup that was made with ${version}`,
    );

  it("allows older versions, one step back, and a newer one that ships the same file", () => {
    requireReadable([], record("2.5.1"));
    requireReadable([record("2.5.1"), record("2.2.4")], record("2.5.1"));
    requireReadable([record("3.3.0", "same")], record("2.5.1", "same"));
    for (const [from, to] of [
      ["2.5.3", "2.2.4"],
      ["3.1.2", "2.5.3"],
      ["3.1.2", "3.0.3"],
      ["3.2.3", "3.0.3"],
    ])
      requireReadable([record(from, "other", true)], record(to, "new"));
  });

  it("refuses more than one step back, and versions that are not known", () => {
    for (const [from, to] of [
      ["3.1.2", "2.4.3"],
      ["3.2.3", "2.5.3"],
      ["3.3.0", "3.1.2"],
      ["9.9.9", "3.2.3"],
    ])
      assert.throws(
        () => requireReadable([record(to), record(from, "other", true)], record(to, "new")),
        newer(from, to),
      );
  });

  it("allows any return from 3.x that not all servers have reached", () => {
    requireReadable([record("2.2.4"), record("3.1.0")], record("2.2.4", "new"));
    assert.throws(() => requireReadable([record("3.1.0")], record("2.2.4", "new")), newer("3.1.0", "2.2.4"));
  });

  it("is none without its table", async () => {
    const query = () => Promise.resolve([{ version: "2.5.1", checksum: "x", isComplete: 0 }]);
    assert.deepEqual(await readRecords(query, [table("users")]), []);
    assert.deepEqual(await readRecords(query, [table("platform_schema")]), [record("2.5.1", "x")]);
  });

  const statements = async (work: (query: (statement: string) => Promise<never[]>) => Promise<unknown>) => {
    const made: string[] = [];
    await work((statement) => {
      made.push(statement.split(/\s+/).slice(0, 8).join(" "));
      return Promise.resolve([]);
    });
    return made;
  };

  it("of an older program gets a column for the end of an upgrade, and can be read without it", async () => {
    const old = [table("platform_schema", [column("nacos_version", "text")])];
    const add = "ALTER TABLE nacos.platform_schema ADD COLUMN completed_at datetime";
    assert.ok((await statements((query) => writeRecord(query, old, record("3.1.0")))).includes(add));
    assert.match((await statements((query) => readRecords(query, old)))[0], /NULL$/);
    const present = [table("platform_schema", [column("completed_at", "datetime")])];
    assert.ok(!(await statements((query) => writeRecord(query, present, record("3.1.0")))).includes(add));
    assert.match((await statements((query) => readRecords(query, present)))[0], /completed_at$/);
  });

  it("has the end of an upgrade until a version of 2.x is recorded", async () => {
    const set = "UPDATE nacos.platform_schema SET completed_at =";
    assert.deepEqual(await statements((query) => recordComplete(query, "3.1.0")), [
      `${set} CURRENT_TIMESTAMP WHERE nacos_version`,
    ]);
    assert.ok((await statements((query) => writeRecord(query, [], record("2.5.3")))).includes(`${set} NULL`));
    assert.ok(!(await statements((query) => writeRecord(query, [], record("3.1.0")))).includes(`${set} NULL`));
  });
});

describe("a database without a record", () => {
  const ships = [table("users", [column("name", "text")]), table("roles")];
  const check = (...here: Parameters<typeof requireShipped>[0]) => requireShipped(here, ships, ["left"], "2.5.1");

  it("is completed if all that it has ships, or was left by an earlier version", () => {
    check();
    check(table("users"), table("left", [column("x", "int")]), table("platform_administrator"));
  });

  it("is refused with a table or a column that does not ship", () => {
    const message = (tables: string, columns: string): string =>
      `the database has no record of a Nacos version, and has objects that the schema of 2.5.1 lacks: tables (${tables}), columns (${columns}). If it belongs to another Nacos version, deploy that version first; if to something else, give Nacos an empty database`;
    assert.throws(
      () => check(table("orders"), table("shops")),
      refusedWith("SCHEMA_DATABASE_FOREIGN", message("orders, shops", "")),
    );
    assert.throws(
      () => check(table("orders"), table("users", [column("name", "text"), column("age", "int"), column("x", "int")])),
      refusedWith("SCHEMA_DATABASE_FOREIGN", message("orders", "users age, users x")),
    );
  });
});
