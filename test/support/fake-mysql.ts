import type { Credentials } from "../../contract/credentials";
import { ApiError, type KubernetesApi } from "../../clients/kubernetes/api";
import { GtidSet } from "../../runtime/gtid-set";
import type { ReplicaState, Server, ServerState } from "../../runtime/mysql-controller/server";
import type { Declaration, Topology } from "../../runtime/mysql-controller/topology";

/** UUIDs of servers, by a letter. */
export const UUID = { a: "aaaaaaaa-0000-0000-0000-000000000000", b: "bbbbbbbb-0000-0000-0000-000000000000", c: "cccccccc-0000-0000-0000-000000000000" } as const;

/** A set by letters: "a:1-5,b:2". */
export function gtids(text: string): GtidSet {
  return GtidSet.parse(text.replace(/\b[abc](?=:)/g, (letter) => UUID[letter as keyof typeof UUID]));
}

/** The same the other way round. */
export function letters(text: string): string {
  return text.replace(/([abc])\1{7}-0000-0000-0000-0{12}/g, "$1");
}

/** Id of the connection that makes a server read-only. */
const OWN_CONNECTION = 99;

/** What a replica says that is well and follows the source. */
export function following(source: string, more: Partial<ReplicaState> = {}): ReplicaState {
  return {
    source: `${source}.example`, user: "replica", connected: true, receiving: true, applying: true, retrieved: GtidSet.empty, secondsBehind: 0,
    receiveError: undefined, applyError: undefined, ...more,
  };
}

/**
 * A server without MySQL: it answers with what the test says it is, and changes by the statements that change roles. Every
 * statement is written into the set's journal.
 */
export class FakeServer {
  readonly host: string;
  up = true;
  writable = false;
  waitsForReplicas = false;
  executed = GtidSet.empty;
  replica: ReplicaState | undefined;
  /** Ids of clients' connections. */
  clients: number[] = [];
  /** Whether the statement that makes it read-only has to wait for commits. */
  waitsForOthers = false;
  /** Called when it no longer waits for replicas. */
  released: () => void = () => undefined;
  /** Accounts with which others may follow it, by their passwords. */
  knows = ["it's", "it's own"];
  /** Whether a wait for transactions ends without them. */
  late = false;
  /** Called before each statement: what it throws, or rejects with, is the server's answer. */
  before: (statement: string) => unknown = () => undefined;
  /** Statements in full. */
  readonly statements: string[] = [];

  constructor(readonly name: string, private readonly journal: string[]) {
    this.host = `${name}.example`;
  }

  state(): Promise<ServerState> {
    if (!this.up) return Promise.reject(new Error("connect ECONNREFUSED"));
    const { writable, waitsForReplicas, executed, replica } = this;
    return Promise.resolve({ uuid: this.name, version: "8.4.7", writable, waitsForReplicas, executed, replica });
  }

  stateIfUp(): Promise<ServerState | undefined> {
    return this.state().catch(() => undefined);
  }

  async query(statement: string, values: readonly (string | number)[] = []): Promise<Record<string, unknown>[]> {
    if (!this.up) throw new Error("connect ECONNREFUSED");
    if (statement.includes("CONNECTION_ID() AS id")) return [{ id: OWN_CONNECTION }];
    if (statement.includes("WHERE ID = ?")) return [{ state: this.waitsForOthers ? "Waiting for global read lock" : "" }];
    this.statements.push(statement);
    this.journal.push(`${this.name}: ${brief(statement, values)}`);
    await this.before(statement);
    if (statement.includes("WAIT_FOR_EXECUTED_GTID_SET")) return [{ late: this.late ? 1 : 0 }];
    if (statement.includes("performance_schema.processlist")) return this.clients.map((id) => ({ id }));
    if (!this.change(statement) && !WITHOUT_EFFECT.some((known) => known.test(statement))) throw new Error(`the fake server does not know this statement: ${statement}`);
    return [];
  }

  async run(...statements: string[]): Promise<void> {
    for (const statement of statements) await this.query(statement);
  }

  sends({ password }: Credentials): Promise<boolean> {
    return Promise.resolve(this.up && this.knows.includes(password));
  }

  another(): this {
    return this;
  }

  close(): void {
    this.journal.push(`${this.name}: closed`);
  }

  /** Does what a statement says. @returns false for one that changes no role. */
  private change(statement: string): boolean {
    const replica = this.replica;
    const user = /^START REPLICA.* USER = '([^']+)'/.exec(statement)?.[1];
    const source = /^CHANGE REPLICATION SOURCE TO SOURCE_HOST = '([^']+)'/.exec(statement)?.[1];
    const set = (change: Partial<ReplicaState>) => (this.replica = replica && { ...replica, ...change });
    if (statement === "SET GLOBAL read_only = OFF") this.writable = true;
    else if (statement === "SET GLOBAL super_read_only = ON") this.writable = false;
    else if (statement.startsWith("SET GLOBAL rpl_semi_sync_source_enabled")) {
      this.waitsForReplicas = statement.endsWith("ON");
      if (!this.waitsForReplicas) this.released();
    }
    else if (statement === "RESET REPLICA ALL") this.replica = undefined;
    else if (source !== undefined) this.replica = { ...following(""), source, connected: false, receiving: false, applying: false };
    else if (statement === "STOP REPLICA") set({ connected: false, receiving: false, applying: false });
    else if (statement === "START REPLICA" || statement.startsWith("START REPLICA USER")) set({ connected: true, receiving: true, applying: true, user: user ?? "replica" });
    else if (statement === "STOP REPLICA IO_THREAD") set({ connected: false, receiving: false });
    else if (statement.startsWith("START REPLICA IO_THREAD")) set({ connected: true, receiving: true, user: user ?? "replica" });
    else return false;
    return true;
  }
}

/** Statements that a server takes and that change nothing which the fake is asked about. */
const WITHOUT_EFFECT: readonly RegExp[] = [
  /^CLONE INSTANCE FROM .+ DATA DIRECTORY = .+ REQUIRE SSL$/,
  /^KILL CONNECTION \?$/,
  /^SET GLOBAL max_connections = @@GLOBAL\.max_connections \+ 5$/,
  /^SET GLOBAL rpl_semi_sync_source_wait_for_replica_count = [12]$/,
  /^SET GLOBAL clone_valid_donor_list = .+:3306.$/,
  /^SET SESSION wait_timeout = 30$/,
  /^SHUTDOWN$/,
  /^(FLUSH TABLES WITH READ LOCK|UNLOCK TABLES)$/,
  /^START REPLICA SQL_THREAD$/,
];

/** What makes a server read-only, as a journal shows it. */
export function madeReadOnly(name: string): string[] {
  return ["SET SESSION wait_timeout = 30", "FLUSH TABLES WITH READ LOCK", "super_read_only = ON", "UNLOCK TABLES"].map((statement) => `${name}: ${statement}`);
}

/** The statement as a journal shows it. */
function brief(statement: string, values: readonly (string | number)[]): string {
  if (statement.includes("WAIT_FOR_EXECUTED_GTID_SET")) return `wait for ${letters(String(values[0]))}`;
  if (statement.includes("performance_schema.processlist")) return "look for clients";
  if (statement.startsWith("KILL")) return `kill ${values.join()}`;
  return statement.replace(/^SET GLOBAL /, "").replace(/^(START REPLICA.*) USER = .*$/, "$1").replace(/^CHANGE REPLICATION SOURCE TO SOURCE_HOST = '([^.]+).*$/, "change source to $1");
}

/** Servers mysql-0, mysql-1..., the declaration of their primary, and what was done to them in order. */
export interface FakeSet {
  readonly topology: Topology;
  readonly servers: readonly FakeServer[];
  /** Statements and declarations, in order. */
  readonly journal: string[];
  readonly logged: string[];
  readonly declared: Declaration;
  /** What a declaration is refused with. */
  conflict: Error | undefined;
}

/** A set whose primary mysql-0 takes writes and has `a:1-5`, as have all others, who follow it. */
export function serverSet(count: number): FakeSet {
  const journal: string[] = [];
  const logged: string[] = [];
  const declared: Declaration = { primary: "mysql-0", version: "1" };
  const servers = Array.from({ length: count }, (_, ordinal) => new FakeServer(`mysql-${ordinal}`, journal));
  for (const [ordinal, server] of servers.entries()) {
    server.executed = gtids("a:1-5");
    if (ordinal > 0) server.replica = following("mysql-0");
  }
  servers[0].writable = true;
  servers[0].waitsForReplicas = count > 1;
  const set: FakeSet = {
    journal, logged, servers, declared, conflict: undefined,
    topology: {
      servers: servers as unknown as Server[],
      control: { user: "control", password: "it's own" },
      replication: { user: "replica", password: "it's" },
      log: (message) => logged.push(letters(message)),
      declaration: {
        read: () => Promise.resolve({ ...declared }),
        write: (primary, since) => {
          if (set.conflict !== undefined) return Promise.reject(set.conflict);
          if (since.version !== declared.version) return Promise.reject(new Error("the declaration has changed"));
          Object.assign(declared, { primary, version: String(Number(declared.version) + 1) });
          journal.push(`declared: ${primary}`);
          return Promise.resolve();
        },
      },
    },
  };
  return set;
}

/** Lets each declaration be made, and its answer be lost. */
export function answersLate({ topology: { declaration } }: FakeSet): void {
  const write = declaration.write.bind(declaration);
  declaration.write = async (primary, since) => {
    await write(primary, since);
    throw new Error("no answer within 5 s");
  };
}

interface ApiObject {
  metadata: { resourceVersion: string; annotations?: Record<string, string> };
  spec?: Record<string, unknown>;
}

/** An API server that has one object, which it patches as the real one does. */
export class FakeApi {
  object: ApiObject = { metadata: { resourceVersion: "1" } };
  readonly paths: string[] = [];
  /** Called before each patch: another's change, or an error of the network. */
  beforePatch: () => void = () => undefined;

  get api(): KubernetesApi {
    return this as unknown as KubernetesApi;
  }

  get(path: string): Promise<unknown> {
    this.paths.push(`get ${path}`);
    return Promise.resolve(structuredClone(this.object));
  }

  async patch(path: string, body: Partial<ApiObject>): Promise<unknown> {
    this.paths.push(`patch ${path}`);
    await Promise.resolve();
    this.beforePatch();
    const since = body.metadata?.resourceVersion;
    if (since !== undefined && since !== this.object.metadata.resourceVersion) throw new ApiError(409, "the object has been modified");
    const { resourceVersion } = this.object.metadata;
    this.object = merge(this.object, body) as ApiObject;
    this.object.metadata.resourceVersion = String(Number(resourceVersion) + 1);
    return structuredClone(this.object);
  }
}

/** JSON merge patch. */
function merge(target: unknown, patch: unknown): unknown {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const result: Record<string, unknown> = { ...(target as Record<string, unknown> | undefined) };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merge(result[key], value);
  }
  return result;
}
