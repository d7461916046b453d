import * as assert from "node:assert/strict";
import { gracefulTermination } from "../../policy-pack/rules/availability/graceful-termination";
import { autoscalerBounds } from "../../policy-pack/rules/availability/hpa-bounds";
import { noBarePods } from "../../policy-pack/rules/availability/no-bare-pods";
import { probeSettings } from "../../policy-pack/rules/availability/probe-settings";
import { safeRollout } from "../../policy-pack/rules/availability/safe-rollout";
import { secretsAsFiles } from "../../policy-pack/rules/data/secrets-as-files";
import { restrictDangerousVerbs } from "../../policy-pack/rules/identity/restrict-dangerous-verbs";
import { podHygiene } from "../../policy-pack/rules/metadata/pod-hygiene";
import { restrictKernelSettings } from "../../policy-pack/rules/pod-security/restrict-kernel-settings";
import { requirePriorityClass } from "../../policy-pack/rules/resources/require-priority-class";
import {
  changed,
  check,
  container,
  goodStatefulSet,
  goodWorkload,
  passes,
  podSpec,
  type Props,
  types,
  violations,
} from "./support";

const db = "StatefulSet nacos/db";
const main = `${db}, container "main"`;
const metadata = { name: "db", namespace: "nacos" };

describe("restrict-kernel-settings", () => {
  passes(restrictKernelSettings);
  const sysctls = `${podSpec}.securityContext.sysctls`;
  check(restrictKernelSettings, [
    {
      title: "stops a sysctl that affects others",
      path: sysctls,
      value: [{ name: "kernel.msgmax" }],
      says: [`${db}: the sysctl "kernel.msgmax" is not safe. Leave it out.`],
    },
    { title: "passes a safe one in either notation", path: sysctls, value: [{ name: "net/ipv4/tcp_rmem" }], says: [] },
    {
      title: "stops an unmasked /proc",
      path: `${container}.securityContext.procMount`,
      value: "Unmasked",
      says: [`${main}: securityContext: procMount is "Unmasked". Leave it out.`],
    },
    { title: "passes the default /proc", path: `${container}.securityContext.procMount`, value: "Default", says: [] },
    {
      title: "stops SELinux types of the host",
      path: `${podSpec}.securityContext.seLinuxOptions`,
      value: { type: "spc_t", level: "s0:c1" },
      says: [
        `${db}: securityContext of the pod: seLinuxOptions.type is "spc_t". Use one of container_t, container_init_t, container_kvm_t, container_engine_t.`,
      ],
    },
    {
      title: "stops AppArmor turned off",
      path: `${podSpec}.securityContext.appArmorProfile`,
      value: { type: "Unconfined" },
      says: [`${db}: securityContext of the pod: appArmorProfile.type is Unconfined. Leave it out.`],
    },
    {
      title: "passes AppArmor's default, by an annotation",
      path: "spec.template.metadata.annotations",
      value: { "container.apparmor.security.beta.kubernetes.io/main": "runtime/default" },
      says: [],
    },
  ]);
});

describe("restrict-dangerous-verbs", () => {
  const says = (rule: Props) => violations(restrictDangerousVerbs, types.Role, { metadata, rules: [rule] });
  const right = (name: string) =>
    `Role nacos/db, right "${name}": its holder gets further rights by it. Remove it, or name the objects in resourceNames.`;
  const secrets = { apiGroups: [""], resources: ["secrets"], verbs: ["get", "list"] };
  it("stops reading all Secrets", () => assert.deepEqual(says(secrets), [right("secrets:get"), right("secrets:list")]));
  it("passes reading one Secret, not listing it", () =>
    assert.deepEqual(says({ ...secrets, resourceNames: ["db"] }), [right("secrets:list")]));
  it("stops commands in pods, but not reading pods", () => {
    assert.deepEqual(says({ apiGroups: [""], resources: ["pods", "pods/exec"], verbs: ["get", "create"] }), [
      right("pods:create"),
      right("pods/exec:create"),
      right("pods/exec:get"),
    ]);
  });
  it("passes the same words in another API group", () =>
    assert.deepEqual(says({ ...secrets, apiGroups: ["example.com"] }), []));
});

describe("require-priority-class", () => {
  passes(requirePriorityClass);
  const path = `${podSpec}.priorityClassName`;
  check(requirePriorityClass, [
    {
      title: "stops pods without one",
      path,
      value: undefined,
      says: [`${db}: priorityClassName is not set. Set one.`],
    },
    {
      title: "stops the cluster's own",
      path,
      value: "system-node-critical",
      says: [
        `${db}: priorityClassName is "system-node-critical", which is for the cluster's own pods. Set another one.`,
      ],
    },
  ]);
});

describe("probe-settings", () => {
  passes(probeSettings);
  const live = `${container}.livenessProbe`;
  const same = (seconds: number) => [
    `${main}: livenessProbe asks the same as readinessProbe, and gives up after ${seconds} s, not later than that. Give it a larger failureThreshold.`,
  ];
  check(probeSettings, [
    {
      title: "stops a liveness probe as quick as readiness",
      path: `${live}.failureThreshold`,
      value: 3,
      says: same(30),
    },
    {
      title: "passes another endpoint",
      from: changed(goodStatefulSet, `${live}.failureThreshold`, 3),
      path: `${live}.httpGet.path`,
      value: "/live",
      says: [],
    },
    {
      title: "stops a short start",
      path: `${container}.startupProbe.failureThreshold`,
      value: 2,
      says: [
        `${main}: startupProbe gives a start 10 s. Give it 30 s or more, by a startupProbe with a larger failureThreshold.`,
      ],
    },
    {
      title: "stops a port that the container does not declare",
      path: `${container}.readinessProbe.httpGet.port`,
      value: "web",
      says: [`${main}: readinessProbe asks port "web", which the container does not declare. Correct the name.`],
    },
    {
      title: "passes a number that is not declared",
      path: `${container}.readinessProbe.httpGet.port`,
      value: 9999,
      says: [],
    },
    {
      title: "stops a variable that nobody replaces",
      path: `${container}.readinessProbe`,
      value: { exec: { command: ["mysqladmin", "-p", "${PASSWORD}"] } },
      says: [`${main}: readinessProbe.exec has a variable, and no shell that replaces it. Start a shell.`],
    },
    {
      title: "passes a variable in a shell",
      path: `${container}.readinessProbe`,
      value: { exec: { command: ["sh", "-c", "$CHECK"] } },
      says: [],
    },
  ]);
});

describe("graceful-termination", () => {
  passes(gracefulTermination);
  const hook = `${container}.lifecycle`;
  const waits = (seconds: number) => [
    `${main}: preStop waits ${seconds} s, and terminationGracePeriodSeconds is 30. Set ${seconds + 5} or more.`,
  ];
  const exec = (...command: string[]) => ({ preStop: { exec: { command } } });
  check(gracefulTermination, [
    {
      title: "stops a hook longer than the grace period",
      path: hook,
      value: { preStop: { sleep: { seconds: 30 } } },
      says: waits(30),
    },
    {
      title: "adds the waits of a script",
      path: hook,
      value: exec("sh", "-c", "drain; sleep 15; sleep 15"),
      says: waits(30),
    },
    { title: "passes a short one", path: hook, value: exec("sleep", "15"), says: [] },
    {
      title: "stops a short grace period for data",
      path: `${podSpec}.terminationGracePeriodSeconds`,
      value: 10,
      says: [`${db}: terminationGracePeriodSeconds is 10, and its pods hold data. Set 30 or more.`],
    },
    {
      title: "stops none",
      type: types.Deployment,
      from: goodWorkload,
      path: `${podSpec}.terminationGracePeriodSeconds`,
      value: 0,
      says: ["Deployment nacos/db: terminationGracePeriodSeconds is 0, so its processes are killed at once. Set 30."],
    },
  ]);
});

describe("safe-rollout", () => {
  passes(safeRollout);
  const deployment = { type: types.Deployment, from: goodWorkload };
  const claim = [{ name: "data", persistentVolumeClaim: { claimName: "data" } }];
  const recreate = { type: "Recreate" };
  check(safeRollout, [
    {
      ...deployment,
      title: "stops Recreate",
      path: "spec.strategy",
      value: recreate,
      says: [
        'Deployment nacos/db: strategy.type is "Recreate", so nobody serves during an update. Set "RollingUpdate".',
      ],
    },
    {
      ...deployment,
      title: "passes Recreate for a volume of one node",
      from: changed(goodWorkload, `${podSpec}.volumes`, claim),
      path: "spec.strategy",
      value: recreate,
      says: [],
    },
    {
      ...deployment,
      title: "stops half at once",
      path: "spec.strategy",
      value: { rollingUpdate: { maxUnavailable: "50%" } },
      says: ['Deployment nacos/db: strategy.rollingUpdate.maxUnavailable is "50%" of 2. Set at most 25%.'],
    },
    { ...deployment, title: "passes 25% of one pod, which is none", path: "spec.replicas", value: 1, says: [] },
    {
      ...deployment,
      title: "stops an update that cannot be taken back",
      path: "spec.revisionHistoryLimit",
      value: 0,
      says: ["Deployment nacos/db: revisionHistoryLimit is 0, so no update can be taken back. Set 1 or more."],
    },
    {
      title: "stops OnDelete",
      path: "spec.updateStrategy",
      value: { type: "OnDelete" },
      says: [`${db}: updateStrategy.type is "OnDelete", so nobody replaces its pods. Set "RollingUpdate".`],
    },
    {
      title: "remarks on a partition that was left behind",
      path: "spec.updateStrategy",
      value: { rollingUpdate: { partition: 1 } },
      says: [`advisory: ${db}: updateStrategy.rollingUpdate.partition is 1: pods below that are not updated.`],
    },
  ]);
});

describe("no-bare-pods", () => {
  it("stops what nobody creates again", () => {
    assert.deepEqual(violations(noBarePods, types.Pod, { metadata }), [
      "Pod nacos/db: nobody creates it again after the loss of its node. Use a Deployment or a Job.",
    ]);
    assert.equal(violations(noBarePods, "kubernetes:apps/v1:ReplicaSet", { metadata }).length, 1);
    assert.deepEqual(violations(noBarePods, types.Job, { metadata }), []);
  });
});

describe("hpa-bounds", () => {
  const spec = {
    minReplicas: 3,
    maxReplicas: 5,
    behavior: { scaleDown: { selectPolicy: "Disabled" } },
    metrics: [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } } }],
  };
  const hpa = "HorizontalPodAutoscaler nacos/db";
  const autoscaler = { type: types.HorizontalPodAutoscaler, from: { metadata, spec } };
  check(autoscalerBounds, [
    { ...autoscaler, title: "passes sane bounds", path: "spec.minReplicas", value: 2, says: [] },
    {
      ...autoscaler,
      title: "stops the default minimum",
      path: "spec.minReplicas",
      value: undefined,
      says: [`${hpa}: minReplicas is 1. Set 2 or more.`],
    },
    {
      ...autoscaler,
      title: "stops bounds without room",
      path: "spec.maxReplicas",
      value: 3,
      says: [`${hpa}: maxReplicas is 3, not more than minReplicas (3). Set more.`],
    },
    {
      ...autoscaler,
      title: "stops a target that leaves no time",
      path: "spec.metrics.0.resource.target.averageUtilization",
      value: 95,
      says: [`${hpa}: the target utilization is 95. Set 30 to 90.`],
    },
    {
      ...autoscaler,
      title: "remarks on pods that are removed at once",
      path: "spec.behavior",
      value: undefined,
      says: [`advisory: ${hpa}: behavior.scaleDown is not set: it removes any number of pods at once.`],
    },
  ]);
});

describe("secrets-as-files", () => {
  passes(secretsAsFiles);
  check(secretsAsFiles, [
    {
      title: "finds variables",
      path: `${container}.env`,
      value: [{ name: "KEY", valueFrom: { secretKeyRef: { name: "db", key: "a" } } }],
      says: [`${main}: env "KEY" is from a Secret. Mount that as a file.`],
    },
    {
      title: "passes variables of ConfigMaps and pods",
      path: `${container}.env`,
      value: [{ name: "KEY", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
      says: [],
    },
    {
      title: "finds a complete Secret",
      path: `${container}.envFrom`,
      value: [{ secretRef: { name: "db" } }],
      says: [`${main}: envFrom has a Secret. Mount it as files.`],
    },
  ]);
});

describe("pod-hygiene", () => {
  passes(podHygiene);
  check(podHygiene, [
    {
      title: "finds a variable for every Service",
      path: `${podSpec}.enableServiceLinks`,
      value: undefined,
      says: [
        `${db}: enableServiceLinks is not false, so its containers have variables for every Service. Set it to false.`,
      ],
    },
    {
      title: "finds a variable that overrides another one",
      path: `${container}.env`,
      value: [{ name: "A" }, { name: "B" }, { name: "A" }],
      says: [`${main}: env has "A" twice. Remove one.`],
    },
  ]);
});
