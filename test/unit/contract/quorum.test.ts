import assert from "node:assert/strict";
import { acknowledgements, failoverQuorum } from "../../../contract/quorum";

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

  it("of a failover is what meets every such majority", () => {
    assert.deepEqual([1, 2, 3, 4].map(failoverQuorum), [1, 2, 2, 3]);
  });

  for (const replicas of [1, 2, 3, 4]) {
    it(`has a server with each acknowledged transaction among any that answer, with ${replicas} replica(s), and one server fewer might not`, () => {
      const acknowledged = choices(replicas, acknowledgements(replicas));
      const meets = (seen: number) =>
        choices(replicas, seen).every((answers) => acknowledged.every((holders) => (holders & answers) !== 0));
      assert.ok(acknowledged.length > 0 && choices(replicas, failoverQuorum(replicas)).length > 0);
      assert.ok(meets(failoverQuorum(replicas)));
      assert.ok(!meets(failoverQuorum(replicas) - 1));
    });
  }
});
