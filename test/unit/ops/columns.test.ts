import assert from "node:assert/strict";
import { columns } from "../../../ops/columns";

describe("A table of a command", () => {
  it("has columns as wide as their longest cell, and no spaces at the end of a line", () => {
    assert.equal(
      columns([
        ["SERVER", "IS", "BEHIND"],
        ["mysql-0", "writable", ""],
        ["mysql-1", "", "0 s"],
      ]),
      ["SERVER   IS        BEHIND", "mysql-0  writable", "mysql-1            0 s"].join("\n"),
    );
  });
});
