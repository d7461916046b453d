import assert from "node:assert/strict";
import { conflictAdvice } from "../../../kube/field-manager";

describe("a field that another manager has set", () => {
  const said = (conflict: string) =>
    `Server-Side Apply field conflict detected. See https://www.pulumi.com for troubleshooting help.\nThe resource managed by field manager "pulumi-nacos-platform-dev" had an apply conflict: Apply failed with ${conflict}`;

  it("is reported with its manager, and what to do", () => {
    assert.equal(
      conflictAdvice(
        said('1 conflict: conflict with "kubectl" with subresource "scale" using apps/v1: .spec.replicas'),
      ),
      "somebody else has set a field that the stack sets: kubectl. kubectl-edit, kubectl or kubectl-patch is a change by hand, with `kubectl edit` or `kubectl scale`: to keep it, write it into the stack's configuration. To overwrite it: run the same command again, with PULUMI_K8S_ENABLE_PATCH_FORCE=true before it.",
    );
    assert.match(
      String(
        conflictAdvice(
          said(
            '2 conflicts: conflicts with "kubectl-edit" using v1:\n- .data.a\nconflicts with "argocd" using v1:\n- .data.b',
          ),
        ),
      ),
      /sets: kubectl-edit, argocd\. /,
    );
  });

  it("may belong to an autoscaler", () => {
    const conflict =
      '1 conflict: conflict with "kube-controller-manager" with subresource "scale" using apps/v1: .spec.replicas';
    assert.match(
      String(conflictAdvice(said(conflict))),
      /sets: kube-controller-manager\. .* kube-controller-manager is an autoscaler: docs\/autoscaling\.md\. To overwrite it: /,
    );
  });

  it("is not reported for other errors", () => {
    for (const other of [
      "",
      "Forbidden: updates to statefulset spec",
      "Operation cannot be fulfilled: the object has been modified",
    ])
      assert.equal(conflictAdvice(other), undefined);
  });
});
