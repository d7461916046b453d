import assert from "node:assert/strict";
import * as net from "node:net";
import type { AddressInfo } from "node:net";
import { connect } from "../../../../clients/mysql/connect";

/** A server that says its first word, and then nothing. */
function silentAfterGreeting(): Promise<{ server: net.Server; closed: Promise<void> }> {
  const body = Buffer.concat([
    Buffer.from([10]),
    Buffer.from("8.4.7\0"),
    Buffer.from([1, 0, 0, 0]),
    Buffer.from("saltsalt\0"),
    Buffer.from([0xff, 0xf7, 0xff, 0x02, 0x00, 0x0f, 0x80, 21]),
    Buffer.alloc(10),
    Buffer.from("moresaltsalt\0"),
    Buffer.from("mysql_native_password\0"),
  ]);
  let done: () => void;
  const closed = new Promise<void>((resolve) => (done = resolve));
  const server = net.createServer((socket) => {
    socket
      .on("error", () => undefined)
      .on("close", () => done())
      .resume();
    socket.write(Buffer.concat([Buffer.from([body.length, 0, 0, 0]), body]));
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve({ server, closed })));
}

describe("signing in to MySQL", () => {
  it("is given up if the server sends nothing after its first packet, and leaves no socket open", async () => {
    const { server, closed } = await silentAfterGreeting();
    try {
      const { port } = server.address() as AddressInfo;
      await assert.rejects(
        connect({ host: "127.0.0.1", port, user: "x", password: "x", connectTimeout: 100 }),
        /ETIMEDOUT/,
      );
      await closed;
    } finally {
      server.close();
    }
  });

  it("fails at once if nothing listens", () =>
    assert.rejects(
      connect({ host: "127.0.0.1", port: 1, user: "x", password: "x", connectTimeout: 10_000 }),
      /ECONNREFUSED/,
    ));
});
