/** First and last transaction number of a run, both included. */
type Interval = readonly [number, number];

/**
 * A set of global transaction identifiers, as MySQL writes it: "uuid:1-5:7, uuid2:1-3". A source is a server's UUID,
 * with a tag where the transactions carry one ("uuid:tag").
 */
export class GtidSet {
  private constructor(private readonly sources: ReadonlyMap<string, readonly Interval[]>) {}

  static readonly empty = new GtidSet(new Map());

  /** @throws Error where the text is no GTID set. */
  static parse(text: string): GtidSet {
    const sources = new Map<string, Interval[]>();
    for (const part of text.split(",").map((piece) => piece.trim().toLowerCase()).filter((piece) => piece !== "")) {
      const [uuid, ...rest] = part.split(":");
      if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uuid) || !/^\d+(-\d+)?$/.test(rest.at(-1) ?? "")) throw new Error(`"${part}" is no GTID set`);
      let source = uuid;
      for (const piece of rest) {
        const interval = /^(\d+)(?:-(\d+))?$/.exec(piece);
        if (interval === null) {
          if (!/^[a-z_][a-z0-9_]{0,31}$/.test(piece)) throw new Error(`"${part}" is no GTID set`);
          source = `${uuid}:${piece}`;
          continue;
        }
        const [first, last] = [Number(interval[1]), Number(interval[2] ?? interval[1])];
        if (first < 1 || last < first) throw new Error(`"${part}" is no GTID set`);
        sources.set(source, [...(sources.get(source) ?? []), [first, last]]);
      }
    }
    return new GtidSet(new Map([...sources].map(([source, intervals]) => [source, merged(intervals)])));
  }

  get isEmpty(): boolean {
    return this.sources.size === 0;
  }

  /** Number of transactions. */
  get size(): number {
    let count = 0;
    for (const intervals of this.sources.values()) for (const [first, last] of intervals) count += last - first + 1;
    return count;
  }

  contains(other: GtidSet): boolean {
    return other.minus(this).isEmpty;
  }

  equals(other: GtidSet): boolean {
    return this.toString() === other.toString();
  }

  union(other: GtidSet): GtidSet {
    const sources = new Map<string, readonly Interval[]>(this.sources);
    for (const [source, intervals] of other.sources) sources.set(source, merged([...(sources.get(source) ?? []), ...intervals]));
    return new GtidSet(sources);
  }

  /** What this set has and the other lacks. */
  minus(other: GtidSet): GtidSet {
    const sources = new Map<string, readonly Interval[]>();
    for (const [source, intervals] of this.sources) {
      const left = (other.sources.get(source) ?? []).reduce(without, intervals);
      if (left.length > 0) sources.set(source, left);
    }
    return new GtidSet(sources);
  }

  /** As MySQL takes it, sources in order. */
  toString(): string {
    return [...this.sources]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([source, intervals]) => `${source}:${intervals.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(":")}`)
      .join(",");
  }
}

/** Intervals in order, with those that touch joined. */
function merged(intervals: readonly Interval[]): Interval[] {
  const result: Interval[] = [];
  for (const [first, last] of [...intervals].sort((a, b) => a[0] - b[0])) {
    const previous = result.at(-1);
    if (previous !== undefined && first <= previous[1] + 1) result[result.length - 1] = [previous[0], Math.max(previous[1], last)];
    else result.push([first, last]);
  }
  return result;
}

function without(intervals: readonly Interval[], [from, to]: Interval): Interval[] {
  return intervals.flatMap(([first, last]): Interval[] => {
    if (to < first || from > last) return [[first, last]];
    const pieces: Interval[] = [];
    if (first < from) pieces.push([first, from - 1]);
    if (last > to) pieces.push([to + 1, last]);
    return pieces;
  });
}
