import assert from "node:assert/strict";
import { acknowledgements, haveAll } from "../../../contract/quorum";

/** All choices of so many replicas, as bits. */
function choices(replicas: number, count: number): number[] {
  return Array.from({ length: 2 ** replicas }, (_, bits) => bits).filter(
    (bits) => bits.toString(2).replaceAll("0", "").length === count,
  );
}

describe("the quorum", () => {
  it("of acknowledgements makes a majority with the primary, or all of two", () => {
    assert.deepEqual([1, 2, 3, 4].map(acknowledgements), [1, 1, 2, 2]);
  });

  /** How many servers besides the primary must answer before one of them is promoted. */
  const needed = (replicas: number): number =>
    [1, 2, 3, 4].find((servers) => haveAll({ by: acknowledgements(replicas), of: replicas }, servers)) ?? Infinity;

  it("of a failover is what meets every such majority", () => {
    assert.deepEqual([1, 2, 3, 4].map(needed), [1, 2, 2, 3]);
  });

  it("of a failover is never met if no replica has to acknowledge", () => {
    assert.equal(haveAll({ by: 0, of: 2 }, 2), false);
  });

  for (const replicas of [1, 2, 3, 4]) {
    it(`has a server with each acknowledged transaction among any that answer, with ${replicas} replica(s), and one server fewer might not`, () => {
      const acknowledged = choices(replicas, acknowledgements(replicas));
      const meets = (seen: number) =>
        choices(replicas, seen).every((answers) => acknowledged.every((holders) => (holders & answers) !== 0));
      assert.ok(acknowledged.length > 0 && choices(replicas, needed(replicas)).length > 0);
      assert.ok(meets(needed(replicas)));
      assert.ok(!meets(needed(replicas) - 1));
    });
  }
});
