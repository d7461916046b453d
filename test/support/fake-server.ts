import type { RowDataPacket } from "mysql2/promise";
import type { Credentials } from "../../contract/credentials";
import { GtidSet } from "../../runtime/gtid-set";
import { Server, type ReplicaState } from "../../runtime/mysql-controller/server";
import { refusal } from "./fake-commits";
import { CLIENT, FakeReplication, REPLICATION } from "./fake-replication";

type Values = readonly (string | number)[];
type Rows = Record<string, unknown>[];

export const CONTROL: Credentials = { user: "control", password: "it's own" };
/** Id of the first connection that is opened in addition. */
const FIRST_CONNECTION = 99;

/**
 * A server without MySQL: it is what the test says, and changes by the statements that the controller sends, as a real one
 * does: both pass the contract. What changes something is written into the set's journal.
 */
export class FakeServer extends FakeReplication {
  /** Passwords of the accounts that may replicate from it. */
  knows = [REPLICATION.password, CONTROL.password];
  /** Names of accounts that are locked. */
  locked: string[] = [];
  /** Whether a clone is replacing its data. */
  cloning = false;
  /** Whether a wait for transactions ends without them. */
  late = false;
  /** Called before each statement: what it throws, or rejects with, is the server's answer. */
  before: (statement: string) => unknown = () => undefined;
  /** Statements in full. */
  readonly statements: string[] = [];
  private readonly connections = new Set<number>();
  private opened = 0;
  private clones = 0;
  private donors = "";
  private clone:
    | { readonly folder: string; readonly executed: GtidSet; readonly replica: ReplicaState | undefined }
    | undefined;

  constructor(
    name: string,
    private readonly journal: string[],
    protected override readonly set: () => readonly FakeServer[],
  ) {
    super(
      name,
      `${name}.example`,
      () => Promise.reject(new Error("it has no address")),
      CONTROL,
      () => "",
    );
  }

  get uuid(): string {
    return `0000000${this.clones}-0000-0000-0000-00000000000${this.name.at(-1) ?? ""}`;
  }

  override async query(statement: string, values: Values = []): Promise<RowDataPacket[]> {
    return (await this.answer(statement, values, 0)) as RowDataPacket[];
  }

  override another(account = CONTROL): Server {
    return new FurtherConnection(this, account, FIRST_CONNECTION + this.opened++);
  }

  override close(): void {
    this.journal.push(`${this.name}: closed`);
  }

  override refuses({ user, password }: Credentials): number | undefined {
    if (this.locked.includes(user)) return 3118;
    if (!this.knows.includes(password)) return 1045;
    return this.free + (user === CONTROL.user ? 1 : 0) > 0 ? undefined : 1040; // an administrator may open one more than others
  }

  /** Lets an account log in, or no longer. */
  setLocked(users: string[]): void {
    this.locked = users;
    this.notify();
  }

  /** Its process dies. */
  kill(): void {
    this.up = false;
    this.connections.clear();
    this.crash();
    this.notify();
  }

  /** It starts again, on its clone if there is one. */
  start(): void {
    if (this.clone !== undefined) {
      this.clones++;
      this.replaceData(this.clone.executed);
      this.replica = this.clone.replica;
      this.isWithoutLogs = true;
      this.clone = undefined;
    }
    this.stopThreads();
    Object.assign(this, { up: true, free: Infinity });
    this.notify();
  }

  /** @throws the refusal of a login, or of the statement. */
  async answer(statement: string, values: Values, connection: number): Promise<Rows> {
    if (!this.up) throw refusal(-111, "connect ECONNREFUSED");
    const rows = this.read(statement, values, connection);
    if (rows !== undefined) return rows;
    this.statements.push(statement);
    this.journal.push(`${this.name}: ${brief(statement, values)}`);
    await this.before(statement);
    if (statement.includes("WAIT_FOR_EXECUTED_GTID_SET"))
      return [{ late: this.late || !this.hasApplied(GtidSet.parse(String(values[0]))) ? 1 : 0 }];
    if (statement.includes("performance_schema.processlist")) return this.clients.map((id) => ({ id }));
    if (statement === "FLUSH TABLES WITH READ LOCK") await this.lockTables(connection);
    else if (statement === "FLUSH USER_RESOURCES") await this.commit(this.open());
    else if (statement === "KILL CONNECTION ?") this.endConnection(Number(values[0]));
    else if (statement.startsWith("CLONE INSTANCE FROM ")) await this.cloneFrom(statement);
    else if (!this.administrate(statement) && !this.replicate(statement))
      throw new Error(`the fake server does not know this statement: ${statement}`);
    return [];
  }

  /** Opens a client's connection. @returns its id. */
  open(): number {
    if (this.free < 1) throw refusal(1040, "Too many connections");
    this.free--;
    const id = FIRST_CONNECTION + this.opened++;
    this.clients = [...this.clients, id];
    return id;
  }

  /** Opens another connection. */
  login(account: Credentials, connection: number): void {
    if (!this.up || this.connections.has(connection)) return; // the statement reports it
    const refused = this.refuses(account);
    if (refused !== undefined) throw refusal(refused, `Access denied for user '${account.user}'`);
    this.connections.add(connection);
    this.free--;
  }

  /** Closes it. */
  logout(account: Credentials, connection: number): void {
    if (account.user === CONTROL.user) this.close();
    this.unlock(connection);
    if (this.connections.delete(connection)) this.free++;
  }

  /** Answers a statement that changes nothing. */
  private read(statement: string, values: Values, connection: number): Rows | undefined {
    const executed = this.executed.toString();
    if (statement.includes("@@server_uuid AS uuid")) {
      return [
        {
          uuid: this.uuid,
          version: "8.4.7",
          readOnly: this.writable ? 0 : 1,
          waitsFor: this.waitsForReplicas ? this.acknowledgements : 0,
          owned: owned(this.logged.minus(this.executed)),
          executed,
          clones: this.cloning ? 1 : 0,
        },
      ];
    }
    if (statement === "SHOW REPLICA STATUS") return this.replicaStatus();
    if (statement === "SHOW REPLICAS") return [];
    if (statement.includes("CONNECTION_ID() AS id")) return [{ id: connection }];
    if (statement.includes("WHERE ID = ?"))
      return [...this.connections, ...this.clients]
        .filter((id) => id === values[0])
        .map((id) => ({ state: this.stateOf(id) }));
    if (statement.includes("Rpl_semi_sync_source_clients")) return [{ clients: this.replicas }];
    if (statement.includes("Waiting for semi-sync ACK%")) return [{ executed, stuck: this.waits }];
    return undefined;
  }

  private endConnection(id: number): void {
    if (this.disconnect(id)) return;
    if (!this.connections.delete(id)) throw refusal(1094, `Unknown thread id: ${id}`);
    this.unlock(id);
  }

  /** Does what a statement says. @returns false for one that it does not know, or that is about replication. */
  private administrate(statement: string): boolean {
    const [, donors] = /^SET GLOBAL clone_valid_donor_list = '(.+)'$/.exec(statement) ?? [];
    const [, acknowledgements] =
      /^SET GLOBAL rpl_semi_sync_source_wait_for_replica_count = ([12])$/.exec(statement) ?? [];
    if (donors !== undefined) this.donors = donors;
    else if (acknowledgements !== undefined) this.acknowledgements = Number(acknowledgements);
    else if (/^SET GLOBAL rpl_semi_sync_source_enabled = (ON|OFF)$/.test(statement)) {
      this.waitsForReplicas = statement.endsWith("ON");
      this.acknowledge();
    } else if (statement.startsWith("SET GLOBAL rpl_semi_sync_replica_enabled = "))
      this.mayAcknowledge = statement.endsWith("ON");
    else if (statement === "SET GLOBAL read_only = OFF") this.writable = true;
    else if (statement === "SET GLOBAL super_read_only = ON") this.writable = false;
    else if (statement === "SET GLOBAL max_connections = @@GLOBAL.max_connections + 5") this.free += 5;
    else if (statement === "FLUSH LOCAL BINARY LOGS") this.logs++;
    else if (statement === "SHUTDOWN") this.kill();
    else return ["SET SESSION wait_timeout = 30", "UNLOCK TABLES"].includes(statement);
    return true;
  }

  /** The same for replication. */
  private replicate(statement: string): boolean {
    const source =
      /^CHANGE REPLICATION SOURCE TO SOURCE_HOST = (?<host>'.+?'), .*SOURCE_USER = (?<user>'.+?'), SOURCE_PASSWORD = (?<password>'.+'), SOURCE_AUTO/.exec(
        statement,
      )?.groups;
    const start =
      /^START REPLICA(?: (?<thread>IO_THREAD|SQL_THREAD))?(?: USER = (?<user>'.+') PASSWORD = (?<password>'.+'))?$/.exec(
        statement,
      )?.groups;
    const stop = /^STOP REPLICA(?: (?<thread>IO_THREAD|SQL_THREAD))?$/.exec(statement);
    if (source !== undefined)
      this.changeSource({ host: text(source.host), user: text(source.user), password: text(source.password) });
    else if (statement === "RESET REPLICA ALL") this.changeSource();
    else if (start !== undefined)
      this.startThreads(
        start.thread,
        start.user === undefined ? undefined : { user: text(start.user), password: text(start.password) },
      );
    else if (stop !== null) this.stopThreads(stop.groups?.thread);
    else return false;
    return true;
  }

  private async cloneFrom(statement: string): Promise<void> {
    const groups =
      /^CLONE INSTANCE FROM (?<user>'.+')@(?<host>'.+'):3306 IDENTIFIED BY (?<password>'.+') DATA DIRECTORY = (?<folder>'.+') REQUIRE SSL$/.exec(
        statement,
      )?.groups;
    if (groups === undefined) throw new Error(`the fake server does not know this statement: ${statement}`);
    const [host, folder] = [text(groups.host), text(groups.folder)];
    const account = { user: text(groups.user), password: text(groups.password) };
    if (this.donors !== `${host}:3306`)
      throw refusal(
        3869,
        `Clone system configuration: ${host}:3306 is not found in clone_valid_donor_list: ${this.donors}`,
      );
    const donor = this.set().find((server) => server.host === host);
    if (this.clone?.folder === folder) throw refusal(1007, `Can't create database '${folder}'; database exists`);
    const refused = donor?.up === true ? donor.refuses(account) : 2003;
    if (donor === undefined || refused !== undefined)
      throw refusal(3862, `Clone Donor Error: Connect failed: ${refused}`);
    this.cloning = true;
    await donor.commitsEnded();
    this.cloning = false;
    this.clone = {
      folder,
      executed: donor.executed,
      replica: donor.replica && { ...donor.replica, retrieved: GtidSet.empty },
    };
  }
}

/** Transactions as MySQL lists them with the threads that own them. */
function owned(transactions: GtidSet): string {
  return [...transactions.ranges()]
    .map(({ source, first, last }) => {
      const numbers = Array.from({ length: last - first + 1 }, (_, i) => `:${first + i}#${20 + i}`);
      return source + numbers.join("");
    })
    .join(",\n");
}

/** Another connection to a fake server. */
class FurtherConnection extends Server {
  constructor(
    private readonly server: FakeServer,
    private readonly account: Credentials,
    private readonly id: number,
  ) {
    super(
      server.name,
      server.host,
      () => Promise.reject(new Error("it has no address")),
      account,
      () => "",
    );
  }

  override async query(statement: string, values: Values = []): Promise<RowDataPacket[]> {
    this.server.login(this.account, this.id);
    if (this.account.user === CLIENT)
      throw refusal(
        1227,
        "Access denied; you need (at least one of) the REPLICATION SLAVE privilege(s) for this operation",
      );
    return (await this.server.answer(statement, values, this.id)) as RowDataPacket[];
  }

  override another(account = this.account): Server {
    return this.server.another(account);
  }

  override close(): void {
    this.server.logout(this.account, this.id);
  }
}

/** The text that a literal stands for. */
function text(literal: string): string {
  return literal.slice(1, -1).replace(/\\(.)/g, "$1");
}

/** The statement as a journal shows it. */
function brief(statement: string, values: Values): string {
  if (statement.includes("WAIT_FOR_EXECUTED_GTID_SET")) return `wait for ${letters(String(values[0]))}`;
  if (statement.includes("performance_schema.processlist")) return "look for clients";
  if (statement.startsWith("KILL")) return `kill ${values.join()}`;
  return statement
    .replace(/^SET GLOBAL /, "")
    .replace(/^(START REPLICA.*) USER = .*$/, "$1")
    .replace(/^CHANGE REPLICATION SOURCE TO SOURCE_HOST = '([^.]+).*$/, "change source to $1");
}

/** A text with GTIDs whose servers are named by a letter, such as "a:1-5". */
export function letters(text: string): string {
  return text.replace(/([abc])\1{7}-0000-0000-0000-0{12}/g, "$1");
}
