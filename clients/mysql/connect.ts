import { createConnection, type ConnectionOptions } from "mysql2";
import type { Connection } from "mysql2/promise";

/**
 * Logs in within `connectTimeout` milliseconds, from the first packet to the last.
 *
 * @throws the reason. The socket is then closed: the library leaves it open, and the program would never end.
 */
export function connect(options: ConnectionOptions & { connectTimeout: number }): Promise<Connection> {
  // The library would read its version from a JSON file, which a bundle does not contain.
  const connection = createConnection({
    ...options,
    connectAttributes: { program_name: "nacos-platform", _client_version: "" },
  });
  connection.on("error", () => undefined); // the login, or the next statement, receives it
  return new Promise((resolve, reject) => {
    connection.connect((error) => {
      if (error === null) return resolve(connection.promise());
      connection.destroy();
      reject(error);
    });
  });
}
