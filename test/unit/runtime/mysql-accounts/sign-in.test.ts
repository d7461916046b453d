import assert from "node:assert/strict";
import * as net from "node:net";
import { openSession } from "../../../../runtime/mysql-accounts/sign-in";

/** A server that answers whoever comes with an error of MySQL's. */
async function refusing(code: number, message: string, work: (port: number) => Promise<void>): Promise<void> {
  const body = Buffer.concat([Buffer.from([0xff, code & 0xff, code >> 8]), Buffer.from(`#28000${message}`)]);
  const server = net.createServer((socket) => {
    socket.on("error", () => undefined).resume();
    socket.end(Buffer.concat([Buffer.from([body.length, 0, 0, 0]), body]));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await work((server.address() as net.AddressInfo).port);
  } finally {
    server.close();
  }
}

const administrator = { user: "platform_admin", password: "SECRET" };

describe("the administrator's session in MySQL", () => {
  it("is refused at once for a wrong password, with the fix and without the password", () => refusing(1045, "Access denied", async (port) => {
    await assert.rejects(openSession({ host: "127.0.0.1", port, ca: "" }, administrator, "do this", 600_000), { message: `MySQL at 127.0.0.1:${port} refuses the password of platform_admin: do this` });
  }));

  it("is waited for otherwise, and the last answer is told", () => refusing(1040, "Too many connections", async (port) => {
    await assert.rejects(openSession({ host: "127.0.0.1", port, ca: "" }, administrator, "do this", 0), new RegExp(`^Error: MySQL at 127.0.0.1:${port} was not writable within 0 s; the last answer: .*Too many connections`));
  }));
});
