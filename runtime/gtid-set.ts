/** One transaction: the server that committed it first, and its number there. */
export interface Gtid {
  readonly source: string;
  readonly number: number;
}

/** Numbers `first` to `last` of one source, both included. */
export interface GtidRange {
  readonly source: string;
  readonly first: number;
  readonly last: number;
}

type Interval = readonly [first: number, last: number];

export function formatGtid({ source, number }: Gtid): string {
  return `${source}:${number}`;
}

/**
 * A set of global transaction identifiers, as MySQL writes it: "uuid:1-5:7, uuid2:1-3". A source is a server's UUID,
 * with a tag if the transactions have one ("uuid:tag"). A set never changes.
 */
export class GtidSet {
  static readonly empty = new GtidSet(new Map());

  /** Intervals in order, without overlap or adjacency; no source without an interval. */
  private constructor(private readonly sources: ReadonlyMap<string, readonly Interval[]>) {}

  /** @throws Error if the text is not a GTID set. */
  static parse(text: string): GtidSet {
    const ranges: GtidRange[] = [];
    for (const part of text
      .split(",")
      .map((piece) => piece.trim().toLowerCase())
      .filter((piece) => piece !== "")) {
      const bad = (): Error => new Error(`"${part.slice(0, 80)}" is not a GTID set`);
      const [uuid, ...rest] = part.split(":");
      if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uuid) || !/^\d+(-\d+)?$/.test(rest.at(-1) ?? ""))
        throw bad();
      let source = uuid;
      for (const piece of rest) {
        const interval = /^(\d+)(?:-(\d+))?$/.exec(piece);
        if (interval === null) {
          if (!/^[a-z_][a-z0-9_]{0,31}$/.test(piece)) throw bad();
          source = `${uuid}:${piece}`;
          continue;
        }
        const [first, last] = [Number(interval[1]), Number(interval[2] ?? interval[1])];
        if (first < 1 || last < first) throw bad();
        ranges.push({ source, first, last });
      }
    }
    return GtidSet.of(ranges);
  }

  static of(ranges: Iterable<GtidRange>): GtidSet {
    const sources = new Map<string, Interval[]>();
    for (const { source, first, last } of ranges) {
      const intervals = sources.get(source);
      if (intervals === undefined) sources.set(source, [[first, last]]);
      else intervals.push([first, last]);
    }
    return new GtidSet(new Map([...sources].map(([source, intervals]) => [source, merged(intervals)])));
  }

  static union(sets: Iterable<GtidSet>): GtidSet {
    return GtidSet.of([...sets].flatMap((set) => [...set.ranges()]));
  }

  get isEmpty(): boolean {
    return this.sources.size === 0;
  }

  /** Number of transactions. */
  get size(): number {
    let count = 0;
    for (const { first, last } of this.ranges()) count += last - first + 1;
    return count;
  }

  *ranges(): Generator<GtidRange> {
    for (const [source, intervals] of this.sources) {
      for (const [first, last] of intervals) yield { source, first, last };
    }
  }

  contains(other: GtidSet): boolean {
    return other.minus(this).isEmpty;
  }

  has({ source, number }: Gtid): boolean {
    return (this.sources.get(source) ?? []).some(([first, last]) => first <= number && number <= last);
  }

  equals(other: GtidSet): boolean {
    return this.toString() === other.toString();
  }

  union(other: GtidSet): GtidSet {
    return GtidSet.union([this, other]);
  }

  /** The transactions that both sets have. */
  intersect(other: GtidSet): GtidSet {
    return this.minus(this.minus(other));
  }

  /** The transactions that a server committed first, by its UUID; with tags and without. */
  from(uuid: string): GtidSet {
    return new GtidSet(new Map([...this.sources].filter(([source]) => source.split(":")[0] === uuid.toLowerCase())));
  }

  /** The transactions that this set has and the other lacks. */
  minus(other: GtidSet): GtidSet {
    const left = new Map<string, readonly Interval[]>();
    for (const [source, intervals] of this.sources) {
      const rest = without(intervals, other.sources.get(source) ?? []);
      if (rest.length > 0) left.set(source, rest);
    }
    return new GtidSet(left);
  }

  /** The form that MySQL reads: one line, sources in order. */
  toString(): string {
    return [...this.sources]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([source, intervals]) =>
        [source, ...intervals.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`))].join(":"),
      )
      .join(",");
  }
}

/** Intervals in order, with those that touch joined. */
function merged(intervals: readonly Interval[]): Interval[] {
  const result: [number, number][] = [];
  for (const [first, last] of [...intervals].sort((a, b) => a[0] - b[0])) {
    const previous = result.at(-1);
    if (previous !== undefined && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
    else result.push([first, last]);
  }
  return result;
}

/** Both lists are in order. */
function without(intervals: readonly Interval[], taken: readonly Interval[]): Interval[] {
  const result: Interval[] = [];
  let next = 0;
  for (const [first, last] of intervals) {
    let start = first;
    while (next < taken.length && taken[next][1] < start) next += 1;
    for (let i = next; i < taken.length && taken[i][0] <= last; i += 1) {
      if (taken[i][0] > start) result.push([start, taken[i][0] - 1]);
      start = Math.max(start, taken[i][1] + 1);
    }
    if (start <= last) result.push([start, last]);
  }
  return result;
}
