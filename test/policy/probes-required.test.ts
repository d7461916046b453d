import * as assert from "node:assert/strict";
import { probesRequired as policy } from "../../policy-pack/rules/availability/probes-required";
import {
  changed,
  check,
  container,
  goodCronJob,
  goodPod,
  goodStatefulSet,
  goodWorkload,
  passes,
  podSpec,
  types,
  unknown,
  violations,
} from "./support";

const purposes: Record<string, string> = {
  readinessProbe: "it keeps clients away from a pod that cannot serve",
  livenessProbe: "it restarts a process that hangs",
  startupProbe: "it keeps the liveness probe from ending a long start or recovery",
};
const says = (kind: string, probe: string) =>
  `${kind} nacos/db, container "main": ${probe} is not set. Add one: ${purposes[probe]}.`;
const sidecar = { name: "shipper", image: "fluent-bit:4.1.0", restartPolicy: "Always" };
const noProbes = { name: "main", image: "nacos:3.1.0" };

describe("probes-required", () => {
  passes(policy);

  for (const probe of Object.keys(purposes)) {
    check(policy, [
      {
        title: `stops a StatefulSet without ${probe}`,
        path: `${container}.${probe}`,
        value: undefined,
        says: [says("StatefulSet", probe)],
      },
      { title: `leaves an unknown ${probe} to the update`, path: `${container}.${probe}`, value: unknown, says: [] },
    ]);
  }

  check(policy, [
    {
      title: "stops a Deployment without readiness and liveness probes",
      type: types.Deployment,
      from: goodWorkload,
      path: container,
      value: noProbes,
      says: [says("Deployment", "readinessProbe"), says("Deployment", "livenessProbe")],
    },
    {
      title: "passes a Deployment without a startup probe",
      type: types.Deployment,
      from: goodWorkload,
      path: `${container}.startupProbe`,
      value: undefined,
      says: [],
    },
    {
      title: "stops a Pod, which is restarted by default",
      type: types.Pod,
      from: goodPod,
      path: "spec.containers.0.livenessProbe",
      value: undefined,
      says: [says("Pod", "livenessProbe")],
    },
    {
      title: "passes an init container without probes",
      path: `${podSpec}.initContainers.0`,
      value: { name: "prepare", image: "mysql:8.4.6" },
      says: [],
    },
    {
      title: "stops a sidecar without probes",
      path: `${podSpec}.initContainers.0`,
      value: sidecar,
      says: [
        'StatefulSet nacos/db, init container "shipper": a sidecar has neither readinessProbe nor livenessProbe. Add one of them.',
      ],
    },
    ...["readinessProbe", "livenessProbe"].map((probe) => ({
      title: `passes a sidecar with a ${probe} only`,
      path: `${podSpec}.initContainers.0`,
      value: { ...sidecar, [probe]: { exec: { command: ["true"] } } },
      says: [],
    })),
  ]);

  for (const restartPolicy of ["Never", "OnFailure", unknown]) {
    it(`passes a Pod with the restart policy ${restartPolicy === unknown ? "unknown" : restartPolicy}`, () => {
      const props = changed(changed(goodPod, "spec.containers.0", noProbes), "spec.restartPolicy", restartPolicy);
      assert.deepEqual(violations(policy, types.Pod, props), []);
    });
  }

  it("passes Jobs and CronJobs without probes", () => {
    assert.deepEqual(violations(policy, types.Job, changed(goodWorkload, container, noProbes)), []);
    const cronJob = changed(goodCronJob, "spec.jobTemplate.spec.template.spec.containers.0", noProbes);
    assert.deepEqual(violations(policy, types.CronJob, cronJob), []);
  });

  it("ignores an exempt container", () => {
    const props = changed(goodStatefulSet, container, noProbes);
    assert.deepEqual(violations(policy, types.StatefulSet, props, ["nacos/db/main"]), []);
  });
});
