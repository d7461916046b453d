/** API groups that Kubernetes itself serves. */
export const BUILT_IN_GROUPS: ReadonlySet<string> = new Set([
  "core",
  "apps",
  "autoscaling",
  "batch",
  "extensions",
  "policy",
  ...[
    "admissionregistration",
    "apiextensions",
    "apiregistration",
    "authentication",
    "authorization",
    "certificates",
    "coordination",
    "discovery",
    "events",
    "flowcontrol.apiserver",
    "networking",
    "node",
    "rbac.authorization",
    "resource",
    "scheduling",
    "storage",
  ].map((name) => `${name}.k8s.io`),
]);

/**
 * Release of Kubernetes 1.x that stopped to serve a version of a group, or of one kind in it. From the deprecated API
 * migration guide: https://kubernetes.io/docs/reference/using-api/deprecation-guide/
 */
const REMOVED: Readonly<Record<string, number>> = {
  "extensions/v1beta1/Ingress": 22,
  "extensions/v1beta1": 16,
  "apps/v1beta1": 16,
  "apps/v1beta2": 16,
  "admissionregistration.k8s.io/v1beta1/MutatingWebhookConfiguration": 22,
  "admissionregistration.k8s.io/v1beta1/ValidatingWebhookConfiguration": 22,
  "apiextensions.k8s.io/v1beta1": 22,
  "apiregistration.k8s.io/v1beta1": 22,
  "authentication.k8s.io/v1beta1/TokenReview": 22,
  "authorization.k8s.io/v1beta1": 22,
  "certificates.k8s.io/v1beta1/CertificateSigningRequest": 22,
  "coordination.k8s.io/v1beta1/Lease": 22,
  "networking.k8s.io/v1beta1/Ingress": 22,
  "networking.k8s.io/v1beta1/IngressClass": 22,
  "rbac.authorization.k8s.io/v1beta1": 22,
  "scheduling.k8s.io/v1beta1": 22,
  "storage.k8s.io/v1beta1/CSIDriver": 22,
  "storage.k8s.io/v1beta1/CSINode": 22,
  "storage.k8s.io/v1beta1/StorageClass": 22,
  "storage.k8s.io/v1beta1/VolumeAttachment": 22,
  "storage.k8s.io/v1beta1/CSIStorageCapacity": 27,
  "batch/v1beta1": 25,
  "discovery.k8s.io/v1beta1": 25,
  "events.k8s.io/v1beta1": 25,
  "autoscaling/v2beta1": 25,
  "autoscaling/v2beta2": 26,
  "policy/v1beta1": 25,
  "node.k8s.io/v1beta1": 25,
  "flowcontrol.apiserver.k8s.io/v1beta1": 26,
  "flowcontrol.apiserver.k8s.io/v1beta2": 29,
  "flowcontrol.apiserver.k8s.io/v1beta3": 32,
};

/** The release of Kubernetes 1.x that no longer serves the kind; undefined if all do. */
export function removedIn(group: string, version: string, kind: string): number | undefined {
  return REMOVED[`${group}/${version}/${kind}`] ?? REMOVED[`${group}/${version}`];
}
