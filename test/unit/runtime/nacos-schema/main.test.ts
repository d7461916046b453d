import assert from "node:assert/strict";
import { Failure, Refusal } from "../../../../contract/refusal";
import { connectionTo, ending } from "../../../../runtime/nacos-schema/main";
import { refusing } from "../../../support/refusing-server";

describe("the schema step's login", () => {
  for (const [code, answer] of [
    [1040, "Too many connections"],
    [1045, "Access denied"],
  ] as const) {
    it(`is repeated after "${answer}", which is reported at the end, without the password`, () =>
      refusing(code, answer, (port) =>
        assert.rejects(connectionTo({ host: "127.0.0.1", port, ca: "" }, { user: "x", password: "SECRET" }, 0), {
          code: "SCHEMA_MYSQL_NOT_WRITABLE",
          message: `MySQL was not writable within 0s; the last answer: ${answer}`,
        }),
      ));
  }
});

describe("the end of the schema step", () => {
  it("has status 3 if this version must not change the database", () =>
    assert.deepEqual(ending(new Refusal("SCHEMA_DATABASE_NEWER", "it is newer")), {
      line: "schema: refused: it is newer [SCHEMA_DATABASE_NEWER: docs/runbooks/nacos-schema.md]",
      status: 3,
    }));

  it("has status 1 after a failure, with its code", () =>
    assert.deepEqual(ending(new Failure("SCHEMA_TABLE_NOT_CHANGED", "users cannot be changed")), {
      line: "schema: users cannot be changed [SCHEMA_TABLE_NOT_CHANGED: docs/runbooks/nacos-schema.md]",
      status: 1,
    }));

  it("has status 1 and code SCHEMA_FAILED after any other error", () =>
    assert.deepEqual(ending(new Error("the connection is lost")), {
      line: "schema: the connection is lost [SCHEMA_FAILED: docs/runbooks/nacos-schema.md]",
      status: 1,
    }));
});
