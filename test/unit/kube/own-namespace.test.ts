import assert from "node:assert/strict";
import { namespaceProblem, OWNER } from "../../../kube/own-namespace";

const choice = "Choose another: pulumi config set nacos-platform:namespace NAME.";

describe("a namespace that exists already", () => {
  it("is taken over if a killed update of the same stack has created it", () => {
    assert.equal(
      namespaceProblem("nacos-dev", { [OWNER]: "nacos-platform/dev" }, "nacos-platform/dev", choice),
      undefined,
    );
  });

  it("is refused if it belongs to another stack, or to none", () => {
    const way =
      "Choose another: pulumi config set nacos-platform:namespace NAME. Only if everything in it may belong to this stack: kubectl annotate --overwrite namespace nacos-dev nacos-platform/stack=nacos-platform/dev-anna";
    assert.equal(
      namespaceProblem("nacos-dev", { [OWNER]: "nacos-platform/dev" }, "nacos-platform/dev-anna", choice),
      `namespace nacos-dev belongs to stack nacos-platform/dev. ${way}`,
    );
    assert.equal(
      namespaceProblem("nacos-dev", {}, "nacos-platform/dev-anna", choice),
      `namespace nacos-dev exists, and no stack has created it. ${way}`,
    );
  });
});
