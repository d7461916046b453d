import assert from "node:assert/strict";
import { pause } from "../../../clients/pause";
import type { Server, ServerState } from "../../../runtime/mysql-controller/server";
import type { Topology } from "../../../runtime/mysql-controller/topology";

/** A client's connection. */
export interface Client {
  readonly id: number;
  /**
   * Commits a transaction.
   *
   * @param row what it inserts. Where that exists already, the transaction cannot be applied.
   * @throws the server's error, or the loss of the connection.
   */
  commit(row?: string): Promise<void>;
}

/** A server, and what others than the controller do with it. */
export interface Tested {
  readonly server: Server;
  connect(): Promise<Client>;
  /** Locks the replication account, or unlocks it, without a transaction. */
  setLocked(isLocked: boolean): Promise<void>;
  /** Deletes all binary logs but the one that is written. */
  purge(): Promise<void>;
  /** Number of binary logs. */
  logs(): Promise<number>;
  /** Kills its process. */
  kill(): Promise<void>;
  /** Starts it again, on a complete clone if there is one. */
  start(): Promise<void>;
}

/** Two servers, which have just been started without data. */
export interface Pair {
  readonly topology: Topology;
  readonly tested: readonly [Tested, Tested];
  /** Account that may log in, and may not replicate. */
  readonly client: { readonly user: string; readonly password: string };
  remove(): Promise<void>;
}

/**
 * A pair for the tests of the surrounding `describe`.
 *
 * @param ready what is done with it before the first test.
 */
export function usePair(
  make: () => Promise<Pair>,
  ready: (pair: Pair) => Promise<void> = () => Promise.resolve(),
): () => Pair {
  let pair: Pair | undefined;
  before(async () => {
    pair = await make();
    await ready(pair);
  });
  after(async () => {
    for (const { server } of pair?.tested ?? []) server.close();
    await pair?.remove();
  });
  return () => {
    if (pair === undefined) throw new Error("the servers are asked for before they are started");
    return pair;
  };
}

/** Asserts that something becomes so. @param look throws while it is not. */
export async function eventually<T>(look: () => Promise<T>): Promise<T> {
  for (let left = 200; ; left--) {
    try {
      return await look();
    } catch (error) {
      if (left === 0) throw error;
    }
    await pause(50);
  }
}

/** The server's state, as soon as it is so. */
export function stateOf(
  { server }: Tested,
  expected: Partial<Record<"receiving" | "connected" | "applying", boolean>> & {
    receiveError?: number;
    applyError?: number;
  },
): Promise<ServerState> {
  return eventually(async () => {
    const state = await server.state();
    const { receiving, connected, applying, receiveError, applyError } =
      state.replica ?? assert.fail(`${server.name} replicates from no source`);
    const found = { receiving, connected, applying, receiveError: receiveError?.code, applyError: applyError?.code };
    assert.deepEqual(found, { ...found, ...expected });
    return state;
  });
}

/** The number of the error that a server answers with. */
export async function errnoOf(answer: Promise<unknown>): Promise<number | undefined> {
  return answer.then(
    () => assert.fail("it is accepted"),
    (error: { errno?: number }) => error.errno,
  );
}

/** A statement or commit that is not awaited yet. Its failure is a result here. */
export function started(work: Promise<unknown>): { readonly end: Promise<"done" | Error>; isOver: boolean } {
  const state = {
    end: work.then(
      () => "done" as const,
      (error: Error) => error,
    ),
    isOver: false,
  };
  void state.end.then(() => (state.isOver = true));
  return state;
}
