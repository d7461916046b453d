import assert from "node:assert/strict";
import { sizeProblem } from "../../../components/claim-size";

describe("another size of the claims", () => {
  const GIB = 2 ** 30;
  const running = { statefulSet: true, claims: [5 * GIB, 5 * GIB] };

  it("is none where it is the same, in another namespace say", () => {
    assert.equal(sizeProblem("mysql.storageGiB", 5, 5, { statefulSet: false, claims: [] }), undefined);
  });

  it("is refused where it is smaller, whatever is there", () => {
    const problem = "mysql.storageGiB is 4, and the servers' claims were made with 5: no volume becomes smaller. Set it back: pulumi config set --path nacos-platform:mysql.storageGiB 5";
    assert.equal(sizeProblem("mysql.storageGiB", 5, 4, running), problem);
    assert.equal(sizeProblem("mysql.storageGiB", 5, 4, { statefulSet: false, claims: [5 * GIB] }), problem);
  });

  it("is refused where it is larger, and the claims were not grown by hand, all of them", () => {
    const problem = "mysql.storageGiB is 10, and the servers' claims were made with 5: Kubernetes changes none of them. docs/volumes.md has the way to grow them by hand; until then: pulumi config set --path nacos-platform:mysql.storageGiB 5";
    for (const found of [running, { statefulSet: true, claims: [10 * GIB] }, { statefulSet: false, claims: [10 * GIB, 5 * GIB] }, { statefulSet: false, claims: [] }]) {
      assert.equal(sizeProblem("mysql.storageGiB", 5, 10, found), problem);
    }
  });

  it("is noted where the claims have grown, and the set is out of the way", () => {
    assert.equal(sizeProblem("mysql.storageGiB", 5, 10, { statefulSet: false, claims: [10 * GIB, 12 * GIB] }), undefined);
  });
});
