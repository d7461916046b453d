import assert from "node:assert/strict";
import { connectionTo } from "../../../../runtime/nacos-schema/main";
import { refusing } from "../../../support/refusing-server";

describe("the schema step's login", () => {
  for (const [code, answer] of [
    [1040, "Too many connections"],
    [1045, "Access denied"],
  ] as const) {
    it(`is repeated after "${answer}", which is reported at the end, without the password`, () =>
      refusing(code, answer, (port) =>
        assert.rejects(connectionTo({ host: "127.0.0.1", port, ca: "" }, { user: "x", password: "SECRET" }, 0), {
          message: `MySQL was not writable within 0s; the last answer: ${answer}`,
        }),
      ));
  }
});
