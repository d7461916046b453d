import { escape } from "mysql2";
import type { Server } from "./server";
import type { Topology } from "./topology";

/**
 * The folder for a clone, next to the data that the server runs on. The start script swaps the two at the next start. The
 * folder's name tells the script what to do with the old logs.
 */
const TARGETS = { discard: "/var/lib/mysql/cloned", keep: "/var/lib/mysql/cloned-keep-logs" } as const;

/** ER_DB_CREATE_EXISTS */
const FOLDER_EXISTS = 1007;
/** The time that a clone takes depends on the size of the data. */
const LONGEST_MS = 24 * 3_600_000;

/**
 * Replaces a server's data with a clone of another server's data, then restarts the server. The old data stay until the
 * clone is complete.
 *
 * @param logs what happens to the old binary and relay logs: `keep` if they hold transactions that no other server has.
 */
export async function cloneFrom(
  topology: Topology,
  server: Server,
  donor: Server,
  logs: keyof typeof TARGETS,
): Promise<void> {
  const { user, password } = topology.control;
  const long = server.another();
  try {
    await long.run(
      "SET GLOBAL super_read_only = ON",
      "STOP REPLICA",
      `SET GLOBAL clone_valid_donor_list = ${escape(`${donor.host}:3306`)}`,
    );
    await long.query(
      `CLONE INSTANCE FROM ${escape(user)}@${escape(donor.host)}:3306 IDENTIFIED BY ${escape(password)} DATA DIRECTORY = ${escape(TARGETS[logs])} REQUIRE SSL`,
      [],
      LONGEST_MS,
    );
    await long.run("SHUTDOWN");
  } catch (error) {
    if ((error as { errno?: number }).errno === FOLDER_EXISTS) {
      topology.log(
        `${server.name} restarts, because an earlier clone has left its folder: a complete clone is used, an incomplete one removed`,
      );
      await long.run("SHUTDOWN");
    }
    throw error;
  } finally {
    long.close();
  }
}
