import assert from "node:assert/strict";
import type { Placement } from "../../../config/placement-fields";
import { placed, type Needs } from "../../../kube/placement";
import { PODS } from "../../support/pods";

const identity = { name: "web", component: "server" };
const labelSelector = { matchLabels: { "app.kubernetes.io/name": "web", "app.kubernetes.io/component": "server" } };
const ZONE = "topology.kubernetes.io/zone";
const place = (set: Partial<Placement> = {}, needs: Needs = {}) =>
  placed(identity, { ...PODS.placement, ...set }, needs);

describe("the placement of pods", () => {
  it("leaves everything to the scheduler if neither stack nor workload say anything", () =>
    assert.deepEqual(place(), {}));

  it("keeps pods apart as the workload needs it", () => {
    const otherNode = { topologyKey: "kubernetes.io/hostname", labelSelector };
    assert.deepEqual(place({}, { apart: "required" }), {
      affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [otherNode] } },
    });
    assert.deepEqual(place({}, { apart: "preferred" }), {
      affinity: {
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: otherNode }],
        },
      },
    });
  });

  it("prefers different zones if the workload needs it, and replaces that by what the stack says about zones", () => {
    const zones = { topologyKey: ZONE, maxSkew: 1, whenUnsatisfiable: "ScheduleAnyway", labelSelector };
    const required = {
      topologyKey: ZONE,
      maxSkew: 1,
      whenUnsatisfiable: "DoNotSchedule",
      minDomains: 3,
      nodeTaintsPolicy: "Honor",
    } as const;
    const racks = {
      topologyKey: "topology.kubernetes.io/rack",
      maxSkew: 2,
      whenUnsatisfiable: "ScheduleAnyway",
    } as const;
    assert.deepEqual(place({ spread: [racks] }, { overZones: true }), {
      topologySpreadConstraints: [zones, { ...racks, labelSelector }],
    });
    assert.deepEqual(place({ spread: [required] }, { overZones: true }), {
      topologySpreadConstraints: [{ ...required, labelSelector }],
    });
  });

  it("adds the stack's tolerations to those of the workload", () => {
    const own = { key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute", tolerationSeconds: 5 };
    const given = { key: "dedicated", operator: "Equal", value: "nacos" } as const;
    assert.deepEqual(place({ tolerations: [given] }, { tolerations: [own] }), { tolerations: [own, given] });
  });

  it("selects nodes by labels and by affinity, in addition to the workload's own", () => {
    const zone = { key: ZONE, operator: "In", values: ["a", "b"] } as const;
    const ssd = { key: "disk", operator: "Exists", values: [] } as const;
    const { nodeSelector, affinity } = place(
      {
        nodeSelector: { pool: "nacos" },
        nodeAffinity: {
          required: [{ matchExpressions: [zone] }],
          preferred: [{ weight: 50, matchExpressions: [ssd] }],
        },
      },
      { apart: "required" },
    );
    assert.deepEqual(nodeSelector, { pool: "nacos" });
    assert.deepEqual(Object.keys(affinity as object), ["nodeAffinity", "podAntiAffinity"]);
    assert.deepEqual((affinity as { nodeAffinity: unknown }).nodeAffinity, {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [zone] }] },
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 50, preference: { matchExpressions: [ssd] } }],
    });
  });
});
