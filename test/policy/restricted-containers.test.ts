import * as assert from "node:assert/strict";
import { restrictedContainers as policy } from "../../policy-pack/policies/restricted-containers";
import { changed, check, container, goodStatefulSet, passes, podSpec, types, unknown, violations } from "./support";

const main = 'StatefulSet nacos/db, container "main": securityContext';
const prepare = 'StatefulSet nacos/db, init container "prepare": securityContext';
const context = `${container}.securityContext`;
const podContext = `${podSpec}.securityContext`;
const nonRoot = (where: string, value: string) =>
  `${where}.runAsNonRoot is ${value}. Set it to true, on the container or on the pod.`;

describe("restricted-containers", () => {
  passes(policy);

  check(policy, [
    {
      title: "stops pods that may run as root",
      path: podContext,
      value: undefined,
      says: [nonRoot(main, "not set"), nonRoot(prepare, "not set")],
    },
    {
      title: "lets the container's runAsNonRoot override the pod's",
      path: `${context}.runAsNonRoot`,
      value: false,
      says: [nonRoot(main, "false")],
    },
    {
      title: "stops a container that runs as root",
      path: `${context}.runAsUser`,
      value: 0,
      says: [`${main}.runAsUser is 0, which is root. Name another user.`],
    },
    {
      title: "stops a pod that runs as root",
      path: `${podContext}.runAsUser`,
      value: 0,
      says: ["StatefulSet nacos/db: securityContext.runAsUser of the pod is 0, which is root. Name another user."],
    },
    { title: "passes another user", path: `${context}.runAsUser`, value: 999, says: [] },
    {
      title: "stops allowPrivilegeEscalation, which is on by default",
      path: `${context}.allowPrivilegeEscalation`,
      value: undefined,
      says: [`${main}.allowPrivilegeEscalation is not set. Set it to false.`],
    },
    {
      title: "stops a text instead of a boolean",
      path: `${context}.allowPrivilegeEscalation`,
      value: "false",
      says: [`${main}.allowPrivilegeEscalation is "false". Set it to false.`],
    },
    {
      title: "stops a writable root filesystem",
      path: `${context}.readOnlyRootFilesystem`,
      value: false,
      says: [`${main}.readOnlyRootFilesystem is false. Set it to true.`],
    },
    {
      title: "stops a privileged container",
      path: `${context}.privileged`,
      value: true,
      says: [`${main}.privileged is true. Leave it out.`],
    },
    { title: "passes privileged: false", path: `${context}.privileged`, value: false, says: [] },
    {
      title: "stops a container that keeps its capabilities",
      path: `${context}.capabilities`,
      value: undefined,
      says: [`${main}.capabilities.drop is not set. Set it to ["ALL"].`],
    },
    {
      title: "stops a container that drops only some",
      path: `${context}.capabilities.drop`,
      value: ["NET_RAW"],
      says: [`${main}.capabilities.drop is ["NET_RAW"]. Set it to ["ALL"].`],
    },
    {
      title: "stops capabilities that are added back",
      path: `${context}.capabilities.add`,
      value: ["NET_BIND_SERVICE", "SYS_ADMIN", "SYS_NICE"],
      says: [`${main}.capabilities.add has "SYS_ADMIN", "SYS_NICE". Leave it out.`],
    },
    { title: "passes NET_BIND_SERVICE", path: `${context}.capabilities.add`, value: ["NET_BIND_SERVICE"], says: [] },
    {
      title: "stops a container without a security context, for all that the pod does not set",
      path: context,
      value: undefined,
      says: [
        `${main}.allowPrivilegeEscalation is not set. Set it to false.`,
        `${main}.readOnlyRootFilesystem is not set. Set it to true.`,
        `${main}.capabilities.drop is not set. Set it to ["ALL"].`,
      ],
    },
    {
      title: "looks at init containers",
      path: `${podSpec}.initContainers.0.securityContext.privileged`,
      value: true,
      says: [`${prepare}.privileged is true. Leave it out.`],
    },
    ...[
      "",
      ".runAsNonRoot",
      ".privileged",
      ".allowPrivilegeEscalation",
      ".capabilities",
      ".capabilities.drop",
      ".capabilities.drop.0",
    ].map((field) => ({
      title: `leaves an unknown securityContext${field} to the update`,
      path: `${context}${field}`,
      value: unknown,
      says: [],
    })),
  ]);

  it("passes runAsNonRoot on every container instead of the pod", () => {
    let props = changed(goodStatefulSet, podContext, undefined);
    props = changed(props, `${context}.runAsNonRoot`, true);
    props = changed(props, `${podSpec}.initContainers.0.securityContext.runAsNonRoot`, true);
    assert.deepEqual(violations(policy, types.StatefulSet, props), []);
  });

  it("ignores an exempt container, and nothing else of the pod", () => {
    const props = changed(changed(goodStatefulSet, `${context}.privileged`, true), `${podContext}.runAsUser`, 0);
    assert.deepEqual(violations(policy, types.StatefulSet, props, ["nacos/db/main"]), [
      "StatefulSet nacos/db: securityContext.runAsUser of the pod is 0, which is root. Name another user.",
    ]);
    assert.deepEqual(violations(policy, types.StatefulSet, props, ["nacos/db"]), []);
  });
});
