import assert from "node:assert/strict";
import { outputsProblem } from "../../../tenants/platform";

describe("the outputs of a platform's stack", () => {
  const problem = (version: number | undefined, ...missing: string[]) =>
    outputsProblem("organization/nacos-platform/dev", version, missing)?.message;
  const all = ["version", "namespace", "kubeContext", "nacos", "mysql", "secrets"];

  it("are accepted in the version of this release, if none is missing", () => assert.equal(problem(1), undefined));

  it("are refused otherwise, with what was found, what is needed, and what to do", () => {
    assert.equal(
      problem(undefined, ...all),
      "stack organization/nacos-platform/dev has no outputs, and outputs of version 1 are needed. Deploy the platform first: pulumi up, in its folder [TENANTS_PLATFORM_NOT_DEPLOYED: docs/runbooks/tenants.md]",
    );
    assert.equal(
      problem(undefined, "version", "kubeContext"),
      "stack organization/nacos-platform/dev has outputs of a release without versions, and outputs of version 1 are needed. Update the platform first: pulumi up, in its folder [TENANTS_PLATFORM_OUTDATED: docs/runbooks/tenants.md]",
    );
    assert.equal(
      problem(0),
      "stack organization/nacos-platform/dev has outputs of version 0, and outputs of version 1 are needed. Update the platform first: pulumi up, in its folder [TENANTS_PLATFORM_OUTDATED: docs/runbooks/tenants.md]",
    );
    assert.equal(
      problem(2),
      "stack organization/nacos-platform/dev has outputs of version 2, and outputs of version 1 are needed. A newer release has deployed the platform: use that release here as well [TENANTS_PLATFORM_NEWER: docs/runbooks/tenants.md]",
    );
    assert.equal(
      problem(1, "mysql"),
      "stack organization/nacos-platform/dev lacks output mysql of version 1. Update the platform first: pulumi up, in its folder [TENANTS_PLATFORM_OUTDATED: docs/runbooks/tenants.md]",
    );
    assert.equal(
      problem(1, "mysql", "nacos"),
      "stack organization/nacos-platform/dev lacks outputs mysql, nacos of version 1. Update the platform first: pulumi up, in its folder [TENANTS_PLATFORM_OUTDATED: docs/runbooks/tenants.md]",
    );
  });
});
