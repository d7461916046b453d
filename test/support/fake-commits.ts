import { GtidSet } from "../../runtime/gtid-set";
import { Server } from "../../runtime/mysql-controller/server";

/** A refusal as MySQL answers with it. */
export function refusal(errno: number, message: string): Error {
  return Object.assign(new Error(message), { errno });
}

function lost(): Error {
  return Object.assign(new Error("Connection lost: The server closed the connection."), {
    code: "PROTOCOL_CONNECTION_LOST",
  });
}

interface Waiting {
  readonly client: number;
  readonly transaction: GtidSet;
  readonly end: () => void;
  /** Tells the client that its connection is lost. */
  readonly lose: () => void;
}

/** What clients notice of a fake server: connections, commits that wait for replicas, and the lock that waits for commits. */
export abstract class FakeCommits extends Server {
  writable = false;
  waitsForReplicas = false;
  /** How many replicas have to acknowledge a commit. */
  acknowledgements = 1;
  executed = GtidSet.empty;
  /** Transactions that are in no binary log any more. */
  purged = GtidSet.empty;
  /** Number of binary logs. */
  logs = 1;
  /** Ids of clients' connections. */
  clients: number[] = [];
  /** How many more connections clients may open. */
  free = Infinity;
  /** Whether some client's statement does not end. */
  neverEnds = false;
  private readonly killed = new Set<number>();
  private waiting: Waiting[] = [];
  /** What goes on when no commit waits any more. */
  private afterwards: (() => void)[] = [];
  /** The connections that wait for the lock. */
  private readonly lockers = new Map<
    number,
    { readonly resolve: () => void; readonly reject: (error: Error) => void }
  >();
  /** The rows that transactions insert, and those that the server has. Most tests need none. */
  private readonly inserts = new Map<string, string>();
  private rows = new Set<string>();

  abstract readonly uuid: string;
  /** How many replicas are connected to it. */
  protected abstract get replicas(): number;
  /** Called when its binary log has grown. */
  protected abstract send(): void;

  /** Everything in its binary log, a commit that waits included. */
  get logged(): GtidSet {
    return GtidSet.union([this.executed, ...this.waiting.map(({ transaction }) => transaction)]);
  }

  /** How many commits wait for replicas. */
  get waits(): number {
    return this.waiting.length;
  }

  /**
   * Commits as a client does, and waits as long as the client would.
   *
   * @param row what it inserts. Where that exists already, the transaction cannot be applied.
   */
  async commit(client: number, row?: string): Promise<void> {
    if (!this.clients.includes(client)) throw lost();
    if (!this.writable)
      throw refusal(
        1290,
        "The MySQL server is running with the --read-only option so it cannot execute this statement",
      );
    const number = this.logged.from(this.uuid).size + 1;
    const transaction = GtidSet.of([{ source: this.uuid, first: number, last: number }]);
    if (row !== undefined) {
      this.inserts.set(transaction.toString(), row);
      this.rows.add(row);
    }
    await new Promise<void>((end, reject) => {
      this.waiting.push({ client, transaction, end, lose: () => reject(lost()) });
      this.send();
      this.acknowledge();
    });
  }

  /** Ends commits for which enough replicas have acknowledged. */
  acknowledge(): void {
    if (!this.waitsForReplicas || this.replicas >= this.acknowledgements) this.release();
  }

  /** Applies what has been received. @returns the error of a transaction that cannot be applied. */
  protected applyAll(transactions: GtidSet): { code: number; message: string } | undefined {
    for (const [transaction, row] of this.inserts) {
      const one = GtidSet.parse(transaction);
      if (!transactions.contains(one) || this.executed.contains(one)) continue;
      if (this.rows.has(row)) {
        const left = GtidSet.of(
          [...one.ranges()].map(({ source, first }) => ({ source, first, last: Number.MAX_SAFE_INTEGER })),
        );
        this.executed = this.executed.union(transactions.minus(left));
        return { code: 1062, message: `Worker 1 failed executing transaction '${transaction}'` };
      }
      this.rows.add(row);
    }
    this.executed = this.executed.union(transactions);
    return undefined;
  }

  /** Learns what the transactions of another server do. */
  protected learn(source: FakeCommits): void {
    for (const [transaction, row] of source.inserts) this.inserts.set(transaction, row);
  }

  /** Has another server's data from now on. */
  protected replaceData(executed: GtidSet): void {
    this.executed = this.purged = executed;
    this.rows = new Set();
  }

  /** Its process dies: what is in the binary log is there when it starts again, acknowledged or not. */
  protected crash(): void {
    this.clients = [];
    for (const { lose } of this.waiting) lose();
    this.release();
    for (const { reject } of this.lockers.values()) reject(lost());
    this.lockers.clear();
    Object.assign(this, { writable: false, waitsForReplicas: false });
  }

  /** Waits until no commit waits for replicas, as a clone does on its donor. */
  protected async commitsEnded(): Promise<void> {
    if (this.waiting.length > 0) await new Promise<void>((resolve) => this.afterwards.push(resolve));
  }

  /** Waits for everything that runs, as the statement does that locks all tables. */
  protected async lockTables(connection: number): Promise<void> {
    if (this.isFree) return;
    await new Promise<void>((resolve, reject) => this.lockers.set(connection, { resolve, reject }));
  }

  /** What a connection waits for, as the list of processes says it. */
  protected stateOf(connection: number): string {
    if (this.lockers.has(connection)) return "Waiting for global read lock";
    return this.waiting.some(({ client }) => client === connection) ? "Waiting for semi-sync ACK from replica" : "";
  }

  /** Ends a client's connection at once, but not its commit if that waits for replicas. @returns false if there is none. */
  protected disconnect(client: number): boolean {
    if (!this.clients.includes(client)) return false;
    const commit = this.waiting.find((each) => each.client === client);
    commit?.lose();
    if (commit === undefined) this.leave(client);
    else this.killed.add(client);
    return true;
  }

  protected unlock(connection: number): void {
    this.lockers.get(connection)?.reject(lost());
    this.lockers.delete(connection);
  }

  private leave(client: number): void {
    if (!this.clients.includes(client)) return;
    this.clients = this.clients.filter((id) => id !== client);
    this.free++;
  }

  private get isFree(): boolean {
    return !this.neverEnds && this.waiting.length === 0;
  }

  private release(): void {
    const ended = this.waiting;
    this.waiting = [];
    for (const { transaction } of ended) this.executed = this.executed.union(transaction);
    for (const client of this.killed) this.leave(client);
    this.killed.clear();
    for (const { end } of ended) end();
    for (const goOn of this.afterwards.splice(0)) goOn();
    if (!this.isFree) return;
    for (const { resolve } of this.lockers.values()) resolve();
    this.lockers.clear();
  }
}
