import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { changed, type Props } from "../props";

const NAMESPACE = "shop";
const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;

type Changes = Readonly<Record<string, unknown>>;

class Thing extends pulumi.CustomResource {}

const labels = (name: string) =>
  Object.fromEntries(
    ["name", "instance", "component", "part-of", "managed-by"].map((key) => [`app.kubernetes.io/${key}`, name]),
  );
const metadata = (name: string) => ({ name, namespace: NAMESPACE, labels: labels(name) });
const selector = (name: string) => ({ matchLabels: labels(name) });
const probe = { httpGet: { path: "/", port: 8080 }, periodSeconds: 5 };

const container = {
  name: "main",
  image: `registry.example.com/main:1.0.0@${DIGEST}`,
  resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { cpu: "100m", memory: "64Mi" } },
  securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
};
const served = {
  ...container,
  readinessProbe: probe,
  livenessProbe: { ...probe, failureThreshold: 6 },
  startupProbe: { ...probe, failureThreshold: 30 },
};
const pod = (name: string, of: object) => ({
  metadata: { labels: labels(name) },
  spec: {
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    serviceAccountName: "workloads",
    automountServiceAccountToken: false,
    priorityClassName: "shop",
    enableServiceLinks: false,
    containers: [of],
  },
});

/** A stack that breaks each rule of the policy pack once, by a resource of the rule's name, and none besides. */
export function breakEachRule(): void {
  const kubeconfig = JSON.stringify({ apiVersion: "v1", kind: "Config", clusters: [], users: [], contexts: [] });
  const provider = new k8s.Provider("cluster", { kubeconfig });
  const make = (
    type: string,
    name: string,
    props: Props,
    changes: Changes = {},
    opts: pulumi.CustomResourceOptions = { provider },
  ) =>
    new Thing(
      `kubernetes:${type}`,
      name,
      Object.entries(changes).reduce((all, [path, value]) => changed(all, path, value), props),
      opts,
    );

  const walls = [
    make(
      "core/v1:Namespace",
      "namespace",
      {
        metadata: {
          name: NAMESPACE,
          labels: {
            ...labels("namespace"),
            ...Object.fromEntries(
              ["enforce", "audit", "warn"].map((mode) => [`pod-security.kubernetes.io/${mode}`, "restricted"]),
            ),
          },
        },
      },
      {},
      { provider, protect: true },
    ),
    make("networking.k8s.io/v1:NetworkPolicy", "deny", {
      metadata: metadata("deny"),
      spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
    }),
    make("core/v1:ResourceQuota", "quota", {
      metadata: metadata("quota"),
      spec: {
        hard: { "requests.cpu": "9", "requests.memory": "9Gi", "limits.cpu": "9", "limits.memory": "9Gi", pods: "99" },
      },
    }),
  ];
  const limits = make("core/v1:LimitRange", "limits", {
    metadata: metadata("limits"),
    spec: {
      limits: [
        {
          type: "Container",
          default: { cpu: "1", memory: "1Gi" },
          defaultRequest: { cpu: "1", memory: "1Gi" },
          max: { cpu: "1", memory: "1Gi" },
        },
      ],
    },
  });
  make("core/v1:ServiceAccount", "workloads", { metadata: metadata("workloads") });
  make("core/v1:Secret", "credentials", { metadata: metadata("credentials") });
  const inside = { provider, dependsOn: [...walls, limits] };

  const deployment = (name: string, changes: Changes = {}, more: pulumi.CustomResourceOptions = {}) =>
    make(
      "apps/v1:Deployment",
      name,
      { metadata: metadata(name), spec: { replicas: 2, selector: selector(name), template: pod(name, served) } },
      {
        "spec.template.spec.topologySpreadConstraints": [
          {
            topologyKey: "kubernetes.io/hostname",
            maxSkew: 1,
            whenUnsatisfiable: "DoNotSchedule",
            labelSelector: selector(name),
          },
        ],
        ...changes,
      },
      { ...inside, ...more },
    );
  const budget = (name: string, changes: Changes = {}) =>
    make(
      "policy/v1:PodDisruptionBudget",
      `${name}-budget`,
      {
        metadata: metadata(name),
        spec: { maxUnavailable: 1, selector: selector(name), unhealthyPodEvictionPolicy: "AlwaysAllow" },
      },
      changes,
    );
  const kept = (name: string, changes: Changes = {}, ofBudget: Changes = {}) => {
    deployment(name, changes);
    budget(name, ofBudget);
  };
  const job = (name: string, changes: Changes = {}, more: pulumi.CustomResourceOptions = {}) =>
    make(
      "batch/v1:Job",
      name,
      {
        metadata: metadata(name),
        spec: { backoffLimit: 2, activeDeadlineSeconds: 300, template: pod(name, container) },
      },
      changes,
      { ...inside, ...more },
    );
  const statefulSet = (name: string, changes: Changes = {}) => {
    const claim = {
      metadata: { name: "data" },
      spec: { storageClassName: "fast", accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    };
    make(
      "apps/v1:StatefulSet",
      name,
      {
        metadata: { ...metadata(name), annotations: { "nacos-platform/no-backup": "it is in a stack of a test" } },
        spec: {
          serviceName: name,
          replicas: 2,
          selector: selector(name),
          template: pod(name, { ...served, volumeMounts: [{ name: "data", mountPath: "/data" }] }),
          volumeClaimTemplates: [claim],
          persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
        },
      },
      {
        "spec.template.spec.topologySpreadConstraints": [
          {
            topologyKey: "kubernetes.io/hostname",
            maxSkew: 1,
            whenUnsatisfiable: "DoNotSchedule",
            labelSelector: selector(name),
          },
        ],
        "spec.podManagementPolicy": "Parallel",
        ...changes,
      },
      { ...inside, protect: true },
    );
    budget(name);
  };
  const headless = (name: string) =>
    make("core/v1:Service", `${name}-service`, {
      metadata: metadata(name),
      spec: { clusterIP: "None", selector: labels(name) },
    });
  const configMap = (name: string, changes: Changes = {}, opts?: pulumi.CustomResourceOptions) =>
    make("core/v1:ConfigMap", name, { metadata: metadata(name), data: { mode: "a" } }, changes, opts);
  const claim = (name: string, changes: Changes, protect: boolean) =>
    make(
      "core/v1:PersistentVolumeClaim",
      name,
      {
        metadata: metadata(name),
        spec: { storageClassName: "fast", accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
      },
      changes,
      { provider, protect },
    );

  const spec = "spec.template.spec";
  const first = `${spec}.containers.0`;

  // Pod security
  job("disallow-privileged-containers", { [`${first}.securityContext.privileged`]: true });
  job("disallow-privilege-escalation", { [`${first}.securityContext.allowPrivilegeEscalation`]: undefined });
  job("require-run-as-non-root", { [`${spec}.securityContext.runAsNonRoot`]: undefined });
  job("require-drop-all", { [`${first}.securityContext.capabilities`]: undefined });
  job("require-ro-rootfs", { [`${first}.securityContext.readOnlyRootFilesystem`]: false });
  job("restrict-seccomp", { [`${spec}.securityContext.seccompProfile`]: undefined });
  job("no-host-access", { [`${spec}.hostPID`]: true });
  job("restrict-volume-types", { [`${spec}.volumes`]: [{ name: "share", nfs: { server: "a", path: "/" } }] });
  job("restrict-kernel-settings", { [`${first}.securityContext.procMount`]: "Unmasked" });

  // Identity
  job("require-service-account", { [`${spec}.serviceAccountName`]: undefined });
  job("restrict-automount-sa-token", { [`${spec}.automountServiceAccountToken`]: undefined });
  job("service-account-least-privilege", { [`${spec}.automountServiceAccountToken`]: true });
  const role = (name: string, rule: object) =>
    make("rbac.authorization.k8s.io/v1:Role", name, { metadata: metadata(name), rules: [rule] });
  role("restrict-wildcard-rbac", { apiGroups: ["*"], resources: ["endpoints"], verbs: ["get"] });
  role("restrict-dangerous-verbs", { apiGroups: [""], resources: ["secrets"], verbs: ["list"] });
  make("rbac.authorization.k8s.io/v1:ClusterRoleBinding", "restrict-cluster-admin", {
    metadata: { name: "restrict-cluster-admin", labels: labels("restrict-cluster-admin") },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "anna" }],
  });

  // Images. What has no digest breaks require-image-digest.
  job("no-latest-image", { [`${first}.image`]: "registry.example.com/main:latest" });
  job("restrict-image-registries", { [`${first}.image`]: `docker.io/library/main:1.0.0@${DIGEST}` });

  // Resources
  job("resources-required", { [`${first}.resources.limits.memory`]: undefined });
  job("resource-ratio", { [`${first}.resources.limits.cpu`]: "101m" });
  job("emptydir-size-limit", { [`${spec}.volumes`]: [{ name: "tmp", emptyDir: {} }] });
  job("require-priority-class", { [`${spec}.priorityClassName`]: undefined });
  make("core/v1:ResourceQuota", "quota-covers-scale", {
    metadata: metadata("quota-covers-scale"),
    spec: { hard: { pods: "9" } },
  });

  // Availability
  kept("probes-required", { [`${first}.livenessProbe`]: undefined });
  kept("probe-settings", { [`${first}.livenessProbe`]: probe });
  kept("graceful-termination", { [`${spec}.terminationGracePeriodSeconds`]: 0 });
  kept("safe-rollout", { "spec.revisionHistoryLimit": 0 });
  kept("spread-replicas", { [`${spec}.topologySpreadConstraints`]: undefined });
  kept("odd-quorum", { "metadata.annotations": { "nacos-platform/quorum": "true" } });
  kept("pdb-well-formed", {}, { "spec.unhealthyPodEvictionPolicy": undefined });
  deployment("min-replicas", { "spec.replicas": 1 });
  deployment("workload-has-pdb");
  make(
    "core/v1:Pod",
    "no-bare-pods",
    {
      ...pod("no-bare-pods", served),
      metadata: metadata("no-bare-pods"),
    },
    {},
    inside,
  );
  budget("pdb-allows-eviction");
  const autoscaler = (name: string, target: string, maxReplicas: number) =>
    make("autoscaling/v2:HorizontalPodAutoscaler", `${name}-autoscaler`, {
      metadata: metadata(name),
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: target },
        minReplicas: 2,
        maxReplicas,
        metrics: [
          { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } } },
        ],
        behavior: { scaleDown: { stabilizationWindowSeconds: 300 } },
      },
    });
  deployment("hpa-bounds", { "spec.replicas": undefined });
  budget("hpa-bounds");
  autoscaler("hpa-bounds", "hpa-bounds", 2);
  autoscaler("hpa-scales", "missing", 3);
  job("job-limits", { "spec.activeDeadlineSeconds": undefined });
  make(
    "batch/v1:CronJob",
    "cronjob-settings",
    {
      metadata: metadata("cronjob-settings"),
      spec: {
        schedule: "30 2 * * *",
        concurrencyPolicy: "Forbid",
        startingDeadlineSeconds: 600,
        jobTemplate: {
          spec: { backoffLimit: 2, activeDeadlineSeconds: 300, template: pod("cronjob-settings", container) },
        },
      },
    },
    {},
    inside,
  );
  const service = (name: string, of: object) => make("core/v1:Service", name, { metadata: metadata(name), spec: of });
  service("service-selects-pods", { selector: labels("missing") });
  statefulSet("headless-service");
  job("references-exist", { [`${first}.envFrom`]: [{ configMapRef: { name: "missing" } }] });

  // Network
  job("namespace-walled", {}, { dependsOn: walls });
  const policy = (name: string, of: object) =>
    make("networking.k8s.io/v1:NetworkPolicy", name, { metadata: metadata(name), spec: of });
  policy("network-policy-shape", {
    podSelector: selector("min-replicas"),
    policyTypes: ["Egress"],
    egress: [{ to: [{ ipBlock: { cidr: "0.0.0.0/0" } }] }],
  });
  policy("network-flows-covered", { podSelector: selector("missing"), policyTypes: ["Egress"] });
  service("service-exposure", { type: "NodePort", selector: labels("min-replicas") });

  // Data and secrets
  configMap("no-plain-secrets", { data: { password: "hunter2" } });
  const { result } = new random.RandomPassword("password", { length: 20 });
  configMap("secrets-stay-secret", { data: { mode: result } });
  const secret = { name: "credentials", secret: { secretName: "credentials" } };
  job("secret-volume-mode", { [`${spec}.volumes`]: [secret] });
  const variable = { name: "CODE", valueFrom: { secretKeyRef: { name: "credentials", key: "code" } } };
  job("secrets-as-files", { [`${first}.env`]: [variable] });
  statefulSet("persistent-stateful-sets", { "spec.persistentVolumeClaimRetentionPolicy.whenScaled": "Delete" });
  headless("persistent-stateful-sets");
  statefulSet("data-backed-up", { "metadata.annotations": undefined });
  headless("data-backed-up");
  const storageClass = (name: string, changes: Changes) =>
    make(
      "storage.k8s.io/v1:StorageClass",
      name,
      {
        metadata: { name, labels: labels(name) },
        provisioner: "example.com/disk",
        reclaimPolicy: "Retain",
        allowVolumeExpansion: true,
        volumeBindingMode: "WaitForFirstConsumer",
      },
      changes,
    );
  storageClass("explicit-storage", { allowVolumeExpansion: undefined });
  storageClass("deleting", { reclaimPolicy: "Delete" });
  claim("retained-storage-class", { "spec.storageClassName": "deleting" }, true);
  claim("production-protected", {}, false);

  // Metadata
  configMap("require-labels", { "metadata.labels": undefined });
  job("pod-hygiene", { [`${spec}.enableServiceLinks`]: undefined });
  configMap("disallow-default-namespace", { "metadata.namespace": "default" });
  make("scheduling.k8s.io/v1beta1:PriorityClass", "deprecated-api-versions", {
    metadata: { name: "shop", labels: labels("shop") },
    value: 1,
  });

  // Pulumi
  configMap("explicit-provider", {}, {});
  job("no-skip-await", { "metadata.annotations": { "pulumi.com/skipAwait": "true" } });
  kept("await-timeout-covers-startup", { [`${first}.startupProbe.failureThreshold`]: 118 });
  job("no-broad-ignore-changes", {}, { ignoreChanges: ["spec"] });
  make("example.com/v1:Rollout", "no-opaque-resources", {
    apiVersion: "example.com/v1",
    kind: "Rollout",
    metadata: metadata("no-opaque-resources"),
    spec: { template: pod("no-opaque-resources", container) },
  });
  configMap("one-owner", { "metadata.name": "require-labels" });
}
