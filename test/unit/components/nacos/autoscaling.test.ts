import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { ApiError } from "../../../../clients/kubernetes/api";
import {
  evenWarning,
  nacosAutoscaler,
  requireNodes,
  type NacosAutoscalerArgs,
} from "../../../../components/nacos/autoscaling";
import { mostServers } from "../../../../components/nacos/autoscaling-config";
import { validate } from "../../../../schema";
import { ConfigError } from "../../../../config";
import { IDENTITIES } from "../../../../contract/identities";
import { record, type Recorded } from "../../../support/recorder";

const enabled = { mode: "enabled", maxReplicas: 5, cpuPercent: 70, scaleDown: false, nodesOnDemand: false } as const;
const args: NacosAutoscalerArgs = {
  base: "nacos",
  namespace: "nacos-x",
  identity: IDENTITIES.nacos,
  kubeContext: "my-cluster",
  replicas: 3,
  spread: "required",
  autoscaling: enabled,
};

describe("the autoscaler of Nacos", () => {
  async function made(more: Partial<NacosAutoscalerArgs> = {}): Promise<Recorded> {
    const recording = await record(() => {
      const parent = new pulumi.ComponentResource("test:Parent", "parent");
      return nacosAutoscaler("nacos-autoscaler", { ...args, ...more }, { parent });
    });
    return recording.one("kubernetes:autoscaling/v2:HorizontalPodAutoscaler", "nacos");
  }

  it("measures the CPU of the servers' container only: no sidecar and no memory", async () => {
    const { spec } = (await made({ autoscaling: { ...enabled, cpuPercent: 60 } })).inputs;
    assert.deepEqual(spec.scaleTargetRef, { apiVersion: "apps/v1", kind: "StatefulSet", name: "nacos" });
    assert.deepEqual(spec.metrics, [
      {
        type: "ContainerResource",
        containerResource: { name: "cpu", container: "nacos", target: { type: "Utilization", averageUtilization: 60 } },
      },
    ]);
  });

  it("adds at most two servers in three minutes, and removes none", async () => {
    const { spec } = (await made()).inputs;
    assert.deepEqual([spec.minReplicas, spec.maxReplicas], [3, 5]);
    assert.deepEqual(spec.behavior, {
      scaleUp: {
        stabilizationWindowSeconds: 120,
        selectPolicy: "Max",
        policies: [{ type: "Pods", value: 2, periodSeconds: 180 }],
      },
      scaleDown: { selectPolicy: "Disabled" },
    });
  });

  it("removes one server in half an hour if that is asked for", async () => {
    const { spec } = (await made({ autoscaling: { ...enabled, scaleDown: true } })).inputs;
    assert.deepEqual(spec.behavior.scaleDown, {
      stabilizationWindowSeconds: 1800,
      selectPolicy: "Max",
      policies: [{ type: "Pods", value: 1, periodSeconds: 1800 }],
    });
  });

  it("counts nodes only if no two servers may share one, and the cluster adds none", async () => {
    const counts = async (more: Partial<NacosAutoscalerArgs>) =>
      (await made(more)).hooks.beforeUpdate.some(
        (hook) => hook === "check if there is a node for each server of nacos",
      );
    assert.equal(await counts({}), true);
    assert.equal(await counts({ spread: "preferred" }), false);
    assert.equal(await counts({ autoscaling: { ...enabled, nodesOnDemand: true } }), false);
  });

  it("warns of an even number of servers", () => {
    assert.equal(evenWarning(5), undefined);
    assert.equal(
      evenWarning(4),
      "nacos.autoscaling.maxReplicas is 4: a Raft group of 4 tolerates no more lost servers than one of 3",
    );
  });

  describe("needs a node for each server", () => {
    const nodes = (count: number) => ({
      get: <T>() => Promise.resolve({ items: Array.from({ length: count }, () => ({})) } as T),
    });
    const range = { replicas: 3, maxReplicas: 5 };
    const refused =
      "nacos-platform:nacos.autoscaling.maxReplicas is 5, and with nacos.spread required each server needs a node:";
    const otherwise =
      "If the cluster adds nodes by itself, set nacos-platform:nacos.autoscaling.nodesOnDemand to true [AUTOSCALING_NODES_TOO_FEW: docs/runbooks/pulumi-up.md]";

    it("and has one", async () => assert.equal(await requireNodes(nodes(5), range), undefined));

    it("or fewer servers", () =>
      assert.rejects(requireNodes(nodes(4), range), {
        message: `${refused} 4 of 4 accept pods. Run: pulumi config set --path nacos-platform:nacos.autoscaling.maxReplicas 4. ${otherwise}`,
      }));

    it("or servers that may share nodes", () =>
      assert.rejects(requireNodes(nodes(3), range), {
        message: `${refused} 3 of 3 accept pods. Run: pulumi config set --path nacos-platform:nacos.spread preferred (all servers restart, and two may share a node). ${otherwise}`,
      }));

    it("and gives a warning if they cannot be counted", async () =>
      assert.equal(
        await requireNodes({ get: () => Promise.reject(new ApiError(403, "nodes is forbidden")) }, range),
        "could not count the nodes, of which nacos-platform:nacos.autoscaling.maxReplicas needs 5: nodes is forbidden",
      ));
  });
});

describe("the configuration of Nacos' autoscaler", () => {
  const errors = (environment: string, nacos: object, mysql: object = {}): string[] => {
    try {
      validate({
        project: "nacos-platform",
        stack: environment,
        values: {
          "nacos-platform:environment": environment,
          "nacos-platform:kubeContext": "my-cluster",
          "nacos-platform:mysql": JSON.stringify({ storageClass: "fast", ...mysql }),
          "nacos-platform:nacos": JSON.stringify({ storageClass: "fast", ...nacos }),
        },
        isSecret: () => false,
      });
      return [];
    } catch (error) {
      assert.ok(error instanceof ConfigError);
      return error.message
        .split("\n")
        .slice(1)
        .map((line) => line.trim());
    }
  };
  const on = (more: object = {}) => ({ autoscaling: { mode: "enabled", ...more } });

  it("has room for five servers, or for as many as there are without it", () => {
    assert.equal(mostServers({ replicas: 3 }), 3);
    assert.equal(mostServers({ replicas: 3, autoscaling: { mode: "disabled" } }), 3);
    assert.equal(mostServers({ replicas: 3, autoscaling: enabled }), 5);
    assert.deepEqual(errors("test", on()), []);
    assert.deepEqual(errors("test", on({ maxReplicas: 4 })), []);
  });

  for (const [what, environment, nacos, message] of [
    [
      "a single server, which could not be lost",
      "dev",
      on(),
      "nacos-platform:nacos.replicas is 1; allowed: with nacos.autoscaling.mode enabled, from 3, so that one server can be lost, to 5, so that there is room for more; fix: pulumi config set --path nacos-platform:nacos.replicas 3",
    ],
    [
      "no room for more servers",
      "test",
      { replicas: 7, ...on({ maxReplicas: 7 }) },
      "nacos-platform:nacos.replicas is 7; allowed: with nacos.autoscaling.mode enabled, from 3, so that one server can be lost, to 5, so that there is room for more; fix: pulumi config set --path nacos-platform:nacos.replicas 5",
    ],
    [
      "a maximum that is the minimum",
      "test",
      { replicas: 5, ...on() },
      "nacos-platform:nacos.autoscaling.maxReplicas is 5; allowed: more than nacos.replicas, which is 5, and at most 7; fix: pulumi config set --path nacos-platform:nacos.autoscaling.maxReplicas 7",
    ],
    [
      "a maximum that Raft gains nothing from",
      "test",
      on({ maxReplicas: 9 }),
      "nacos-platform:nacos.autoscaling.maxReplicas is 9; allowed: a whole number from 4 to 7; fix: pulumi config set --path nacos-platform:nacos.autoscaling.maxReplicas 5",
    ],
    [
      "keys without the mode",
      "test",
      { autoscaling: { maxReplicas: 5 } },
      "nacos-platform:nacos.autoscaling.mode is not set; allowed: disabled, enabled; keys of enabled are set; fix: pulumi config set --path nacos-platform:nacos.autoscaling.mode enabled",
    ],
    [
      "memory as a metric",
      "test",
      on({ memoryPercent: 80 }),
      "nacos-platform:nacos.autoscaling.memoryPercent is not a known key; allowed: mode, maxReplicas, cpuPercent, scaleDown, nodesOnDemand; fix: pulumi config rm --path 'nacos-platform:nacos.autoscaling.memoryPercent'",
    ],
  ] as const) {
    it(`is refused with ${what}`, () => assert.deepEqual(errors(environment, nacos), [message]));
  }

  it("is refused if MySQL accepts too few connections for the maximum", () =>
    assert.deepEqual(errors("test", on({ maxReplicas: 7 })), [
      "nacos-platform:mysql.maxConnections is 130; allowed: at least 170: 7 (nacos.autoscaling.maxReplicas) × pool of 20 + 30 in reserve; fix: pulumi config set --path nacos-platform:mysql.maxConnections 170",
    ]));
});
