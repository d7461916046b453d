import { randomUUID } from "node:crypto";
import { ACCOUNTS } from "../../../contract/accounts";
import { MYSQL_PORT } from "../../../contract/ports";
import { Server } from "../../../runtime/mysql-controller/server";
import { CLIENT, Installation, PASSWORD, type Mysqld } from "./mysqld";
import type { Client, Pair, Tested } from "./pair";

/**
 * Real servers for the tests of the surrounding `describe`.
 *
 * @param archive where MySQL's image is; it is called once, when the tests begin.
 */
export function useRealServers(archive: () => string): () => Promise<Pair> {
  let installation: Installation | undefined;
  after(() => installation?.remove());
  return () => realPair((installation ??= new Installation(archive())));
}

async function realPair(installation: Installation): Promise<Pair> {
  const servers = [await installation.start(), await installation.start()];
  const control = { user: ACCOUNTS.control, password: PASSWORD };
  const [first, second] = servers.map(
    (mysqld): Tested =>
      tested(
        mysqld,
        new Server(
          mysqld.name,
          mysqld.host,
          () => Promise.resolve({ host: mysqld.host, port: MYSQL_PORT }),
          control,
          () => installation.ca,
        ),
      ),
  );
  return {
    tested: [first, second],
    topology: {
      servers: [first.server, second.server],
      control,
      replication: { user: ACCOUNTS.replication, password: PASSWORD },
      declaration: {
        read: () => Promise.resolve({ primary: "mysql-0", version: "1" }),
        write: () => Promise.reject(new Error("the contract declares no primary")),
      },
      notebook: { notes: {}, note: () => Promise.resolve() },
      semiSync: "required",
      log: () => undefined,
    },
    client: CLIENT,
    remove: async () => {
      for (const server of servers) await server.remove();
    },
  };
}

function tested(mysqld: Mysqld, server: Server): Tested {
  return {
    server,
    connect: async (): Promise<Client> => {
      const connection = await mysqld.connect();
      connection.on("error", () => undefined); // the next commit reports it
      return {
        id: connection.threadId,
        commit: async (row = randomUUID()) =>
          void (await connection.query("INSERT INTO contract.items VALUES (?)", [row])),
      };
    },
    setLocked: async (isLocked) =>
      void (await mysqld.administrate(
        `ALTER USER '${ACCOUNTS.replication}'@'%' ACCOUNT ${isLocked ? "LOCK" : "UNLOCK"}`,
      )),
    purge: async () => {
      await server.run("FLUSH LOCAL BINARY LOGS");
      await mysqld.administrate("PURGE BINARY LOGS BEFORE NOW() + INTERVAL 1 DAY");
    },
    logs: () => mysqld.administrate("SHOW BINARY LOGS").then((logs) => logs.length),
    kill: () => mysqld.kill(),
    start: () => mysqld.start(),
  };
}
