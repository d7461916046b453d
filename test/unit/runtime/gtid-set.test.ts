import assert from "node:assert/strict";
import { GtidSet } from "../../../runtime/gtid-set";
import { gtids, letters, UUID } from "../../support/fake-mysql";

const text = (set: GtidSet): string => letters(set.toString());

describe("a GTID set", () => {
  it("is read as MySQL writes it: over several lines, in capitals, with single numbers", () => {
    assert.equal(text(gtids("a:1-5:7,\nb:3")), "a:1-5:7,b:3");
    assert.equal(GtidSet.parse(`${UUID.a.toUpperCase()}:1-3`).toString(), `${UUID.a}:1-3`);
    assert.equal(text(gtids(" a:9 , b:1 ")), "a:9,b:1");
  });

  it("is written in one way: intervals joined and in order, sources in order", () => {
    assert.equal(text(gtids("b:2,a:7:5-6:1-2:2-3,b:1")), "a:1-3:5-7,b:1-2");
    assert.ok(gtids("b:1,a:1-2:3").equals(gtids("a:1-3,b:1")));
    assert.ok(!gtids("a:1-3").equals(gtids("a:1-4")));
    assert.ok(!gtids("a:1-3").equals(gtids("b:1-3")));
  });

  it("of nothing is empty", () => {
    for (const nothing of [GtidSet.empty, gtids(""), gtids(" \n"), gtids(",")])
      assert.deepEqual([nothing.isEmpty, nothing.size, text(nothing)], [true, 0, ""]);
    assert.ok(!gtids("a:1").isEmpty);
  });

  it("counts its transactions", () => {
    assert.equal(gtids("a:1-5:7,b:3").size, 7);
    assert.equal(gtids("a:1-5:5-6").size, 6);
  });

  it("keeps transactions with a tag apart from those without, and a tag applies until the next", () => {
    const tagged = gtids("a:1-3:backup:1-2:7:other:1");
    assert.equal(text(tagged), "a:1-3,a:backup:1-2:7,a:other:1");
    assert.equal(text(gtids("a:Backup:4")), "a:backup:4");
    assert.equal(text(tagged.minus(gtids("a:1-9"))), "a:backup:1-2:7,a:other:1");
    assert.ok(!gtids("a:1-9").contains(gtids("a:backup:1")));
    assert.ok(GtidSet.parse(tagged.toString()).equals(tagged));
  });

  it("that is none is refused, quoting the part", () => {
    for (const wrong of [
      "1-5",
      UUID.a,
      `${UUID.a}:`,
      `${UUID.a}:1-`,
      `${UUID.a}:-1`,
      `${UUID.a}:1--2`,
      `${UUID.a}:1.5`,
      `${UUID.a}:9tag:1`,
      `${UUID.a}:${"t".repeat(33)}:1`,
      "x:1-5",
      `${UUID.a}0:1`,
    ]) {
      assert.throws(() => GtidSet.parse(`${UUID.b}:1, ${wrong}`), { message: `"${wrong}" is not a GTID set` }, wrong);
    }
  });

  it("joins what either has", () => {
    assert.equal(text(gtids("a:1-3,b:5").union(gtids("a:4-6,c:1"))), "a:1-6,b:5,c:1");
    assert.equal(text(gtids("a:1-3").union(GtidSet.empty)), "a:1-3");
  });

  it("removes what another has: at the ends, in the middle, and complete sources", () => {
    assert.equal(text(gtids("a:1-10").minus(gtids("a:1-2:5-6:10"))), "a:3-4:7-9");
    assert.equal(text(gtids("a:1-3,b:1").minus(gtids("a:1-9"))), "b:1");
    assert.ok(gtids("a:1-3").minus(gtids("a:1-3")).isEmpty);
    assert.equal(text(gtids("a:1-3").minus(gtids("a:4-9,b:1-3"))), "a:1-3");
  });

  it("contains its parts, itself and nothing, and not what it has partly", () => {
    const set = gtids("a:1-5:8,b:1");
    for (const part of ["a:2-4", "a:8,b:1", "", "a:1-5:8,b:1"]) assert.ok(set.contains(gtids(part)), part);
    for (const other of ["a:5-6", "a:7", "b:2", "c:1", "a:1-8"]) assert.ok(!set.contains(gtids(other)), other);
    assert.ok(!GtidSet.empty.contains(gtids("a:1")));
  });

  it("leaves the sets that it is made from as they were", () => {
    const [one, other] = [gtids("a:1-5"), gtids("a:3,b:1")];
    one.union(other);
    one.minus(other);
    assert.deepEqual([text(one), text(other)], ["a:1-5", "a:3,b:1"]);
  });
});

describe("GTID sets at random", () => {
  /** The same numbers in every run: a failure can be looked at again. */
  function numbers(seed: number): (below: number) => number {
    let state = seed;
    return (below) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
  }

  /** A set as text, and the same as a plain set of single transactions. */
  function random(next: (below: number) => number): { set: GtidSet; plain: Set<string> } {
    const plain = new Set<string>();
    const parts = Array.from({ length: next(4) }, () => {
      const source = ["a", "b", "a:tag"][next(3)];
      const intervals = Array.from({ length: 1 + next(3) }, () => {
        const first = 1 + next(12);
        const last = first + next(5);
        for (let number = first; number <= last; number++) plain.add(`${source}:${number}`);
        return first === last ? `${first}` : `${first}-${last}`;
      });
      return `${source}:${intervals.join(":")}`;
    });
    return { set: gtids(parts.join(",")), plain };
  }

  function members(set: GtidSet): string[] {
    const found: string[] = [];
    for (const part of letters(set.toString())
      .split(",")
      .filter((piece) => piece !== "")) {
      const [, source, intervals] = /^(\w(?::tag)?):(.+)$/.exec(part) ?? [];
      for (const interval of intervals.split(":")) {
        const [first, last = first] = interval.split("-").map(Number);
        for (let number = first; number <= last; number++) found.push(`${source}:${number}`);
      }
    }
    return found.sort();
  }

  it("are what plain sets of transactions are", () => {
    const next = numbers(20_301);
    const contained = { yes: 0, no: 0 };
    for (let round = 0; round < 500; round++) {
      const [one, other] = [random(next), random(next)];
      const context = `round ${round}: ${letters(one.set.toString())} and ${letters(other.set.toString())}`;
      const left = [...one.plain].filter((transaction) => !other.plain.has(transaction));
      assert.deepEqual(members(one.set), [...one.plain].sort(), context);
      assert.equal(one.set.size, one.plain.size, context);
      assert.deepEqual(members(one.set.union(other.set)), [...new Set([...one.plain, ...other.plain])].sort(), context);
      assert.deepEqual(members(one.set.minus(other.set)), left.sort(), context);
      assert.equal(other.set.contains(one.set), left.length === 0, context);
      assert.ok(GtidSet.parse(one.set.toString()).equals(one.set), context);
      contained[left.length === 0 ? "yes" : "no"]++;
    }
    assert.ok(contained.yes > 50 && contained.no > 50, JSON.stringify(contained));
  });
});
