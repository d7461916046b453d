import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { OFFLINE } from "../../../contract/offline";
import { reclaimProblem, retainedClassName } from "../../../kube/storage-class";
import { record, settle } from "../../support/recorder";

class Owner extends pulumi.ComponentResource {
  readonly className: pulumi.Output<string>;
  constructor() {
    super("test:index:Owner", "owner");
    this.className = retainedClassName(
      "class",
      { className: "fast", key: "mysql.storageClass", required: false },
      { parent: this },
    );
  }
}

describe("the StorageClass of a claim", () => {
  it("is read, not created", async () => {
    const { result, resources } = await record(() => new Owner());
    assert.deepEqual(
      resources.map((r) => [r.name, r.read]),
      [
        ["owner", false],
        ["class", true],
      ],
    );
    assert.equal((await settle(result.className)).value, "fast");
  });

  it("is not read in a preview without a cluster", async () => {
    process.env[OFFLINE] = "true";
    try {
      const { result, resources } = await record(() => new Owner());
      assert.deepEqual(
        resources.map((r) => r.name),
        ["owner"],
      );
      assert.equal((await settle(result.className)).value, "fast");
    } finally {
      delete process.env[OFFLINE];
    }
  });

  it("is used with a warning if retention is not required", async () => {
    const { result } = await record(() => new Owner(), { reclaimPolicy: "Delete" });
    assert.equal((await settle(result.className)).value, "fast");
  });

  it("has to retain its volumes", () => {
    assert.equal(reclaimProblem("Retain", "fast", "p:mysql.storageClass"), undefined);
    assert.deepEqual(reclaimProblem("Delete", "fast", "p:mysql.storageClass"), {
      path: "p:mysql.storageClass",
      fault: "is fast, which deletes a volume together with its claim",
      allowed: "a StorageClass with reclaimPolicy Retain",
      fix: "pulumi config set --path p:mysql.storageClass NAME, with a class that `kubectl get storageclass` shows as Retain",
    });
  });
});
