import { at, entries, items, nameIn, quote, UNKNOWN } from "../../lib/read";
import { type Finding, onPods } from "../../lib/rule";
import { containersOf } from "../../lib/workload";

/** What Kubernetes 1.34 calls safe: only the pod itself is affected. */
const SAFE_SYSCTLS = new Set([
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.ping_group_range",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_rmem",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.tcp_wmem",
]);
const SELINUX_TYPES = ["container_t", "container_init_t", "container_kvm_t", "container_engine_t"];
const APPARMOR = "container.apparmor.security.beta.kubernetes.io/";

export const restrictKernelSettings = onPods(
  {
    name: "restrict-kernel-settings",
    severity: "high",
    description: "Pods keep the protections of the kernel: masked /proc, safe sysctls, SELinux and AppArmor.",
    remediationSteps: "Leave procMount, seLinuxOptions and appArmorProfile out, and set only safe sysctls.",
    url: "https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline",
    tags: ["pss:baseline", "nsa"],
  },
  function* (workload): Iterable<Finding | string> {
    const { podSpec, podMetadata } = workload;
    for (const sysctl of items(podSpec, "securityContext", "sysctls")) {
      const name = at(sysctl, "name");
      if (typeof name === "string" && !SAFE_SYSCTLS.has(name.replaceAll("/", ".")))
        yield `the sysctl ${quote(name)} is not safe. Leave it out.`;
    }
    for (const [key, value] of entries(podMetadata, "annotations")) {
      if (key.startsWith(APPARMOR) && typeof value === "string" && !/^(runtime\/default|localhost\/.*)$/.test(value))
        yield `the annotation ${key} is ${quote(value)}. Leave it out.`;
    }
    for (const problem of ofContext(at(podSpec, "securityContext"))) yield `securityContext of the pod: ${problem}`;
    for (const container of containersOf(workload)) {
      const context = at(container.spec, "securityContext");
      for (const problem of ofContext(context)) yield { part: container, problem: `securityContext: ${problem}` };
    }
  },
);

function* ofContext(context: unknown): Iterable<string> {
  const procMount = at(context, "procMount") ?? "Default";
  if (procMount !== "Default" && procMount !== UNKNOWN) yield `procMount is ${quote(procMount)}. Leave it out.`;
  const type = nameIn(context, "seLinuxOptions", "type");
  if (type !== "" && at(context, "seLinuxOptions", "type") !== UNKNOWN && !SELINUX_TYPES.includes(type))
    yield `seLinuxOptions.type is ${quote(type)}. Use one of ${SELINUX_TYPES.join(", ")}.`;
  for (const field of ["user", "role"]) {
    const value = at(context, "seLinuxOptions", field);
    if (typeof value === "string" && value !== "") yield `seLinuxOptions.${field} is ${quote(value)}. Leave it out.`;
  }
  if (at(context, "appArmorProfile", "type") === "Unconfined")
    yield "appArmorProfile.type is Unconfined. Leave it out.";
}
