import assert from "node:assert/strict";
import { claimsProblem, type Claims, type Found } from "../../../kube/claims";

describe("changes of claims", () => {
  const former: Claims = { storageGiB: 5, storageClass: "fast" };
  const claim = (name: string, size: string) => ({
    metadata: { name },
    spec: { storageClassName: "fast", resources: { requests: { storage: size } } },
  });
  const found: Found = { claims: [claim("data-mysql-0", "5Gi"), claim("data-mysql-1", "5Gi")], rigid: [] };
  const rigid: Found = { ...found, rigid: ["fast"] };
  const problem = (wanted: Partial<Claims>, there = found, before: Claims | undefined = former) =>
    claimsProblem("mysql.storageGiB", "mysql.storageClass", before, { ...former, ...wanted }, there)?.message;

  it("are accepted if the size is the same or larger, and the class allows expansion", () => {
    assert.equal(problem({}, rigid), undefined);
    assert.equal(problem({ storageGiB: 6 }), undefined);
    assert.equal(problem({ storageGiB: 6 }, { claims: [], rigid: [] }, undefined), undefined);
  });

  it("are refused if the size is smaller", () =>
    assert.equal(
      problem({ storageGiB: 4 }),
      "mysql.storageGiB is 4, and the claims have 5: no volume becomes smaller. Set it back: pulumi config set --path nacos-platform:mysql.storageGiB 5 [STORAGE_WOULD_SHRINK: docs/runbooks/pulumi-up.md]",
    ));

  it("are refused if the class is another", () =>
    assert.equal(
      problem({ storageClass: "slow", storageGiB: 6 }),
      "mysql.storageClass is slow, and the claims have fast: the class of a claim cannot be changed. Set it back: pulumi config set --path nacos-platform:mysql.storageClass fast [STORAGE_CLASS_CHANGED: docs/runbooks/pulumi-up.md]",
    ));

  it("are refused if the size is larger and the class does not allow expansion", () => {
    const text = (size: number) =>
      `mysql.storageGiB is 10, and data-mysql-0, data-mysql-1 cannot become larger: StorageClass fast does not say allowVolumeExpansion: true. Set it back: pulumi config set --path nacos-platform:mysql.storageGiB ${size}. See docs/volumes.md [STORAGE_NOT_EXPANDABLE: docs/runbooks/pulumi-up.md]`;
    assert.equal(problem({ storageGiB: 10 }, rigid), text(5));
    assert.equal(
      claimsProblem("mysql.storageGiB", "mysql.storageClass", undefined, { ...former, storageGiB: 10 }, rigid)?.message,
      text(5),
    ); // of an earlier deployment
  });

  it("may set the size of the existing claims if the state has a larger one", () => {
    const state = { ...former, storageGiB: 100 };
    assert.equal(problem({ storageGiB: 5 }, rigid, state), undefined);
    assert.equal(problem({ storageGiB: 100 }, rigid, state), undefined); // nothing has changed, so no update is refused
  });
});
