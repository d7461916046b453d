import assert from "node:assert/strict";
import { claimsProblem } from "../../../components/claims";

describe("other claims of the servers", () => {
  const former = { storageGiB: 5, storageClass: "fast" };
  const problem = (wanted: Partial<typeof former>) => claimsProblem("mysql", former, { ...former, ...wanted });

  it("are none if they are the same, or larger", () => {
    assert.equal(problem({}), undefined);
    assert.equal(problem({ storageGiB: 6 }), undefined);
  });

  it("are refused if they are smaller", () =>
    assert.equal(problem({ storageGiB: 4 }), "mysql.storageGiB is 4, and the servers' claims have 5: no volume becomes smaller. Set it back: pulumi config set --path nacos-platform:mysql.storageGiB 5"));

  it("are refused if they are of another class", () =>
    assert.equal(problem({ storageClass: "slow", storageGiB: 6 }), "mysql.storageClass is slow, and the servers' claims are of fast: no claim changes its class. Set it back: pulumi config set --path nacos-platform:mysql.storageClass fast"));
});
