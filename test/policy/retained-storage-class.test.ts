import * as assert from "node:assert/strict";
import { retainedStorageClass as policy } from "../../policy-pack/rules/stack/retained-storage-class";
import { changed, goodStatefulSet, type Props, stackViolations, types, unknown } from "./support";

const db = { type: types.StatefulSet, name: "db-set", props: goodStatefulSet };
const fast = (props: Props) => ({
  type: types.StorageClass,
  name: "class",
  props: { metadata: { name: "fast" }, ...props },
});
const says = (policyValue: string) => [
  `[db-set] StatefulSet nacos/db, claim "data": reclaimPolicy of StorageClass "fast" is ${policyValue}. Name a class whose reclaimPolicy is "Retain".`,
];

describe("retained-storage-class", () => {
  it("passes a class that retains", () => {
    assert.deepEqual(stackViolations(policy, [db, fast({ reclaimPolicy: "Retain" })]), []);
  });

  it("stops a class that deletes", () => {
    assert.deepEqual(stackViolations(policy, [fast({ reclaimPolicy: "Delete" }), db]), says('"Delete"'));
  });

  it("stops a class that leaves the policy to the default, Delete", () => {
    assert.deepEqual(stackViolations(policy, [db, fast({})]), says("not set"));
  });

  it("passes a class that no claim names", () => {
    assert.deepEqual(
      stackViolations(policy, [db, fast({ metadata: { name: "faster" }, reclaimPolicy: "Delete" })]),
      [],
    );
  });

  it("cannot evaluate a class that the stack does not have", () => {
    assert.deepEqual(stackViolations(policy, [db]), []);
  });

  it("passes a claim that names no class, and a StatefulSet without claims", () => {
    const stack = [fast({ reclaimPolicy: "Delete" })];
    const noClass = changed(goodStatefulSet, "spec.volumeClaimTemplates.0.spec.storageClassName", undefined);
    assert.deepEqual(stackViolations(policy, [...stack, { ...db, props: noClass }]), []);
    assert.deepEqual(stackViolations(policy, [...stack, { ...db, props: {} }]), []);
  });

  it("does not take another kind of the same name for the class", () => {
    const other = { ...fast({ reclaimPolicy: "Delete" }), type: types.ConfigMap };
    assert.deepEqual(stackViolations(policy, [db, other]), []);
  });

  for (const path of ["metadata.name", "reclaimPolicy"]) {
    it(`leaves a class with an unknown ${path} to the update`, () => {
      const props = changed({ metadata: { name: "fast" }, reclaimPolicy: "Delete" }, path, unknown);
      assert.deepEqual(stackViolations(policy, [db, { ...fast({}), props }]), []);
    });
  }

  for (const path of ["spec", "spec.volumeClaimTemplates", "spec.volumeClaimTemplates.0.spec.storageClassName"]) {
    it(`leaves a StatefulSet with an unknown ${path} to the update`, () => {
      const stack = [{ ...db, props: changed(goodStatefulSet, path, unknown) }, fast({ reclaimPolicy: "Delete" })];
      assert.deepEqual(stackViolations(policy, stack), []);
    });
  }

  it("ignores an exempt claim", () => {
    const stack = [db, fast({ reclaimPolicy: "Delete" })];
    assert.deepEqual(stackViolations(policy, stack, ["nacos/db/data"]), []);
    assert.deepEqual(stackViolations(policy, stack, ["nacos/db/logs"]), says('"Delete"'));
  });
});
