import assert from "node:assert/strict";
import { claimsProblem, type Claims, type Found } from "../../../kube/claims";

describe("other claims than there are", () => {
  const former: Claims = { storageGiB: 5, storageClass: "fast" };
  const claim = (name: string, size: string) => ({ metadata: { name }, spec: { storageClassName: "fast", resources: { requests: { storage: size } } } });
  const found: Found = { claims: [claim("data-mysql-0", "5Gi"), claim("data-mysql-1", "5Gi")], rigid: [] };
  const rigid: Found = { ...found, rigid: ["fast"] };
  const problem = (wanted: Partial<Claims>, there = found, before: Claims | undefined = former) => claimsProblem("mysql.storageGiB", "mysql.storageClass", before, { ...former, ...wanted }, there);

  it("are taken if they are as large or larger, and their class lets them grow", () => {
    assert.equal(problem({}, rigid), undefined);
    assert.equal(problem({ storageGiB: 6 }), undefined);
    assert.equal(problem({ storageGiB: 6 }, { claims: [], rigid: [] }, undefined), undefined);
  });

  it("are refused if they are smaller", () =>
    assert.equal(problem({ storageGiB: 4 }), "mysql.storageGiB is 4, and the claims have 5: no volume becomes smaller. Set it back: pulumi config set --path nacos-platform:mysql.storageGiB 5"));

  it("are refused if they are of another class", () =>
    assert.equal(problem({ storageClass: "slow", storageGiB: 6 }), "mysql.storageClass is slow, and the claims are of fast: no claim changes its class. Set it back: pulumi config set --path nacos-platform:mysql.storageClass fast"));

  it("are refused if they are larger and their class lets none grow", () => {
    const text = (size: number) => `mysql.storageGiB is 10, and data-mysql-0, data-mysql-1 cannot become larger: StorageClass fast does not say allowVolumeExpansion: true. Set it back: pulumi config set --path nacos-platform:mysql.storageGiB ${size}. docs/volumes.md says more`;
    assert.equal(problem({ storageGiB: 10 }, rigid), text(5));
    assert.equal(claimsProblem("mysql.storageGiB", "mysql.storageClass", undefined, { ...former, storageGiB: 10 }, rigid), text(5)); // of an earlier deployment
  });

  it("may follow what is there, where the state says more than is true", () => {
    const state = { ...former, storageGiB: 100 };
    assert.equal(problem({ storageGiB: 5 }, rigid, state), undefined);
    assert.equal(problem({ storageGiB: 100 }, rigid, state), undefined); // nothing has changed: no update is held up
  });
});
