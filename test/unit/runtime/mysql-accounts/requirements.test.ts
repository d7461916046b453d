import assert from "node:assert/strict";
import { shortcomings } from "../../../../runtime/mysql-accounts/requirements";

describe("an external MySQL server", () => {
  const fit = { logs: 1, gtidMode: "ON", connections: 100 };
  const judge = (version: string, server: Partial<typeof fit> = {}): Promise<string[]> =>
    shortcomings(
      (statement) => Promise.resolve([statement.includes("log_bin") ? { ...fit, ...server } : { version }]),
      80,
    );

  for (const version of ["8.0.22", "8.0.40-azure", "8.4.6", "9.7.4", "10.0.0"]) {
    it(`may be of version ${version}`, async () => assert.deepEqual(await judge(version), []));
  }

  for (const version of ["5.7.44-log", "8.0.21", "11.4.2-MariaDB-log"]) {
    it(`may not be of version ${version}`, async () =>
      assert.deepEqual(await judge(version), [`its version is ${version}, and 8.0.22 or newer is needed`]));
  }

  const faults: [Partial<typeof fit>, RegExp][] = [
    [{ logs: 0 }, /^log_bin is OFF/],
    [{ gtidMode: "OFF_PERMISSIVE" }, /^gtid_mode is OFF_PERMISSIVE/],
    [{ connections: 79 }, /^max_connections is 79, and the platform may open 80/],
  ];
  for (const [server, message] of faults) {
    it(`lacks what it lacks with ${JSON.stringify(server)}, and nothing else`, async () => {
      const found = await judge("8.4.6", server);
      assert.equal(found.length, 1);
      assert.match(found[0], message);
    });
  }

  it("is told of everything at once", async () =>
    assert.equal((await judge("8.4.6", { logs: 0, gtidMode: "OFF", connections: 1 })).length, faults.length));
});
