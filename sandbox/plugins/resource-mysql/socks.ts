import { once } from "node:events";
import * as net from "node:net";

const VERSION = 5;
const CONNECT = 1;
const NAME = 3;
const NO_LOGIN = 0;
const LOGIN = 2;
/** Bytes of the address in an answer, by its type: IPv4, IPv6. A name gives its own length. */
const ADDRESS_LENGTHS: Record<number, number> = { 1: 4, 4: 16 };

/** Opens a connection to a host through a SOCKS 5 proxy, which looks the name up. */
export async function connectThroughProxy(
  proxy: URL,
  host: string,
  port: number,
  timeoutMs: number,
): Promise<net.Socket> {
  const socket = net.connect({ host: proxy.hostname, port: Number(proxy.port) });
  socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`proxy ${proxy.host} does not answer`)));
  try {
    await once(socket, "connect");
    const hasLogin = proxy.username !== "";
    socket.write(Buffer.from([VERSION, 1, hasLogin ? LOGIN : NO_LOGIN]));
    const [, method] = await read(socket, 2);
    if (method !== (hasLogin ? LOGIN : NO_LOGIN)) throw new Error(`proxy ${proxy.host} offers no fitting login`);
    if (hasLogin) {
      socket.write(
        Buffer.concat([
          Buffer.from([1]),
          counted(decodeURIComponent(proxy.username)),
          counted(decodeURIComponent(proxy.password)),
        ]),
      );
      const [, refused] = await read(socket, 2);
      if (refused !== 0) throw new Error(`proxy ${proxy.host} refuses the login`);
    }
    socket.write(
      Buffer.concat([Buffer.from([VERSION, CONNECT, 0, NAME]), counted(host), Buffer.from([port >> 8, port & 0xff])]),
    );
    const [, failure, , type] = await read(socket, 4);
    if (failure !== 0) throw new Error(`proxy ${proxy.host} cannot reach ${host}:${port} (code ${failure})`);
    const address = ADDRESS_LENGTHS[type] ?? (await read(socket, 1))[0];
    await read(socket, address + 2);
    return socket.setTimeout(0);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function counted(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

/** Reads exactly this many bytes, because what follows is the server's greeting. */
async function read(socket: net.Socket, size: number): Promise<Buffer> {
  for (;;) {
    const bytes = socket.read(size) as Buffer | null;
    if (bytes?.length === size) return bytes;
    if (socket.destroyed) throw new Error("the proxy closed the connection");
    const other = new AbortController();
    await Promise.race(["readable", "close"].map((event) => once(socket, event, { signal: other.signal }))).finally(
      () => other.abort(),
    );
  }
}
