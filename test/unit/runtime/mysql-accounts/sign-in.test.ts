import assert from "node:assert/strict";
import * as net from "node:net";
import { passwordRefused } from "../../../../contract/password-refused";
import { openSession } from "../../../../runtime/mysql-accounts/sign-in";
import { refused } from "../../../support/refusal";

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
const open = (port: number, patienceMs: number) => openSession({ host: "127.0.0.1", port, ca: "" }, administrator, (server, user) => passwordRefused(server, user, "nacos-x"), patienceMs);

describe("the administrator's session in MySQL", () => {
  it("is refused at once for a wrong password, with the fix and without the password", () => refusing(1045, "Access denied", async (port) => {
    await assert.rejects(open(port, 600_000), (error: Error) => {
      assert.doesNotMatch(error.message, /SECRET/);
      return refused("MYSQL_PASSWORD_REFUSED", `127.0.0.1:${port}`, "platform_admin", "kubectl --namespace nacos-x delete pods")(error);
    });
  }));

  it("is waited for otherwise, and the last answer is told", () => refusing(1040, "Too many connections", async (port) => {
    await assert.rejects(open(port, 0), refused("MYSQL_NOT_WRITABLE", `127.0.0.1:${port}`, "0 s", "Too many connections"));
  }));
});
