import assert from "node:assert/strict";
import { inTime } from "../../../../runtime/mysql-controller/server";

describe("an answer of a server", () => {
  it("is awaited as long as the statement may take, also if it is never sent", async () => {
    const never = new Promise<string>(() => undefined);
    await assert.rejects(inTime(never, 20), { code: "PROTOCOL_SEQUENCE_TIMEOUT", message: "no answer within 0.02 s" });
  });

  it("is passed on, and so is an error", async () => {
    assert.equal(await inTime(Promise.resolve("rows"), 1000), "rows");
    await assert.rejects(inTime(Promise.reject(new Error("denied")), 1000), /denied/);
  });

  it("may take as long as it needs if there is no limit", async () => {
    const answer = new Promise<string>((resolve) => setTimeout(() => resolve("rows"), 5));
    assert.equal(await inTime(answer, 0), "rows");
  });
});
