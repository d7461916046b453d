import assert from "node:assert/strict";
import type { ErrorCode } from "../../../../contract/error-codes";
import { readRecords, requireNoNewer, requireShipped } from "../../../../runtime/nacos-schema/records";
import { refused } from "../../../support/refusal";
import { column, table } from "./examples";

const record = (version: string, checksum = "other") => ({ version, checksum });
const refusedWith = (code: ErrorCode, message: string) => (error: unknown) => {
  refused(code)(error);
  assert.equal((error as Error).message, message);
  return true;
};

describe("the record of a schema", () => {
  it("allows the same version, older ones, and a newer one that ships the same file", () => {
    requireNoNewer([record("2.5.1"), record("2.5.0"), record("3.1.0", "same")], record("2.5.1", "same"));
    requireNoNewer([], record("2.5.1"));
  });

  it("refuses a newer version", () =>
    assert.throws(
      () => requireNoNewer([record("2.2.4"), record("9.9.9")], record("2.5.1", "same")),
      refusedWith(
        "SCHEMA_DATABASE_NEWER",
        "the database has the schema of Nacos 9.9.9, which is newer than 2.5.1. Deploy 9.9.9 or newer, or restore a backup that was made with 2.5.1",
      ),
    ));

  it("is none without its table", async () => {
    const query = () => Promise.resolve([{ version: "2.5.1", checksum: "x" }]);
    assert.deepEqual(await readRecords(query, [table("users")]), []);
    assert.deepEqual(await readRecords(query, [table("platform_schema")]), [{ version: "2.5.1", checksum: "x" }]);
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
