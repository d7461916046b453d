import { createConnection, type ConnectionOptions } from "mysql2";
import type { Connection } from "mysql2/promise";

/**
 * Signs in within `connectTimeout` milliseconds, from the first packet to the last.
 *
 * @throws the reason; the socket is closed then, which the library leaves open: a program would never end for it.
 */
export function connect(options: ConnectionOptions & { connectTimeout: number }): Promise<Connection> {
  // The library would read its version from a JSON file, which a bundle does not carry.
  const connection = createConnection({ ...options, connectAttributes: { program_name: "nacos-platform", _client_version: "" } });
  connection.on("error", () => undefined); // told to the one who signs in, and to the next statement
  return new Promise((resolve, reject) => {
    connection.connect((error) => {
      if (error === null) return resolve(connection.promise());
      connection.destroy();
      reject(error);
    });
  });
}
