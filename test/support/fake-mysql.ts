import { ApiError, type KubernetesApi } from "../../clients/kubernetes/api";
import { GtidSet } from "../../runtime/gtid-set";
import type { Declaration, Topology } from "../../runtime/mysql-controller/topology";
import { following, REPLICATION } from "./fake-replication";
import { CONTROL, FakeServer, letters } from "./fake-server";

export { following, FakeServer, letters };

/** UUIDs of servers, by a letter. */
export const UUID = {
  a: "aaaaaaaa-0000-0000-0000-000000000000",
  b: "bbbbbbbb-0000-0000-0000-000000000000",
  c: "cccccccc-0000-0000-0000-000000000000",
} as const;

/** A set by letters: "a:1-5,b:2". */
export function gtids(text: string): GtidSet {
  return GtidSet.parse(text.replace(/\b[abc](?=:)/g, (letter) => UUID[letter as keyof typeof UUID]));
}

/** What makes a server read-only, as a journal shows it. */
export function madeReadOnly(name: string): string[] {
  return ["SET SESSION wait_timeout = 30", "FLUSH TABLES WITH READ LOCK", "super_read_only = ON", "UNLOCK TABLES"].map(
    (statement) => `${name}: ${statement}`,
  );
}

/** Servers mysql-0, mysql-1..., the declaration of their primary, and what was done to them in order. */
export interface FakeSet {
  readonly topology: Topology;
  readonly servers: readonly FakeServer[];
  /** Statements and declarations, in order. */
  readonly journal: string[];
  readonly logged: string[];
  readonly declared: Declaration;
  /** What its leader has noted. */
  readonly notes: Record<string, string>;
  /** What a declaration is refused with. */
  conflict: Error | undefined;
}

/** A set whose primary mysql-0 takes writes and has `a:1-5`, as have all others, who follow it. */
export function serverSet(count: number): FakeSet {
  const journal: string[] = [];
  const logged: string[] = [];
  const declared: Declaration = { primary: "mysql-0", version: "1" };
  const notes: Record<string, string> = {};
  const servers: FakeServer[] = Array.from(
    { length: count },
    (_, ordinal) => new FakeServer(`mysql-${ordinal}`, journal, () => servers),
  );
  for (const [ordinal, server] of servers.entries()) {
    server.executed = gtids("a:1-5");
    if (ordinal > 0) server.replica = following("mysql-0");
  }
  servers[0].writable = true;
  servers[0].waitsForReplicas = count > 1;
  const set: FakeSet = {
    journal,
    logged,
    servers,
    declared,
    notes,
    conflict: undefined,
    topology: {
      servers,
      control: CONTROL,
      replication: REPLICATION,
      semiSync: "required",
      notebook: {
        notes,
        note: (more) => {
          for (const [key, value] of Object.entries(more)) {
            if (value === "") delete notes[key];
            else notes[key] = value;
          }
          return Promise.resolve();
        },
      },
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
    if (since !== undefined && since !== this.object.metadata.resourceVersion)
      throw new ApiError(409, "the object has been modified");
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
