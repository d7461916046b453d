import * as fs from "node:fs";
import type { Connection, RowDataPacket } from "mysql2/promise";
import { connect } from "../../../ops/mysql/connect";

/** What the writer found at the end, its only line on standard output. */
export interface Written {
  /** Rows that the server acknowledged. */
  readonly acknowledged: number;
  /** Those of them that are not there. */
  readonly missing: number;
  /** Longest time from one acknowledgement to the next, in milliseconds. */
  readonly longestGapMs: number;
}

/** A write that is not answered for so long is given up, and may be there or not. */
const PATIENCE_MS = 2000;
/** How long the look at the end may take, and be tried. */
const LAST_MS = 30_000;

/**
 * Runs in a pod: `writer.js HOST`, with the account of /account. Inserts one row after the other until /tmp/stop is
 * there, connecting anew after every failure, as a connection pool does; then looks for every row that was acknowledged.
 */
async function main(): Promise<void> {
  const [host] = process.argv.slice(2);
  const [user, password] = ["username", "password"].map((file) => fs.readFileSync(`/account/${file}`, "utf8"));
  const signIn = (): Promise<Connection> => connect({ host, user, password, database: "nacos", ssl: { rejectUnauthorized: false }, connectTimeout: 1000 });
  const run = Date.now();
  const told: number[] = [];
  let connection: Connection | undefined;
  let last = Date.now();
  let longestGapMs = 0;
  for (let row = 0; !fs.existsSync("/tmp/stop"); row++) {
    try {
      connection ??= await signIn();
      await connection.query({ sql: "INSERT INTO users (username, password, enabled) VALUES (?, '-', FALSE)", timeout: PATIENCE_MS }, [`${run}-${row}`]);
      told.push(row);
      longestGapMs = Math.max(longestGapMs, Date.now() - last);
      last = Date.now();
    } catch {
      connection?.destroy();
      connection = undefined;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  // The roles may change once more meanwhile.
  const insist = async <T>(work: (established: Connection) => Promise<T>): Promise<T> => {
    for (const deadline = Date.now() + LAST_MS; ;) {
      try {
        connection ??= await signIn();
        return await work(connection);
      } catch (error) {
        connection?.destroy();
        connection = undefined;
        if (Date.now() > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  };
  const [rows] = await insist((established) => established.query<RowDataPacket[]>({ sql: "SELECT username FROM users WHERE username LIKE ?", timeout: LAST_MS }, [`${run}-%`]));
  const found = new Set(rows.map(({ username }) => Number((username as string).split("-")[1])));
  await insist((established) => established.query({ sql: "DELETE FROM users WHERE username LIKE ?", timeout: LAST_MS }, [`${run}-%`]));
  const written: Written = { acknowledged: told.length, missing: told.filter((row) => !found.has(row)).length, longestGapMs };
  console.log(JSON.stringify(written));
  connection?.destroy();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
