import assert from "node:assert/strict";
import { loginToWritable, patiently } from "../../../../clients/mysql/writable";
import { Refusal } from "../../../../contract/refusal";
import { refusing } from "../../../support/refusing-server";

describe("patience with a server", () => {
  const late = (answer: Error): Error => new Error(`too late: ${answer.message}`);

  it("ends with the first success", async () => {
    let attempts = 0;
    const attempt = (): Promise<string> =>
      ++attempts === 1 ? Promise.reject(new Error("it is read-only")) : Promise.resolve("done");
    assert.equal(await patiently(60_000, attempt, late), "done");
    assert.equal(attempts, 2);
  });

  it("ends after its time, with the last answer", () =>
    assert.rejects(
      patiently(0, () => Promise.reject(new Error("it is read-only")), late),
      { message: "too late: it is read-only" },
    ));

  it("ends at once with a refusal", () =>
    assert.rejects(
      patiently(60_000, () => Promise.reject(new Refusal("MYSQL_PASSWORD_REFUSED", "wrong password")), late),
      { message: "wrong password" },
    ));
});

describe("a login to a writable server", () => {
  it("fails with the server's answer", () =>
    refusing(1040, "Too many connections", (port) =>
      assert.rejects(loginToWritable({ host: "127.0.0.1", port, ca: "" }, { user: "x", password: "SECRET" }), {
        errno: 1040,
        message: "Too many connections",
      }),
    ));
});
