import type { Credentials } from "../../contract/credentials";
import { acknowledgements } from "../../contract/quorum";
import type { Settings } from "../../contract/settings";
import { Refusal } from "../../contract/refusal";
import type { Server } from "./server";

/** Which server is the primary, as the stack declares it. */
export interface Declaration {
  primary: string;
  /** Version of the object that declares it: a change is refused if another came first. */
  version: string;
}

/** The only place that records which server is the primary. */
export interface DeclarationStore {
  read(): Promise<Declaration>;
  /** Declares another primary, and thereby sends writers to it. @throws if the declaration has changed since. */
  write(primary: string, since: Declaration): Promise<void>;
}

/** Notes that outlive the process that leads the servers. Only that process writes them: they are on the lease. */
export interface Notebook {
  /** Notes at the last read. */
  readonly notes: Readonly<Record<string, string>>;
  /** Writes notes; an empty text removes one. */
  note(notes: Readonly<Record<string, string>>): Promise<void>;
}

/** A set of servers, one of which is the primary. */
export interface Topology {
  readonly servers: readonly Server[];
  readonly declaration: DeclarationStore;
  readonly notebook: Notebook;
  /** Whether commits wait for replicas without limit. */
  readonly semiSync: Settings["semiSync"];
  /** Account of the controller and of `ops`, which each server creates itself. */
  readonly control: Credentials;
  /** Account with which a server replicates from another, which each server creates itself. */
  readonly replication: Credentials;
  /** Reports to the operator what is done. */
  readonly log: (message: string) => void;
}

/** Declares another primary. A declaration that was made counts, even if the answer was lost. @throws if it was not made, or that is unknown. */
export async function declare({ declaration }: Topology, primary: string, since: Declaration): Promise<void> {
  await declaration.write(primary, since).catch(async (error: unknown) => {
    const now = await declaration.read().catch(() => undefined);
    if (now?.primary !== primary) throw error;
  });
}

export function replicasOf({ servers }: Topology): number {
  return servers.length - 1;
}

/** How many replicas have to acknowledge a transaction. */
export function acknowledgementsOf(topology: Topology): number {
  return acknowledgements(replicasOf(topology));
}

export function serverNamed({ servers }: Topology, name: string): Server {
  const server = servers.find((candidate) => candidate.name === name);
  if (server === undefined) {
    const names = servers.map((candidate) => candidate.name);
    throw new Refusal(
      "MYSQL_PRIMARY_NOT_CONFIGURED",
      `the declared primary ${name} is none of ${names.join(", ")}: mysql.servers was lowered below it. Raise it again, switch over to ${names[0]}, then lower it`,
    );
  }
  return server;
}
