import { disallowPrivilegeEscalation } from "../../policy-pack/rules/pod-security/disallow-privilege-escalation";
import { disallowPrivilegedContainers } from "../../policy-pack/rules/pod-security/disallow-privileged-containers";
import { noHostAccess } from "../../policy-pack/rules/pod-security/no-host-access";
import { requireDropAll } from "../../policy-pack/rules/pod-security/require-drop-all";
import { requireReadOnlyRootFilesystem } from "../../policy-pack/rules/pod-security/require-ro-rootfs";
import { requireRunAsNonRoot } from "../../policy-pack/rules/pod-security/require-run-as-non-root";
import { restrictSeccomp } from "../../policy-pack/rules/pod-security/restrict-seccomp";
import { restrictVolumeTypes } from "../../policy-pack/rules/pod-security/restrict-volume-types";
import { changed, check, container, goodStatefulSet, passes, podSpec } from "./support";

const db = "StatefulSet nacos/db";
const main = `${db}, container "main": securityContext`;
const prepare = `${db}, init container "prepare": securityContext`;
const debug = `${db}, ephemeral container "debug": securityContext`;
const context = `${container}.securityContext`;
const podContext = `${podSpec}.securityContext`;
const ephemeral = `${podSpec}.ephemeralContainers`;
const windows = changed(goodStatefulSet, `${podSpec}.os`, { name: "windows" });

describe("disallow-privileged-containers", () => {
  passes(disallowPrivilegedContainers);
  const leave = "is true. Leave it out.";
  check(disallowPrivilegedContainers, [
    { title: "stops one", path: `${context}.privileged`, value: true, says: [`${main}.privileged ${leave}`] },
    { title: "passes false", path: `${context}.privileged`, value: false, says: [] },
    {
      title: "stops an ephemeral one",
      path: ephemeral,
      value: [{ name: "debug", securityContext: { privileged: true } }],
      says: [`${debug}.privileged ${leave}`],
    },
    {
      title: "stops pods that are processes of a Windows host",
      from: windows,
      path: `${podContext}.windowsOptions`,
      value: { hostProcess: true },
      says: [`${db}: securityContext.windowsOptions.hostProcess of the pod ${leave}`],
    },
  ]);
});

describe("disallow-privilege-escalation", () => {
  passes(disallowPrivilegeEscalation);
  const path = `${context}.allowPrivilegeEscalation`;
  const says = (value: string) => [`${main}.allowPrivilegeEscalation is ${value}. Set it to false.`];
  check(disallowPrivilegeEscalation, [
    { title: "stops the default", path, value: undefined, says: says("not set") },
    { title: "stops a text instead of a boolean", path, value: "false", says: says('"false"') },
    { title: "has no effect on Windows", from: windows, path, value: undefined, says: [] },
  ]);
});

describe("require-run-as-non-root", () => {
  passes(requireRunAsNonRoot);
  const nonRoot = (where: string, value: string) =>
    `${where}.runAsNonRoot is ${value}. Set it to true, on the container or on the pod.`;
  const root = (field: string) => `${field} is 0, which is root. Name another one.`;
  check(requireRunAsNonRoot, [
    {
      title: "stops pods that may run as root",
      path: podContext,
      value: undefined,
      says: [nonRoot(main, "not set"), nonRoot(prepare, "not set")],
    },
    {
      title: "lets the container override the pod",
      path: `${context}.runAsNonRoot`,
      value: false,
      says: [nonRoot(main, "false")],
    },
    { title: "stops root in a container", path: `${context}.runAsUser`, value: 0, says: [root(`${main}.runAsUser`)] },
    { title: "passes another user", path: `${context}.runAsUser`, value: 999, says: [] },
    {
      title: "stops root's group of files",
      path: `${podContext}.fsGroup`,
      value: 0,
      says: [root(`${db}: securityContext.fsGroup of the pod`)],
    },
    {
      title: "stops root among further groups",
      path: `${podContext}.supplementalGroups`,
      value: [1000, 0],
      says: [`${db}: securityContext.supplementalGroups of the pod has 0, which is root. Leave it out.`],
    },
    {
      title: "passes containers that say it instead of the pod",
      from: changed(changed(goodStatefulSet, `${podSpec}.initContainers`, undefined), `${context}.runAsNonRoot`, true),
      path: podContext,
      value: undefined,
      says: [],
    },
  ]);
});

describe("require-drop-all", () => {
  passes(requireDropAll);
  const drop = (value: string) => [`${main}.capabilities.drop is ${value}. Set it to ["ALL"].`];
  check(requireDropAll, [
    { title: "stops the default", path: `${context}.capabilities`, value: undefined, says: drop("not set") },
    {
      title: "stops single capabilities",
      path: `${context}.capabilities.drop`,
      value: ["NET_RAW"],
      says: drop('["NET_RAW"]'),
    },
    { title: "stops another case", path: `${context}.capabilities.drop`, value: ["all"], says: drop('["all"]') },
    {
      title: "stops what is added again, except for ports below 1024",
      path: `${context}.capabilities.add`,
      value: ["NET_BIND_SERVICE", "SYS_ADMIN"],
      says: [`${main}.capabilities.add has "SYS_ADMIN". Leave it out.`],
    },
  ]);
});

describe("require-ro-rootfs", () => {
  passes(requireReadOnlyRootFilesystem);
  check(requireReadOnlyRootFilesystem, [
    {
      title: "stops a writable one in an init container",
      path: `${podSpec}.initContainers.0.securityContext.readOnlyRootFilesystem`,
      value: undefined,
      says: [`${prepare}.readOnlyRootFilesystem is not set. Set it to true.`],
    },
    { title: "passes an ephemeral container", path: ephemeral, value: [{ name: "debug" }], says: [] },
  ]);
});

describe("restrict-seccomp", () => {
  passes(restrictSeccomp);
  const type = (where: string, value: string) =>
    `${where}.seccompProfile.type is ${value}. Set it to "RuntimeDefault", on the pod or on the container.`;
  check(restrictSeccomp, [
    {
      title: "stops pods without a profile",
      path: `${podContext}.seccompProfile`,
      value: undefined,
      says: [type(main, "not set"), type(prepare, "not set")],
    },
    {
      title: "lets a container override the pod",
      path: `${context}.seccompProfile`,
      value: { type: "Unconfined" },
      says: [type(main, '"Unconfined"')],
    },
    {
      title: "stops a profile without a name",
      path: `${context}.seccompProfile`,
      value: { type: "Localhost" },
      says: [`${main}.seccompProfile.localhostProfile is not set. Name the profile.`],
    },
  ]);
});

describe("restrict-volume-types", () => {
  passes(restrictVolumeTypes);
  const path = `${podSpec}.volumes.0`;
  check(restrictVolumeTypes, [
    {
      title: "stops NFS",
      path,
      value: { name: "share", nfs: { server: "a", path: "/" } },
      says: [
        `${db}, volume "share": its type is "nfs". Use one of configMap, csi, downwardAPI, emptyDir, ephemeral, image, persistentVolumeClaim, projected, secret.`,
      ],
    },
    { title: "leaves hostPath to no-host-access", path, value: { name: "x", hostPath: { path: "/" } }, says: [] },
    { title: "passes images, and a volume with only a name", path, value: { name: "x" }, says: [] },
  ]);
});

describe("no-host-access of containers", () => {
  check(noHostAccess, [
    {
      title: "stops a port of the node",
      path: `${container}.ports`,
      value: [{ containerPort: 80, hostPort: 8080 }],
      says: [`${db}, container "main": hostPort 8080 is a port of the node. Leave it out, and use a Service.`],
    },
    { title: "passes hostPort 0", path: `${container}.ports`, value: [{ containerPort: 80, hostPort: 0 }], says: [] },
    {
      title: "reports the node's network once",
      from: changed(goodStatefulSet, `${container}.ports`, [{ containerPort: 80, hostPort: 80 }]),
      path: `${podSpec}.hostNetwork`,
      value: true,
      says: [`${db}: hostNetwork is true. Leave it out: the pod has to stay in its own namespaces.`],
    },
    {
      title: "stops a hook that connects the node to elsewhere",
      path: `${container}.lifecycle`,
      value: { preStop: { httpGet: { host: "169.254.169.254", port: 80 } } },
      says: [
        `${db}, container "main": lifecycle.preStop.httpGet.host is "169.254.169.254", to which the node would connect. Leave it out.`,
      ],
    },
    { title: "passes an empty host", path: `${container}.livenessProbe.httpGet.host`, value: "", says: [] },
  ]);
});
