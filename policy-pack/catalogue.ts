import type { Levels } from "./lib/policy";
import type { Rule } from "./lib/rule";
import { podHygiene } from "./rules/metadata/pod-hygiene";
import { secretsAsFiles } from "./rules/data/secrets-as-files";
import { headlessService } from "./rules/stack/headless-service";
import { autoscalerScales } from "./rules/stack/hpa-scales";
import { autoscalerBounds } from "./rules/availability/hpa-bounds";
import { noBarePods } from "./rules/availability/no-bare-pods";
import { safeRollout } from "./rules/availability/safe-rollout";
import { gracefulTermination } from "./rules/availability/graceful-termination";
import { probeSettings } from "./rules/availability/probe-settings";
import { requirePriorityClass } from "./rules/resources/require-priority-class";
import { restrictDangerousVerbs } from "./rules/identity/restrict-dangerous-verbs";
import { restrictKernelSettings } from "./rules/pod-security/restrict-kernel-settings";
import { cronJobSettings } from "./rules/availability/cronjob-settings";
import { jobLimits } from "./rules/availability/job-limits";
import { pdbWellFormed } from "./rules/availability/pdb-well-formed";
import { probesRequired } from "./rules/availability/probes-required";
import { spreadReplicas } from "./rules/availability/spread-replicas";
import { explicitStorage } from "./rules/data/explicit-storage";
import { noPlainSecrets } from "./rules/data/no-plain-secrets";
import { persistentStatefulSets } from "./rules/data/persistent-stateful-sets";
import { secretVolumeMode } from "./rules/data/secret-volume-mode";
import { requireServiceAccount } from "./rules/identity/require-service-account";
import { restrictAutomountToken } from "./rules/identity/restrict-automount-sa-token";
import { restrictClusterAdmin } from "./rules/identity/restrict-cluster-admin";
import { restrictWildcardRbac } from "./rules/identity/restrict-wildcard-rbac";
import { noLatestImage } from "./rules/images/no-latest-image";
import { restrictImageRegistries } from "./rules/images/restrict-image-registries";
import { deprecatedApiVersions } from "./rules/metadata/deprecated-api-versions";
import { disallowDefaultNamespace } from "./rules/metadata/disallow-default-namespace";
import { requireLabels } from "./rules/metadata/require-labels";
import { networkPolicyShape } from "./rules/network/network-policy-shape";
import { serviceExposure } from "./rules/network/service-exposure";
import { disallowPrivilegeEscalation } from "./rules/pod-security/disallow-privilege-escalation";
import { disallowPrivilegedContainers } from "./rules/pod-security/disallow-privileged-containers";
import { noHostAccess } from "./rules/pod-security/no-host-access";
import { requireDropAll } from "./rules/pod-security/require-drop-all";
import { requireReadOnlyRootFilesystem } from "./rules/pod-security/require-ro-rootfs";
import { requireRunAsNonRoot } from "./rules/pod-security/require-run-as-non-root";
import { restrictSeccomp } from "./rules/pod-security/restrict-seccomp";
import { restrictVolumeTypes } from "./rules/pod-security/restrict-volume-types";
import { explicitProvider } from "./rules/pulumi/explicit-provider";
import { noBroadIgnoreChanges } from "./rules/pulumi/no-broad-ignore-changes";
import { noOpaqueResources } from "./rules/pulumi/no-opaque-resources";
import { noSkipAwait } from "./rules/pulumi/no-skip-await";
import { emptyDirSizeLimit } from "./rules/resources/emptydir-size-limit";
import { resourcesRequired } from "./rules/resources/resources-required";
import { exemptionsCurrent } from "./rules/stack/exemptions-current";
import { minReplicas } from "./rules/stack/min-replicas";
import { namespaceWalled } from "./rules/stack/namespace-walled";
import { networkFlowsCovered } from "./rules/stack/network-flows-covered";
import { oneOwner } from "./rules/stack/one-owner";
import { budgetAllowsEviction } from "./rules/stack/pdb-allows-eviction";
import { productionProtected } from "./rules/stack/production-protected";
import { quotaCoversScale } from "./rules/stack/quota-covers-scale";
import { referencesExist } from "./rules/stack/references-exist";
import { dataBackedUp } from "./rules/stack/data-backed-up";
import { oddQuorum } from "./rules/stack/odd-quorum";
import { requireImageDigest } from "./rules/images/require-image-digest";
import { resourceRatio } from "./rules/resources/resource-ratio";
import { awaitTimeoutCoversStartup } from "./rules/pulumi/await-timeout-covers-startup";
import { retainedStorageClass } from "./rules/stack/retained-storage-class";
import { secretsStaySecret } from "./rules/stack/secrets-stay-secret";
import { serviceAccountLeastPrivilege } from "./rules/stack/service-account-least-privilege";
import { serviceSelectsPods } from "./rules/stack/service-selects-pods";
import { workloadHasBudget } from "./rules/stack/workload-has-pdb";

/** A rule, and what a violation of it does in each environment. */
export interface Entry {
  readonly rule: Rule;
  readonly levels: Levels;
}

const always: Levels = { dev: "mandatory", test: "mandatory", prod: "mandatory" };
const beyondDev: Levels = { dev: "advisory", test: "mandatory", prod: "mandatory" };
/** For what costs resources: dev has one of everything. */
const notInDev: Levels = { dev: "off", test: "mandatory", prod: "mandatory" };
const protection: Levels = { dev: "off", test: "off", prod: "mandatory" };
const prodOnly: Levels = { dev: "advisory", test: "advisory", prod: "mandatory" };
const remarksBeyondDev: Levels = { dev: "off", test: "advisory", prod: "advisory" };
const remarks: Levels = { dev: "advisory", test: "advisory", prod: "advisory" };

/** Every rule of the pack, in the order in which they run. README.md, the levels and the tests come from this list. */
export const catalogue: Readonly<Record<string, readonly Entry[]>> = {
  "Pod security": [
    { rule: disallowPrivilegedContainers, levels: always },
    { rule: disallowPrivilegeEscalation, levels: always },
    { rule: requireRunAsNonRoot, levels: always },
    { rule: requireDropAll, levels: always },
    { rule: requireReadOnlyRootFilesystem, levels: always },
    { rule: restrictSeccomp, levels: always },
    { rule: noHostAccess, levels: always },
    { rule: restrictVolumeTypes, levels: always },
    { rule: restrictKernelSettings, levels: always },
  ],
  Identity: [
    { rule: requireServiceAccount, levels: beyondDev },
    { rule: restrictAutomountToken, levels: always },
    { rule: serviceAccountLeastPrivilege, levels: beyondDev },
    { rule: restrictWildcardRbac, levels: always },
    { rule: restrictClusterAdmin, levels: always },
    { rule: restrictDangerousVerbs, levels: beyondDev },
  ],
  Images: [
    { rule: noLatestImage, levels: always },
    { rule: restrictImageRegistries, levels: notInDev },
    { rule: requireImageDigest, levels: remarksBeyondDev },
  ],
  Resources: [
    { rule: resourcesRequired, levels: always },
    { rule: resourceRatio, levels: prodOnly },
    { rule: emptyDirSizeLimit, levels: beyondDev },
    { rule: quotaCoversScale, levels: beyondDev },
    { rule: requirePriorityClass, levels: notInDev },
  ],
  Availability: [
    { rule: probesRequired, levels: always },
    { rule: probeSettings, levels: beyondDev },
    { rule: gracefulTermination, levels: beyondDev },
    { rule: safeRollout, levels: beyondDev },
    { rule: noBarePods, levels: beyondDev },
    { rule: minReplicas, levels: notInDev },
    { rule: spreadReplicas, levels: notInDev },
    { rule: workloadHasBudget, levels: notInDev },
    { rule: pdbWellFormed, levels: always },
    { rule: budgetAllowsEviction, levels: beyondDev },
    { rule: autoscalerBounds, levels: beyondDev },
    { rule: autoscalerScales, levels: beyondDev },
    { rule: jobLimits, levels: beyondDev },
    { rule: cronJobSettings, levels: beyondDev },
    { rule: serviceSelectsPods, levels: beyondDev },
    { rule: headlessService, levels: beyondDev },
    { rule: referencesExist, levels: beyondDev },
    { rule: oddQuorum, levels: beyondDev },
  ],
  Network: [
    { rule: namespaceWalled, levels: always },
    { rule: networkPolicyShape, levels: beyondDev },
    { rule: networkFlowsCovered, levels: beyondDev },
    { rule: serviceExposure, levels: beyondDev },
  ],
  "Data and secrets": [
    { rule: noPlainSecrets, levels: always },
    { rule: secretsStaySecret, levels: always },
    { rule: secretVolumeMode, levels: beyondDev },
    { rule: secretsAsFiles, levels: remarks },
    { rule: persistentStatefulSets, levels: always },
    { rule: explicitStorage, levels: beyondDev },
    { rule: retainedStorageClass, levels: always },
    { rule: dataBackedUp, levels: beyondDev },
    { rule: productionProtected, levels: protection },
  ],
  Metadata: [
    { rule: requireLabels, levels: beyondDev },
    { rule: podHygiene, levels: remarks },
    { rule: disallowDefaultNamespace, levels: always },
    { rule: deprecatedApiVersions, levels: always },
  ],
  Pulumi: [
    { rule: explicitProvider, levels: always },
    { rule: noSkipAwait, levels: beyondDev },
    { rule: awaitTimeoutCoversStartup, levels: remarks },
    { rule: noBroadIgnoreChanges, levels: beyondDev },
    { rule: noOpaqueResources, levels: beyondDev },
    { rule: oneOwner, levels: always },
    { rule: exemptionsCurrent, levels: remarks },
  ],
};

export const entries: readonly Entry[] = Object.values(catalogue).flat();
