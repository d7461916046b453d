import * as assert from "node:assert/strict";
import { nodesFor } from "../../../sandbox/deploy/topology";

describe("the number of nodes", () => {
  for (const [stack, nodes] of [
    ["dev", 1],
    ["test", 3],
    ["prod", 3],
  ] as const) {
    it(`is ${nodes} for ${stack} by default`, () => assert.equal(nodesFor(stack, undefined), nodes));
  }

  it("may be smaller where the servers may share nodes", () => assert.equal(nodesFor("test", 1), 1));

  it("is refused where each server needs a node of its own", () => {
    assert.throws(() => nodesFor("prod", 2), {
      message:
        '2 node(s) are too few: stack "prod" puts 3 Nacos servers on a node each. Set NODES=3 or set nacos-platform:nacos.spread to preferred.',
    });
  });
});
