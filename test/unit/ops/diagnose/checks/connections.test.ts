import assert from "node:assert/strict";
import { evaluateConnections } from "../../../../../ops/diagnose/checks/connections";

describe("the check of MySQL's connections", () => {
  it("watches a server that has few left, and escalates one that has almost none", () => {
    const { summary, problems } = evaluateConnections(
      [79, 80, 95].map((open, index) => ({ server: `mysql-${index}`, open, most: 100 })),
    );
    assert.equal(summary, "mysql-0 79 of 100, mysql-1 80 of 100, mysql-2 95 of 100");
    assert.deepEqual(
      problems.map(({ verdict, reason }) => `${verdict} ${reason}`),
      ["watch mysql-1 has 80 % of its connections in use", "escalate mysql-2 has 95 % of its connections in use"],
    );
  });
});
