import assert from "node:assert/strict";
import { leaves, listLength, nextStep } from "../../../../runtime/nacos-members/steps";

describe("Steps of a cluster", () => {
  /** All steps from a number of members to another. */
  const path = (members: number, wanted: number): number[] => {
    const next = nextStep({ members, wanted });
    return next === members ? [members] : [members, ...path(next, wanted)];
  };

  it("admit one server to a single one, and then at most two at a time", () => {
    assert.deepEqual(path(1, 3), [1, 2, 3]);
    assert.deepEqual(path(3, 5), [3, 5]);
    assert.deepEqual(path(3, 9), [3, 5, 7, 9]);
    assert.deepEqual(path(3, 4), [3, 4]);
    assert.deepEqual(path(2, 7), [2, 4, 6, 7]);
  });

  it("never admit servers that are a majority among themselves", () => {
    for (let members = 1; members < 12; members++)
      for (let wanted = members + 1; wanted < 14; wanted++) {
        const next = nextStep({ members, wanted });
        assert.ok(next - members < Math.floor(next / 2) + 1, `${members} to ${next}`);
      }
  });

  it("do not shrink the list by themselves: the last server leaves first", () => {
    assert.equal(nextStep({ members: 5, wanted: 3 }), 5);
    assert.deepEqual(
      [2, 3, 4].map((ordinal) => leaves(ordinal, { members: 5, wanted: 3 })),
      [false, true, true],
    );
  });

  it("give servers that join the longer list first", () => {
    const lists = (members: number, wanted: number) =>
      Array.from({ length: wanted }, (_, ordinal) => listLength(ordinal, { members, wanted }));
    assert.deepEqual(lists(3, 3), [3, 3, 3]);
    assert.deepEqual(lists(3, 5), [3, 3, 3, 5, 5]);
    assert.deepEqual(lists(3, 6), [3, 3, 3, 5, 5, undefined]);
    assert.deepEqual(lists(1, 3), [1, 2, undefined]);
    assert.deepEqual(lists(1, 1), [1]);
  });
});
