import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { IDENTITIES } from "../../../contract/identities";
import { autoscaler, type AutoscalerArgs } from "../../../kube/autoscaler";
import { steps } from "../../../kube/autoscaling-behavior";
import { record, type Recorded } from "../../support/recorder";

const args: AutoscalerArgs = {
  name: "shop",
  kind: "Deployment",
  namespace: "shops",
  identity: IDENTITIES.nacos,
  kubeContext: "my-cluster",
  minReplicas: 2,
  maxReplicas: 10,
  withoutMetrics: "Or use a fixed number.",
};

describe("an autoscaler", () => {
  async function made(more: Partial<AutoscalerArgs> = {}, opts: pulumi.CustomResourceOptions = {}): Promise<Recorded> {
    const recording = await record(() => autoscaler("shop-autoscaler", { ...args, ...more }, opts));
    return recording.one("kubernetes:autoscaling/v2:HorizontalPodAutoscaler", "shop");
  }

  it("adds pods above 70 % of the requested CPU by default, fast, and removes them slowly", async () => {
    assert.deepEqual((await made()).inputs.spec, {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "shop" },
      minReplicas: 2,
      maxReplicas: 10,
      metrics: [
        { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } } },
      ],
      behavior: {
        scaleUp: {
          stabilizationWindowSeconds: 60,
          selectPolicy: "Max",
          policies: [
            { type: "Percent", value: 100, periodSeconds: 60 },
            { type: "Pods", value: 10, periodSeconds: 60 },
          ],
        },
        scaleDown: {
          stabilizationWindowSeconds: 300,
          selectPolicy: "Min",
          policies: [
            { type: "Percent", value: 10, periodSeconds: 120 },
            { type: "Pods", value: 2, periodSeconds: 120 },
          ],
        },
      },
    });
  });

  it("may go in steps, and only up", async () => {
    const behavior = steps({ pods: 1, periodSeconds: 60, windowSeconds: 30 });
    assert.deepEqual((await made({ behavior })).inputs.spec.behavior, {
      scaleUp: {
        stabilizationWindowSeconds: 30,
        selectPolicy: "Max",
        policies: [{ type: "Pods", value: 1, periodSeconds: 60 }],
      },
      scaleDown: { selectPolicy: "Disabled" },
    });
  });

  it("can be changed by a transform, and has the hooks of its owner after the check of its metrics", async () => {
    const { hooks, inputs } = await made(
      {
        transform: (given) => ({ ...given, metadata: { name: "shop", annotations: { a: "b" } } }),
      },
      { hooks: { beforeCreate: [new pulumi.ResourceHook("another", () => undefined)] } },
    );
    assert.equal(inputs.metadata.annotations.a, "b");
    const served = "check if the cluster serves the metrics of autoscaler shop";
    assert.deepEqual(hooks, { beforeCreate: [served, "another"], beforeUpdate: [served] });
  });

  it("is refused without a range or metrics", async () => {
    await assert.rejects(
      made({ minReplicas: 3, maxReplicas: 3 }),
      /^RangeError: autoscaler shop: 3 to 3 pods is no range/,
    );
    await assert.rejects(made({ minReplicas: 0 }), /0 to 10 pods is no range/);
    await assert.rejects(made({ metrics: [] }), /no metrics/);
  });
});
