import type { Connection, RowDataPacket } from "mysql2/promise";
import { endsOf, presentedCertificate, type CertificateEnds } from "./certificates";
import { connect } from "../../clients/mysql/connect";
import type { ServerAddress } from "./address";
import type { Credentials } from "../../contract/credentials";
import { GtidSet } from "../gtid-set";

/** What a replica reports about its replication. */
export interface ReplicaState {
  /** Host that it replicates from. */
  readonly source: string;
  /** UUID of the server that it reached there; empty until it has reached one. */
  readonly sourceUuid: string;
  /** Account that it uses for that. */
  readonly user: string;
  /** Whether it is connected to its source; a source that is silent for seconds counts as disconnected. */
  readonly connected: boolean;
  /** Whether it is set to receive, connected or not. */
  readonly receiving: boolean;
  readonly applying: boolean;
  readonly retrieved: GtidSet;
  /** Seconds behind its source; undefined while it is not known. */
  readonly secondsBehind: number | undefined;
  readonly receiveError: { readonly code: number; readonly message: string } | undefined;
  readonly applyError: { readonly code: number; readonly message: string } | undefined;
}

/** What one server reports about itself. */
export interface ServerState {
  readonly uuid: string;
  readonly version: string;
  readonly writable: boolean;
  /** How many replicas its commits wait for. */
  readonly waitsFor: number;
  readonly executed: GtidSet;
  /** The same and the commits that wait for replicas: they are in its binary log, so a replica may have them. */
  readonly logged: GtidSet;
  /** Whether a clone is replacing its data. */
  readonly cloning: boolean;
  readonly replica: ReplicaState | undefined;
}

/** Everything that the server has or has received. */
export function received(state: ServerState): GtidSet {
  return state.replica === undefined ? state.executed : state.executed.union(state.replica.retrieved);
}

/** Whether a server is connected to a primary as its replica. */
export function isConnectedTo(primary: Server, { replica }: ServerState): boolean {
  return replica?.connected === true && replica.source === primary.host;
}

/** How many servers are. */
export function connectedTo(primary: Server, states: ReadonlyMap<Server, ServerState>): number {
  return [...states.values()].filter((state) => isConnectedTo(primary, state)).length;
}

/** Waits until a server has applied these. @returns false if it has not done so within `seconds`. */
export async function hasApplied(
  server: Pick<Server, "query">,
  transactions: GtidSet,
  seconds: number,
): Promise<boolean> {
  const [row] = await server.query(
    "SELECT WAIT_FOR_EXECUTED_GTID_SET(?, ?) AS late",
    [transactions.toString(), seconds],
    (seconds + 5) * 1000,
  );
  return row.late === 0;
}

/** A name led to another server than the one that was meant: an address was reused, or DNS answered with an old one. */
export class WrongServerError extends Error {}

/** Owned transactions first: they become executed ones, and must be in one of the two. Each table of clones may be slightly late. */
const STATE = `SELECT @@GLOBAL.gtid_owned AS owned, @@server_uuid AS uuid, @@version AS version, @@GLOBAL.super_read_only AS readOnly,
  IF(@@GLOBAL.rpl_semi_sync_source_enabled, @@GLOBAL.rpl_semi_sync_source_wait_for_replica_count, 0) AS waitsFor,
  @@GLOBAL.gtid_executed AS executed,
  (SELECT COUNT(*) FROM performance_schema.clone_status WHERE STATE = 'In Progress') +
  (SELECT COUNT(*) FROM performance_schema.processlist WHERE INFO LIKE 'CLONE INSTANCE%') AS clones`;

const CONNECT_MS = 1500;
const ANSWER_MS = 3000;
/** Code of the library's error if an answer is late. It comes first, if the statement was sent. */
const LATE = "PROTOCOL_SEQUENCE_TIMEOUT";
const MARGIN_MS = 500;
/** How long a connection may be silent before the kernel checks if the server still exists. The default is two hours. */
const KEEP_ALIVE_MS = 10_000;

/** A MySQL server, over one connection that is opened when needed, and again after every failure. */
export class Server {
  private connection: Promise<Connection> | undefined;

  /**
   * @param name its pod
   * @param host name under which the other servers reach it
   * @param address at which it is reached from here
   * @param ca certificates of the CAs that sign the servers' certificates, PEM, as they are now
   */
  constructor(
    readonly name: string,
    readonly host: string,
    private readonly address: () => Promise<ServerAddress>,
    private readonly credentials: Credentials,
    private readonly ca: () => string,
  ) {}

  /** What the server is and has now. @throws if it does not answer within seconds. */
  async state(): Promise<ServerState> {
    const [own] = await this.query(STATE);
    const [replica] = await this.query("SHOW REPLICA STATUS");
    const executed = GtidSet.parse(own.executed as string);
    return {
      uuid: own.uuid as string,
      version: own.version as string,
      writable: own.readOnly === 0,
      waitsFor: Number(own.waitsFor),
      executed,
      logged: executed.union(GtidSet.parse((own.owned as string).replace(/#\d+/g, ""))), // each with the thread that owns it
      cloning: Number(own.clones) > 0,
      replica: replica === undefined ? undefined : replicaState(replica),
    };
  }

  /** The same, or undefined if the server does not answer. */
  stateIfUp(): Promise<ServerState | undefined> {
    return this.state().catch(() => undefined);
  }

  /** When the certificate that it presents expires, and that of the CA that signed it. It need not be trusted, nor still be valid. */
  async certificates(): Promise<CertificateEnds> {
    return endsOf(await presentedCertificate(await this.address()), this.ca());
  }

  /** Opens the connection that the first statement needs. */
  async signIn(): Promise<void> {
    await this.established();
  }

  /** Whether others may replicate from this server with an account. */
  async sends(account: Credentials): Promise<boolean> {
    const other = this.another(account);
    try {
      await other.query("SHOW REPLICAS"); // needs the same privilege
      return true;
    } catch {
      return false;
    } finally {
      other.close();
    }
  }

  /**
   * Runs a statement. If it times out, it is also ended in the server. A connection that fails is discarded.
   *
   * @param timeoutMs when it times out; 0 for never.
   */
  async query(
    statement: string,
    values: readonly (string | number)[] = [],
    timeoutMs = ANSWER_MS,
  ): Promise<RowDataPacket[]> {
    const connection = await this.established();
    try {
      const answer = connection.query<RowDataPacket[]>({ sql: statement, timeout: timeoutMs }, [...values]);
      const [rows] = await inTime(answer, timeoutMs);
      return rows;
    } catch (error) {
      if (isFatal(error)) this.close();
      if (isLate(error)) void this.end(connection.threadId);
      throw error;
    }
  }

  /** Runs statements one after the other. */
  async run(...statements: string[]): Promise<void> {
    for (const statement of statements) await this.query(statement);
  }

  /** A separate connection to the same server, for statements that take long or for another account. The caller closes it. */
  another(account = this.credentials): Server {
    return new Server(this.name, this.host, this.address, account, this.ca);
  }

  close(): void {
    void this.connection?.then(
      (connection) => connection.destroy(),
      () => undefined,
    );
    this.connection = undefined;
  }

  /** Ends what the server does for a connection that is closed here. The server would not notice, and each new attempt would add to it. */
  private async end(id: number): Promise<void> {
    const other = await this.connect().catch(() => undefined);
    await other?.query({ sql: "KILL CONNECTION ?", timeout: ANSWER_MS }, [id]).catch(() => undefined);
    other?.destroy();
  }

  private established(): Promise<Connection> {
    this.connection ??= this.connect();
    return this.connection.catch((error: unknown) => {
      this.connection = undefined;
      throw error;
    });
  }

  private async connect(): Promise<Connection> {
    const { host, port } = await this.address();
    const connection = await connect({
      host,
      port,
      ...this.credentials,
      ssl: { ca: this.ca() },
      // The kernel must not keep a dead server's socket for minutes.
      enableKeepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
      supportBigNumbers: true,
      connectTimeout: CONNECT_MS,
    });
    connection.on("error", () => this.close());
    const [[{ name }]] = await connection.query<RowDataPacket[]>({
      sql: "SELECT @@hostname AS name",
      timeout: ANSWER_MS,
    });
    if (name === this.name) return connection;
    connection.destroy();
    throw new WrongServerError(`the address of ${this.name} leads to ${name}`);
  }
}

/**
 * An answer, or an error if there is none in time. The library counts only from when it sends a statement, and one that waits
 * behind another on a connection that is closed meanwhile is never sent, and never fails.
 */
export function inTime<T>(answer: Promise<T>, milliseconds: number): Promise<T> {
  if (milliseconds === 0) return answer;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = Object.assign(new Error(`no answer within ${milliseconds / 1000} s`), { code: LATE });
    timer = setTimeout(() => reject(error), milliseconds + MARGIN_MS);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

/** Whether the connection is no longer usable. An error that the server answers with is not of this kind. */
function isFatal(error: unknown): boolean {
  const { fatal, errno } = error as { fatal?: boolean; errno?: number };
  return fatal === true || isLate(error) || errno === undefined || errno < 0;
}

function isLate(error: unknown): boolean {
  return (error as { code?: string }).code === LATE;
}

function replicaState(row: RowDataPacket): ReplicaState {
  const error = (code: unknown, message: unknown) =>
    code === 0 ? undefined : { code: code as number, message: message as string };
  return {
    source: row.Source_Host as string,
    sourceUuid: row.Source_UUID as string,
    user: row.Source_User as string,
    connected: row.Replica_IO_Running === "Yes",
    receiving: row.Replica_IO_Running !== "No",
    applying: row.Replica_SQL_Running === "Yes",
    retrieved: GtidSet.parse(row.Retrieved_Gtid_Set as string),
    secondsBehind: (row.Seconds_Behind_Source as number | null) ?? undefined,
    receiveError: error(row.Last_IO_Errno, row.Last_IO_Error),
    applyError: error(row.Last_SQL_Errno, row.Last_SQL_Error),
  };
}
