import { createConnection, type ConnectionOptions } from "mysql2";
import type { Connection } from "mysql2/promise";

/**
 * Signs in within so many milliseconds, from the first packet to the last: the library's own limit (`connectTimeout`) ends
 * with the server's first word, and a server that dies right after it would be waited for without an end.
 *
 * @throws the reason; the socket is closed then.
 */
export function connect(options: ConnectionOptions, patienceMs: number): Promise<Connection> {
  const connection = createConnection({
    connectTimeout: patienceMs,
    ...options,
    // The library would read its version from a JSON file, which a bundle does not carry.
    connectAttributes: { program_name: "nacos-platform", _client_version: "" },
  });
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      clearTimeout(timer);
      // A refused one would stay open, and the program with it.
      connection.destroy();
      reject(error);
    };
    const timer = setTimeout(() => fail(Object.assign(new Error(`no connection within ${patienceMs} ms`), { code: "ETIMEDOUT" })), patienceMs);
    connection.on("error", fail);
    connection.connect((error) => {
      if (error !== null) return fail(error);
      clearTimeout(timer);
      connection.off("error", fail);
      connection.on("error", () => undefined); // the next statement fails, and says why
      resolve(connection.promise());
    });
  });
}
