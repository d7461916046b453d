/**
 * Brings Nacos' database to the schema of the version that is deployed, and creates Nacos' administrator: `schema.js`.
 * `schema.js end` ends an upgrade between 2.x and 3.x, or the return from it.
 *
 * Exit status 3: this version must not change the database; trying again does not help.
 */
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import type { Connection, RowDataPacket } from "mysql2/promise";
import { login, loginToWritable, patiently, type Server } from "../../clients/mysql/writable";
import { SCRATCH_DATABASE } from "../../contract/accounts";
import { parseCredentials, type Credentials } from "../../contract/credentials";
import { Failure, Refusal, withCode } from "../../contract/refusal";
import { requireBcrypt } from "./administrator";
import { applySchema, type Session } from "./apply";
import { endUpgrade } from "./end";
import { requireOneDatabase, withoutCharacterSets } from "./shipped";

/** The files in the pod. */
const FILES = {
  shipped: "/schema/mysql-schema.sql",
  credentials: "/credentials/credentials.json",
  administrator: "/admin/passwordHash",
  ca: "/ca/ca.crt",
} as const;

const PATIENCE_MS = 240_000;
/** A statement may copy a table for hours. Nothing passes over the connection meanwhile, and it must not be forgotten on its way. */
const KEEP_ALIVE_MS = 60_000;

/**
 * Logs in as soon as the server is writable.
 *
 * @throws Failure with the last answer, after `patienceMs`
 */
export function connectionTo(server: Server, credentials: Credentials, patienceMs: number): Promise<Connection> {
  return patiently(
    patienceMs,
    () => loginToWritable(server, credentials, { keepAliveInitialDelay: KEEP_ALIVE_MS }),
    (answer) =>
      new Failure(
        "SCHEMA_MYSQL_NOT_WRITABLE",
        `MySQL was not writable within ${patienceMs / 1000}s; the last answer: ${answer.message || String(answer)}`,
        { cause: answer },
      ),
  );
}

function sessionOf(connection: Connection, server: Server, credentials: Credentials): Session {
  return {
    query: async (statement, values) => {
      const [rows] = await connection.query<RowDataPacket[]>(statement, values && [...values]);
      return rows;
    },
    load: async (statements) => {
      const loader = await login(server, credentials, {
        database: SCRATCH_DATABASE,
        multipleStatements: true,
        // As MySQL's own client: with it, a table may not have the name of a function.
        flags: ["-IGNORE_SPACE"],
      });
      try {
        await loader.query(statements);
      } finally {
        loader.destroy();
      }
    },
  };
}

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`the environment variable ${name} is missing`);
  return value;
}

/** How the program ends after an error: the last line of its log, with a code, and its exit status. */
export function ending(error: unknown): { readonly line: string; readonly status: number } {
  if (!(error instanceof Refusal)) return ending(new Failure("SCHEMA_FAILED", (error as Error).message));
  const refused = !(error instanceof Failure);
  return { line: `schema: ${refused ? "refused: " : ""}${withCode(error)}`, status: refused ? 3 : 1 };
}

const read = (file: string): string => fs.readFileSync(file, "utf8");

/** Does something in the database, as soon as the server is writable. */
async function inDatabase(work: (session: Session, say: (line: string) => void) => Promise<void>): Promise<void> {
  const server = { host: required("MYSQL_HOST"), port: Number(required("MYSQL_PORT")), ca: read(FILES.ca) };
  const credentials = parseCredentials(read(FILES.credentials));
  const connection = await connectionTo(server, credentials, PATIENCE_MS);
  try {
    await work(sessionOf(connection, server, credentials), (line) => console.log(`schema: ${line}`));
  } finally {
    connection.destroy();
  }
}

async function main([action]: readonly string[]): Promise<void> {
  const version = required("NACOS_VERSION");
  if (action === "end") return inDatabase(({ query }, say) => endUpgrade(query, version, say));
  const shipped = fs.readFileSync(FILES.shipped);
  requireOneDatabase(shipped.toString(), FILES.shipped, version);
  const administrator = { name: required("NACOS_ADMIN"), hash: read(FILES.administrator).trimEnd() };
  requireBcrypt(administrator.hash);
  const task = {
    version,
    checksum: createHash("sha256").update(shipped).digest("hex"),
    shipped: withoutCharacterSets(shipped.toString()),
    administrator,
    isUpgrade: ["hold", "complete"].includes(required("SERIES_UPGRADE")),
  };
  return inDatabase((session, say) => applySchema(session, task, say));
}

if (require.main === module) {
  main(process.argv.slice(2)).catch((error: unknown) => {
    const { line, status } = ending(error);
    console.error(line);
    process.exitCode = status;
  });
}
