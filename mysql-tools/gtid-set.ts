/** One transaction: the server that committed it first, and its number there. */
export interface Gtid {
  readonly source: string;
  readonly number: number;
}

/** Numbers `first` to `last` of one server, both included. */
export interface GtidRange {
  readonly source: string;
  readonly first: number;
  readonly last: number;
}

type Interval = readonly [first: number, last: number];

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function formatGtid({ source, number }: Gtid): string {
  return `${source}:${number}`;
}

/** A set of transactions, as in `@@gtid_executed`. It never changes. */
export class GtidSet {
  static readonly empty = new GtidSet(new Map());

  /** Sorted, without overlap or adjacency; no server without an interval. */
  private constructor(private readonly intervals: ReadonlyMap<string, readonly Interval[]>) {}

  /** @throws Error when `text` is not what MySQL prints for a set without tags. */
  static parse(text: string): GtidSet {
    const ranges: GtidRange[] = [];
    for (const part of text.split(",").map((piece) => piece.replace(/\s/g, "")).filter((piece) => piece !== "")) {
      const [uuid, ...pieces] = part.split(":");
      const source = uuid.toLowerCase();
      const bad = (): Error => new Error(`"${part.slice(0, 80)}" is no set of transaction ids`);
      if (!UUID.test(source) || pieces.length === 0) throw bad();
      for (const piece of pieces) {
        const match = /^(\d+)(?:-(\d+))?$/.exec(piece);
        if (match === null) throw bad();
        const first = Number(match[1]);
        const last = Number(match[2] ?? match[1]);
        if (first < 1 || last < first) throw bad();
        ranges.push({ source, first, last });
      }
    }
    return GtidSet.of(ranges);
  }

  static of(ranges: Iterable<GtidRange>): GtidSet {
    const bySource = new Map<string, Interval[]>();
    for (const { source, first, last } of ranges) {
      const list = bySource.get(source);
      if (list === undefined) bySource.set(source, [[first, last]]);
      else list.push([first, last]);
    }
    return new GtidSet(new Map([...bySource].map(([source, list]) => [source, merged(list)])));
  }

  static union(sets: Iterable<GtidSet>): GtidSet {
    return GtidSet.of([...sets].flatMap((set) => [...set.ranges()]));
  }

  union(other: GtidSet): GtidSet {
    return GtidSet.union([this, other]);
  }

  minus(other: GtidSet): GtidSet {
    const left = new Map<string, readonly Interval[]>();
    for (const [source, list] of this.intervals) {
      const rest = without(list, other.intervals.get(source) ?? []);
      if (rest.length > 0) left.set(source, rest);
    }
    return new GtidSet(left);
  }

  intersect(other: GtidSet): GtidSet {
    return this.minus(this.minus(other));
  }

  contains(other: GtidSet): boolean {
    return other.minus(this).isEmpty;
  }

  has({ source, number }: Gtid): boolean {
    return (this.intervals.get(source) ?? []).some(([first, last]) => first <= number && number <= last);
  }

  get isEmpty(): boolean {
    return this.intervals.size === 0;
  }

  /** How many transactions. */
  get count(): number {
    let sum = 0;
    for (const { first, last } of this.ranges()) sum += last - first + 1;
    return sum;
  }

  equals(other: GtidSet): boolean {
    return this.contains(other) && other.contains(this);
  }

  *ranges(): Generator<GtidRange> {
    for (const [source, list] of this.intervals) {
      for (const [first, last] of list) yield { source, first, last };
    }
  }

  /** As MySQL prints it, on one line. */
  toString(): string {
    return [...this.intervals].sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([source, list]) => [source, ...list.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`))].join(":"))
      .join(",");
  }
}

function merged(list: Interval[]): Interval[] {
  const result: [number, number][] = [];
  for (const [first, last] of [...list].sort((a, b) => a[0] - b[0])) {
    const before = result.at(-1);
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else result.push([first, last]);
  }
  return result;
}

function without(list: readonly Interval[], taken: readonly Interval[]): Interval[] {
  const result: Interval[] = [];
  let next = 0;
  for (const [first, last] of list) {
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
