import * as net from "node:net";

/** A server that answers whoever comes with an error of MySQL's. It is closed when the work ends. */
export async function refusing(code: number, message: string, work: (port: number) => Promise<void>): Promise<void> {
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
