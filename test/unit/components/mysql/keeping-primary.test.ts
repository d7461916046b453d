import assert from "node:assert/strict";
import { primaryProblem } from "../../../../components/mysql/keeping-primary";

describe("fewer MySQL servers", () => {
  const problem = (primary: string | undefined, ...servers: string[]) =>
    primaryProblem(primary, servers, "test")?.message;

  it("are refused if the primary would be removed, with the command that moves it first", () =>
    assert.equal(
      problem("mysql-2", "mysql-0", "mysql-1"),
      "mysql.servers is 2, and mysql-2 is the primary, which would be removed. Switch over first: npm run ops -- mysql switchover --stack test --server mysql-0 [MYSQL_PRIMARY_WOULD_BE_REMOVED: docs/runbooks/pulumi-up.md]",
    ));

  it("are accepted if the primary stays, or none is declared", () => {
    assert.equal(problem("mysql-1", "mysql-0", "mysql-1"), undefined);
    assert.equal(problem(undefined, "mysql-0"), undefined);
  });
});
