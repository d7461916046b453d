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
  /** Transactions that the dump holds, and that were committed after the requested point in time. */
  readonly tooLate: GtidSet;
}

/**
 * Chooses and orders binary log files.
 *
 * Several servers log the same transactions, and after a failover they may disagree. The chosen history is one whose server
 * holds all of the dump, see {@link chosenHistory}.
 */
export function planReplay({ from, files }: ReplayRequest): Replay {
  const heirs = files.filter((file) => file.previous.union(file.content).contains(from));
  const history = chosenHistory(heirs, files) ?? from;
  const needed = history.minus(from);
  const chain: BinlogContent[] = [];
  let applied = from;
  let stop: Gtid | undefined;
  const queues = byServer(files);
  while (stop === undefined && !applied.contains(needed)) {
    const next = takeNext(queues, needed, applied);
    if (next === undefined) break;
    chain.push(next);
    const end = firstLate(next, needed.minus(applied));
    stop = end?.gtid;
    applied = applied.union((end?.before ?? next.content).intersect(history));
  }
  const nothing = applied.equals(from);
  return {
    files: nothing ? [] : chain.map((file) => file.file),
    stopBefore: nothing || stop === undefined ? undefined : formatGtid(stop),
    target: applied,
    transactions: applied.minus(from).size,
    excluded: nothing ? GtidSet.empty : GtidSet.union(chain.map((file) => file.content)).minus(history.union(from)),
    missing: stop === undefined ? lost(needed.minus(applied), files) : GtidSet.empty,
    latestMicros: nothing ? undefined : Math.max(...chain.map((file) => file.latestMicros ?? 0)),
    exact: stop !== undefined,
    tooLate: GtidSet.union(files.map(lateIn)).intersect(from),
  };
}

/** The transactions of a file that were committed after the point in time. */
function lateIn({ runs }: BinlogContent): GtidSet {
  return GtidSet.of(runs.filter(({ late }) => late));
}

/** The first of these transactions in a file that was committed after the point in time, and the runs before it. */
function firstLate({ runs }: BinlogContent, wanted: GtidSet): { gtid: Gtid; before: GtidSet } | undefined {
  for (const [index, run] of runs.entries()) {
    const [found] = run.late ? wanted.intersect(GtidSet.of([run])).ranges() : [];
    if (found === undefined) continue;
    return { gtid: { source: found.source, number: found.first }, before: GtidSet.of(runs.slice(0, index)) };
  }
  return undefined;
}

/**
 * What the servers that were the primary have committed. A dead primary and errant transactions leave
 * other histories, and no clock tells which one counts: the clocks of two servers differ.
 */
function chosenHistory(heirs: readonly BinlogContent[], files: readonly BinlogContent[]): GtidSet | undefined {
  const logged = byServer(files).map((queue) => GtidSet.union(queue.map(historyOf)));
  const ends = byServer(heirs).flatMap((queue) => queue.slice(-1));
  const [first, ...rest] = ends;
  if (first === undefined) return undefined;
  return historyOf(rest.reduce((best, next) => (prevails(next, best, logged) ? next : best), first));
}

function historyOf({ previous, content }: BinlogContent): GtidSet {
  return previous.union(content);
}

/** Whether a file's history counts instead of another's. @param logged what each server has logged */
function prevails(one: BinlogContent, other: BinlogContent, logged: readonly GtidSet[]): boolean {
  const [mine, theirs] = [historyOf(one).minus(historyOf(other)), historyOf(other).minus(historyOf(one))];
  if (mine.isEmpty || theirs.isEmpty) return theirs.isEmpty && !mine.isEmpty;
  const servers = (extra: GtidSet): number => logged.filter((set) => !set.intersect(extra).isEmpty).length;
  const common = historyOf(one).intersect(historyOf(other));
  // A server that takes over writes under its own UUID from then on; a dead one has only continued under the same.
  const tookOver = ({ runs }: BinlogContent): number =>
    runs.length > 0 && common.from(runs[runs.length - 1].source).isEmpty ? 1 : 0;
  const difference = servers(mine) - servers(theirs) || tookOver(one) - tookOver(other) || mine.size - theirs.size;
  return difference > 0;
}

/** Of the transactions that could not be applied, those that are in no file. */
function lost(unapplied: GtidSet, files: readonly BinlogContent[]): GtidSet {
  const nowhere = unapplied.minus(GtidSet.union(files.map((file) => file.content)));
  return nowhere.isEmpty ? unapplied : nowhere;
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
