import assert from "node:assert/strict";
import { isLocal, tlsAt } from "../../../../clients/mysql/local";

describe("the way to MySQL", () => {
  it("is trusted if it begins on this machine, and only then", () => {
    assert.deepEqual(tlsAt("127.0.0.1:13306", "PEM"), { rejectUnauthorized: false });
    for (const endpoint of ["mysql.example.com:3306", "127.0.0.1.example.com:3306", "10.0.0.1:3306"]) {
      assert.equal(isLocal(endpoint), false, endpoint);
      assert.deepEqual(tlsAt(endpoint, "PEM"), { ca: "PEM", verifyIdentity: true });
    }
  });
});
