import * as fs from "node:fs";
import type { Connection, RowDataPacket } from "mysql2/promise";
import { connect } from "../../../clients/mysql/connect";

/** What the writer found at the end, its only line on standard output. */
export interface Written {
  /** Rows that the server acknowledged. */
  readonly acknowledged: number;
  /** Acknowledged rows that are missing. */
  readonly missing: number;
  /** Longest time from one acknowledgement to the next, in milliseconds. */
  readonly longestGapMs: number;
  /** When that gap ended, in milliseconds since 1970. */
  readonly gapEndedAt: number;
}

/** How long a connection may take. */
const CONNECT_MS = 500;
/** Pause between two attempts. If a Service has no server, Linux refuses a few connections a second and lets the others time out. */
const BETWEEN_MS = 150;
/** A write that is not answered within this time is given up. It may be committed or not. */
const PATIENCE_MS = 2000;
/** How long the check at the end may take, and how long it is retried. */
const LAST_MS = 30_000;
/** How long no write may be acknowledged at the end. */
const BACK_MS = 90_000;

/** Gives up a step that its own timeout does not end, as on a network that drops everything. */
function within<T>(milliseconds: number, step: Promise<T>): Promise<T> {
  return Promise.race([
    step,
    new Promise<never>((_, reject) =>
      setTimeout(() => reject(new Error(`not done within ${milliseconds} ms`)), milliseconds),
    ),
  ]);
}

/**
 * Runs in a pod: `writer.js HOST`, with the account of /account. Inserts one row after the other, and reconnects after every
 * failure, as a connection pool does. Creates /tmp/writing once a row is acknowledged. Once /tmp/stop exists, it ends with the
 * next acknowledged row. Then it looks for every row that was acknowledged.
 */
async function main(): Promise<void> {
  const [host] = process.argv.slice(2);
  const [user, password] = ["username", "password"].map((file) => fs.readFileSync(`/account/${file}`, "utf8"));
  const signIn = (): Promise<Connection> =>
    connect({
      host,
      user,
      password,
      database: "nacos",
      ssl: { rejectUnauthorized: false },
      connectTimeout: CONNECT_MS,
    });
  const run = Date.now();
  const told: number[] = [];
  let connection: Connection | undefined;
  let last = Date.now();
  let longestGapMs = 0;
  let gapEndedAt = 0;
  let stopAt = Infinity;
  for (let [row, over] = [0, false]; !over; row++) {
    if (stopAt === Infinity && fs.existsSync("/tmp/stop")) stopAt = Date.now();
    if (Date.now() > stopAt + BACK_MS)
      throw new Error(`no write was acknowledged within ${BACK_MS / 1000} s at the end`);
    try {
      connection ??= await within(PATIENCE_MS, signIn());
      await within(
        PATIENCE_MS,
        connection.query("INSERT INTO users (username, password, enabled) VALUES (?, '-', FALSE)", [`${run}-${row}`]),
      );
      told.push(row);
      const now = Date.now();
      if (told.length > 1 && now - last > longestGapMs) [longestGapMs, gapEndedAt] = [now - last, now];
      last = now;
      if (told.length === 1) fs.writeFileSync("/tmp/writing", "");
      over = last >= stopAt;
    } catch {
      connection?.destroy();
      connection = undefined;
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
    }
  }
  // The roles may change once more meanwhile.
  const insist = async <T>(work: (established: Connection) => Promise<T>): Promise<T> => {
    for (const deadline = Date.now() + LAST_MS; ; ) {
      try {
        connection ??= await within(PATIENCE_MS, signIn());
        return await within(LAST_MS, work(connection));
      } catch (error) {
        connection?.destroy();
        connection = undefined;
        if (Date.now() > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  };
  const [rows] = await insist((established) =>
    established.query<RowDataPacket[]>("SELECT username FROM users WHERE username LIKE ?", [`${run}-%`]),
  );
  const found = new Set(rows.map(({ username }) => Number((username as string).split("-")[1])));
  await insist((established) => established.query("DELETE FROM users WHERE username LIKE ?", [`${run}-%`]));
  const written: Written = {
    acknowledged: told.length,
    missing: told.filter((row) => !found.has(row)).length,
    longestGapMs,
    gapEndedAt,
  };
  console.log(JSON.stringify(written));
  connection?.destroy();
}

// A socket to a server that is cut off would keep the process alive.
main().then(
  () => process.exit(),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
