import * as assert from "node:assert/strict";
import { persistentStatefulSets as policy } from "../../policy-pack/rules/data/persistent-stateful-sets";
import {
  changed,
  check,
  container,
  goodStatefulSet,
  goodWorkload,
  passes,
  podSpec,
  types,
  unknown,
  violations,
} from "./support";

const db = "StatefulSet nacos/db";
const templates = "spec.volumeClaimTemplates";
const retention = "spec.persistentVolumeClaimRetentionPolicy";
const noTemplates = `${db}: volumeClaimTemplates is empty, so no data outlives a pod. Add a claim template for the data.`;
const notMounted = `${db}, claim "data": no container mounts it. Add a volumeMount at the path of the data.`;
const notRetained = (field: string, value: string) =>
  `${db}: persistentVolumeClaimRetentionPolicy.${field} is ${value}. Set it to "Retain".`;
const onEmptyDir = changed(goodStatefulSet, `${podSpec}.initContainers`, undefined);

describe("persistent-stateful-sets", () => {
  passes(policy);

  check(policy, [
    { title: "stops a StatefulSet without claim templates", path: templates, value: undefined, says: [noTemplates] },
    { title: "stops an empty list of claim templates", path: templates, value: [], says: [noTemplates] },
    {
      title: "stops data on an emptyDir beside an unused claim",
      from: onEmptyDir,
      path: `${container}.volumeMounts`,
      value: [{ name: "tmp", mountPath: "/data" }],
      says: [notMounted],
    },
    {
      title: "stops a claim that nothing mounts",
      from: onEmptyDir,
      path: `${container}.volumeMounts`,
      value: undefined,
      says: [notMounted],
    },
    {
      title: "passes a claim that is used as a block device",
      from: changed(onEmptyDir, `${container}.volumeMounts`, undefined),
      path: `${container}.volumeDevices`,
      value: [{ name: "data", devicePath: "/dev/xvda" }],
      says: [],
    },
    {
      title: "passes an emptyDir beside a claim that is mounted",
      path: `${container}.volumeMounts.1`,
      value: { name: "tmp", mountPath: "/tmp" },
      says: [],
    },
    {
      title: "stops a retention policy that is left to the default",
      path: retention,
      value: undefined,
      says: [notRetained("whenDeleted", "not set"), notRetained("whenScaled", "not set")],
    },
    {
      title: "stops claims that are deleted with the StatefulSet",
      path: `${retention}.whenDeleted`,
      value: "Delete",
      says: [notRetained("whenDeleted", '"Delete"')],
    },
    {
      title: "stops claims that are deleted when it is scaled down",
      path: `${retention}.whenScaled`,
      value: "Delete",
      says: [notRetained("whenScaled", '"Delete"')],
    },
    ...[templates, `${templates}.0`, `${templates}.0.metadata.name`, retention, `${retention}.whenScaled`].map(
      (path) => ({
        title: `leaves an unknown ${path} to the update`,
        path,
        value: unknown,
        says: [],
      }),
    ),
    ...[
      `${podSpec}.containers`,
      `${container}.volumeMounts`,
      `${container}.volumeMounts.0`,
      `${container}.volumeMounts.0.name`,
    ].map((path) => ({
      title: `does not call a claim unused while ${path} is unknown`,
      from: onEmptyDir,
      path,
      value: unknown,
      says: [],
    })),
    {
      title: "ignores Deployments",
      type: types.Deployment,
      from: goodWorkload,
      path: templates,
      value: undefined,
      says: [],
    },
  ]);

  it("evaluates the rest of an empty StatefulSet", () => {
    assert.deepEqual(
      violations(policy, types.StatefulSet, changed({}, "metadata", { name: "db", namespace: "nacos" })),
      [noTemplates, notRetained("whenDeleted", "not set"), notRetained("whenScaled", "not set")],
    );
  });

  it("ignores an exempt claim or StatefulSet", () => {
    const props = changed(onEmptyDir, `${container}.volumeMounts`, undefined);
    assert.deepEqual(violations(policy, types.StatefulSet, props, ["nacos/db/data"]), []);
    assert.deepEqual(violations(policy, types.StatefulSet, {}, ["default/logical-name"]), []);
  });
});
