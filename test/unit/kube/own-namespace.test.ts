import assert from "node:assert/strict";
import { namespaceProblem, OWNER } from "../../../kube/own-namespace";

const choice = "Choose another: pulumi config set nacos-platform:namespace NAME.";

describe("a namespace that is there before the stack", () => {
  it("is taken over where a killed update of the same stack has made it", () => {
    assert.equal(namespaceProblem("nacos-dev", { [OWNER]: "nacos-platform/dev" }, "nacos-platform/dev", choice), undefined);
  });

  it("is refused where it is another stack's, or nobody's", () => {
    const way = "Choose another: pulumi config set nacos-platform:namespace NAME. Only if all that is in it may be this stack's: kubectl annotate --overwrite namespace nacos-dev nacos-platform/stack=nacos-platform/dev-anna";
    assert.equal(namespaceProblem("nacos-dev", { [OWNER]: "nacos-platform/dev" }, "nacos-platform/dev-anna", choice), `namespace nacos-dev belongs to stack nacos-platform/dev. ${way}`);
    assert.equal(namespaceProblem("nacos-dev", {}, "nacos-platform/dev-anna", choice), `namespace nacos-dev exists, and no stack has made it. ${way}`);
  });
});
