import type { BinlogContent } from "./binlog";
import { formatGtid, type Gtid, GtidSet } from "../gtid-set";

export interface ReplayRequest {
  /** What the restored dump already holds. */
  readonly from: GtidSet;
  /** Every available binary log file, of any number of servers, read up to the requested point in time. */
  readonly files: readonly BinlogContent[];
}

/** How to get from a dump to a later point in time. */
export interface Replay {
  /** Files for the server to apply, in this order. It skips what it has. */
  readonly files: readonly string[];
  /** Stop before this transaction, the first one after the requested point in time. None: at the end. */
  readonly stopBefore?: string;
  /** What will be in the database. */
  readonly target: GtidSet;
  /** How many transactions are applied. */
  readonly transactions: number;
  /**
   * Transactions in these files that are not part of the chosen history: a server that failed had committed them, and the
   * server that replaced it never received them. They are not applied.
   */
  readonly excluded: GtidSet;
  /** A gap: transactions of the history, up to the requested point in time, that are in no file. */
  readonly missing: GtidSet;
  /** The latest commit that is applied, in microseconds since 1970; undefined if none is. */
  readonly latestMicros?: number;
  /** Whether the files are known to reach the requested point in time: they hold a later transaction. */
  readonly exact: boolean;
}

/**
 * Chooses and orders binary log files.
 *
 * Several servers log the same transactions, and after a failover they may disagree. The chosen history is that of the
 * file with the latest commit up to the point in time, among the files whose server holds all of the dump.
 */
export function planReplay({ from, files }: ReplayRequest): Replay {
  const heirs = files.filter((file) => file.previous.union(file.content).contains(from));
  const lead = heirs.reduce<BinlogContent | undefined>(
    (best, file) => ((file.latestMicros ?? 0) > (best?.latestMicros ?? 0) ? file : best),
    undefined,
  );
  const history = lead === undefined ? from : lead.previous.union(lead.content);
  const needed = history.minus(from);
  const chain: BinlogContent[] = [];
  let applied = from;
  let stop: Gtid | undefined;
  const queues = byServer(files);
  while (stop === undefined && !applied.contains(needed)) {
    const next = takeNext(queues, needed, applied);
    if (next === undefined) break;
    chain.push(next);
    const after = next.firstAfter?.gtid;
    if (after !== undefined && needed.has(after) && !applied.has(after)) stop = after;
    applied = applied.union((stop === undefined ? next.content : next.before).intersect(history));
  }
  const follower = stop === undefined ? following(heirs, history) : undefined;
  const nothing = applied.equals(from);
  return {
    files: nothing ? [] : chain.map((file) => file.file),
    stopBefore: nothing || stop === undefined ? undefined : formatGtid(stop),
    target: applied,
    transactions: applied.minus(from).size,
    excluded: nothing ? GtidSet.empty : GtidSet.union(chain.map((file) => file.content)).minus(history.union(from)),
    missing:
      stop === undefined
        ? lost(needed.minus(applied), files).union(follower?.previous.minus(history) ?? GtidSet.empty)
        : GtidSet.empty,
    latestMicros: nothing ? undefined : Math.max(...chain.map((file) => file.latestMicros ?? 0)),
    exact: stop !== undefined || follower !== undefined,
  };
}

/** Of the transactions that could not be applied, those that are in no file. */
function lost(unapplied: GtidSet, files: readonly BinlogContent[]): GtidSet {
  const nowhere = unapplied.minus(GtidSet.union(files.map((file) => file.content)));
  return nowhere.isEmpty ? unapplied : nowhere;
}

/** The file that continues after the end of the history, with only later transactions. What its server had before, and the history lacks, was lost in between. */
function following(heirs: readonly BinlogContent[], history: GtidSet): BinlogContent | undefined {
  return heirs
    .filter(
      (file) => file.firstAfter !== undefined && !history.has(file.firstAfter.gtid) && file.previous.contains(history),
    )
    .reduce<BinlogContent | undefined>(
      (least, file) => (least === undefined || file.previous.size < least.previous.size ? file : least),
      undefined,
    );
}

/** The files of each server, oldest first: a later file of a server is never applicable before an earlier one. */
function byServer(files: readonly BinlogContent[]): BinlogContent[][] {
  const queues = new Map<string, { file: BinlogContent; before: number }[]>();
  for (const file of files) {
    const server = file.file.slice(0, file.file.lastIndexOf("/") + 1);
    const queue = queues.get(server) ?? [];
    queue.push({ file, before: file.previous.size });
    queues.set(server, queue);
  }
  return [...queues.values()].map((queue) => queue.sort((a, b) => a.before - b.before).map(({ file }) => file));
}

/** Takes the first file that has new transactions and whose previous transactions are all applied. */
function takeNext(queues: BinlogContent[][], needed: GtidSet, applied: GtidSet): BinlogContent | undefined {
  for (const queue of queues) {
    while (queue.length > 0 && applied.contains(queue[0].content.intersect(needed))) queue.shift();
    const head = queue.at(0);
    if (head !== undefined && applied.contains(head.previous.intersect(needed))) return queue.shift();
  }
  return undefined;
}
