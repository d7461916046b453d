import * as assert from "node:assert/strict";
import { resourcesRequired as policy } from "../../policy-pack/rules/resources/resources-required";
import {
  changed,
  check,
  container,
  goodPod,
  goodStatefulSet,
  passes,
  podSpec,
  types,
  unknown,
  violations,
} from "./support";

const main = 'StatefulSet nacos/db, container "main"';
const says = (field: string, value: string, where = main) =>
  `${where}: resources.${field} is ${value}. Set an amount above zero.`;
const fields = ["requests.cpu", "requests.memory", "limits.cpu", "limits.memory"];

describe("resources-required", () => {
  passes(policy);

  for (const field of fields) {
    check(policy, [
      {
        title: `stops a missing ${field}`,
        path: `${container}.resources.${field}`,
        value: undefined,
        says: [says(field, "not set")],
      },
      {
        title: `stops ${field} of null`,
        path: `${container}.resources.${field}`,
        value: null,
        says: [says(field, "not set")],
      },
      {
        title: `leaves an unknown ${field} to the update`,
        path: `${container}.resources.${field}`,
        value: unknown,
        says: [],
      },
    ]);
  }

  check(policy, [
    {
      title: "stops a container without resources",
      path: `${container}.resources`,
      value: undefined,
      says: fields.map((field) => says(field, "not set")),
    },
    {
      title: "stops a missing set of limits",
      path: `${container}.resources.limits`,
      value: undefined,
      says: [says("limits.cpu", "not set"), says("limits.memory", "not set")],
    },
    {
      title: "looks at init containers",
      path: `${podSpec}.initContainers.0.resources.limits.memory`,
      value: undefined,
      says: [says("limits.memory", "not set", 'StatefulSet nacos/db, init container "prepare"')],
    },
    {
      title: "stops the number zero",
      path: `${container}.resources.requests.cpu`,
      value: 0,
      says: [says("requests.cpu", "0")],
    },
    {
      title: "stops a zero with a unit",
      path: `${container}.resources.limits.memory`,
      value: "0Gi",
      says: [says("limits.memory", '"0Gi"')],
    },
    { title: "passes a small amount", path: `${container}.resources.requests.cpu`, value: "0.05", says: [] },
    { title: "leaves unknown resources to the update", path: `${container}.resources`, value: unknown, says: [] },
    {
      title: "ignores ephemeral containers, which cannot have resources",
      type: types.Pod,
      from: goodPod,
      path: "spec.ephemeralContainers",
      value: [{ name: "debug", image: "busybox:1.37" }],
      says: [],
    },
  ]);

  it("ignores an exempt container", () => {
    const props = changed(goodStatefulSet, `${container}.resources`, undefined);
    assert.deepEqual(violations(policy, types.StatefulSet, props, ["nacos/db/main"]), []);
  });
});
