import { GtidSet } from "../gtid-set";
import type { Query } from "./server";
import { DATABASES, endSession, MAX_PACKET, OWN_SESSION, READ_ONLY, SESSIONS, TRANSACTIONS } from "./statements";

/** What the primary has, before anything is restored there. */
export interface Primary {
  readonly executed: GtidSet;
  readonly isReadOnly: boolean;
  readonly databases: readonly string[];
  readonly sessions: readonly Session[];
  /** `max_allowed_packet`, in bytes. */
  readonly packetBytes: number;
}

export interface Session {
  readonly user: string;
  /** undefined if the session uses none. */
  readonly database?: string;
}

export async function askPrimary(query: Query): Promise<Primary> {
  const [{ transactions }] = await query(TRANSACTIONS);
  const [{ readOnly }] = await query(READ_ONLY);
  const [{ bytes }] = await query(MAX_PACKET);
  const databases = await query(DATABASES);
  const sessions = await query(SESSIONS);
  return {
    executed: GtidSet.parse(transactions as string),
    isReadOnly: readOnly !== 0,
    databases: databases.map(({ name }) => String(name)),
    sessions: sessions.map(({ User, db }) => ({ user: String(User), database: (db as string | null) ?? undefined })),
    packetBytes: Number(bytes),
  };
}

/** Longest wait until they have ended, in seconds. */
const END_SECONDS = 60;

/**
 * Ends the other sessions of this account. Only one restore runs at a time, so they are of one whose pod was lost. The server
 * would keep them for hours, and the database that they use would count as in use.
 */
export async function endEarlierRestore(query: Query, pause: (milliseconds: number) => Promise<void>): Promise<void> {
  const [own] = await query(OWN_SESSION);
  for (let second = 0; second < END_SECONDS; second++) {
    const earlier = (await query(SESSIONS)).filter(({ Id, User }) => User === own.user && Id !== own.id);
    if (earlier.length === 0) return;
    for (const { Id } of earlier) await query(endSession(Id as number)).catch(() => undefined); // it may have ended by itself
    await pause(1000);
  }
}

/** What the primary has and the restore lacks, and vice versa, as readable text. */
export function lossText(primary: Primary, restored: GtidSet, databases: readonly string[]): string[] {
  const gone = primary.executed.minus(restored);
  const back = restored.minus(primary.executed);
  const others = primary.databases.filter((name) => !databases.includes(name));
  return [
    `lost in place: ${gone.size} transactions that the primary has and the restore lacks${gone.isEmpty ? "" : ` (${gone.toString()})`}`,
    ...(back.isEmpty ? [] : [`brought back: ${back.size} transactions that the primary lacks (${back.toString()})`]),
    ...(others.length === 0 ? [] : [`left as they are, because the backup does not have them: ${others.join(", ")}`]),
  ];
}

/** Who uses any of the databases: "user in database", each once, in order. */
export function usersOf(sessions: readonly Session[], databases: readonly string[]): string[] {
  const using = sessions.filter(({ database }) => database !== undefined && databases.includes(database));
  return [...new Set(using.map(({ user, database }) => `${user} in ${database}`))].sort();
}
