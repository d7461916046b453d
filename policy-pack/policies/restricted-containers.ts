import type { ResourceValidationPolicy } from "@pulumi/policy";
import { at, items, quote, UNKNOWN } from "../lib/read";
import { configSchema } from "../lib/rule";
import { type Container, eachContainer, eachWorkload, type Workload } from "../lib/workload";

export const restrictedContainers: ResourceValidationPolicy = {
  name: "restricted-containers",
  description:
    "Containers do not run as root, cannot gain privileges, drop all capabilities and keep their root filesystem read-only, so that an attacker in one container gets no further.",
  severity: "critical",
  remediationSteps:
    "In securityContext set runAsNonRoot: true, allowPrivilegeEscalation: false, readOnlyRootFilesystem: true and capabilities.drop: [ALL]; leave privileged and runAsUser: 0 out; mount an emptyDir where the process has to write.",
  tags: ["security"],
  url: "https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted",
  configSchema,
  validateResource: [
    eachWorkload(function* ({ podSpec }) {
      if (at(podSpec, "securityContext", "runAsUser") === 0) {
        yield "securityContext.runAsUser of the pod is 0, which is root. Name another user.";
      }
    }),
    eachContainer(function* (container, workload) {
      yield* checkUser(container, workload);
      yield* checkRights(container);
    }),
  ],
};

function* checkUser({ spec }: Container, { podSpec }: Workload): Iterable<string> {
  if (at(spec, "securityContext", "runAsUser") === 0) {
    yield "securityContext.runAsUser is 0, which is root. Name another user.";
  }
  // The container's setting overrides the pod's.
  const nonRoot = at(spec, "securityContext", "runAsNonRoot") ?? at(podSpec, "securityContext", "runAsNonRoot");
  if (nonRoot !== true && nonRoot !== UNKNOWN) {
    yield `securityContext.runAsNonRoot is ${quote(nonRoot)}. Set it to true, on the container or on the pod.`;
  }
}

function* checkRights({ spec }: Container): Iterable<string> {
  const read = (...path: string[]) => at(spec, "securityContext", ...path);
  for (const [field, required] of [
    ["allowPrivilegeEscalation", false],
    ["readOnlyRootFilesystem", true],
  ] as const) {
    const value = read(field);
    if (value !== required && value !== UNKNOWN) {
      yield `securityContext.${field} is ${quote(value)}. Set it to ${required}.`;
    }
  }
  if (read("privileged") === true) yield "securityContext.privileged is true. Leave it out.";

  const drop = items(spec, "securityContext", "capabilities", "drop");
  if (read("capabilities", "drop") !== UNKNOWN && !drop.includes("ALL") && !drop.includes(UNKNOWN)) {
    yield `securityContext.capabilities.drop is ${quote(read("capabilities", "drop"))}. Set it to ["ALL"].`;
  }
  // Binding a port below 1024 is the one capability that the restricted standard lets a container add.
  const added = items(spec, "securityContext", "capabilities", "add").filter(
    (capability) => capability !== "NET_BIND_SERVICE" && capability !== UNKNOWN,
  );
  if (added.length > 0) yield `securityContext.capabilities.add has ${added.map(quote).join(", ")}. Leave it out.`;
}
