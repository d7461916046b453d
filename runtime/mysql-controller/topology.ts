import type { Credentials } from "../../contract/credentials";
import { acknowledgements } from "../../contract/quorum";
import type { Server } from "./server";

/** Which server is the primary, as the stack declares it. */
export interface Declaration {
  primary: string;
  /** Version of the object that declares it: a change is refused where another came first. */
  version: string;
}

/** The one place where it is written who the primary is. */
export interface DeclarationStore {
  read(): Promise<Declaration>;
  /** Declares another primary, and thereby sends writers to it. @throws where the declaration has changed since. */
  write(primary: string, since: Declaration): Promise<void>;
}

/** A set of servers, one of which is the primary. */
export interface Topology {
  readonly servers: readonly Server[];
  readonly declaration: DeclarationStore;
  /** Account of the controller and of `ops`, which servers make for themselves. */
  readonly control: Credentials;
  /** Account with which a server follows another. Pulumi makes it, once there are servers that acknowledge commits. */
  readonly replication: Credentials;
  /** Tells the operator what is done. */
  readonly log: (message: string) => void;
}

/** Declares another primary. Made is made, even where the answer was lost. @throws where it was not made, or nobody can tell. */
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
    throw new Error(`the declared primary ${name} is none of ${names.join(", ")}: mysql.servers was lowered below it. Raise it again, switch over to ${names[0]}, then lower it`);
  }
  return server;
}
