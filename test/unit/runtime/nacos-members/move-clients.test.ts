import assert from "node:assert/strict";
import { moveClients } from "../../../../runtime/nacos-members/move-clients";

describe("Clients that are moved", () => {
  const ids = Array.from({ length: 50 }, (_, number) => `client-${number}`);

  it("are told some at a time, and those that fail do not count", async () => {
    let atOnce = 0;
    let most = 0;
    const server = {
      moveClient: async (id: string) => {
        most = Math.max(most, ++atOnce);
        await Promise.resolve();
        atOnce--;
        if (id === "client-7") throw new Error("gone");
      },
    };
    assert.equal(await moveClients(server, ids, { to: "nacos-0", now: () => 0, until: 1 }), 49);
    assert.equal(most, 20);
  });

  it("are left when the time is over", async () => {
    let now = 0;
    const server = { moveClient: () => Promise.resolve(void now++) };
    assert.equal(await moveClients(server, ids, { to: "nacos-0", now: () => now, until: 30 }), 40);
  });
});
