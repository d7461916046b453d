import type { Policies } from "@pulumi/policy";
import { noHostAccess } from "./no-host-access";
import { noLatestImage } from "./no-latest-image";
import { noPlainSecrets } from "./no-plain-secrets";
import { persistentStatefulSets } from "./persistent-stateful-sets";
import { probesRequired } from "./probes-required";
import { resourcesRequired } from "./resources-required";
import { restrictedContainers } from "./restricted-containers";
import { retainedStorageClass } from "./retained-storage-class";

export const policies: Policies = [
  noLatestImage,
  resourcesRequired,
  probesRequired,
  restrictedContainers,
  noHostAccess,
  noPlainSecrets,
  persistentStatefulSets,
  retainedStorageClass,
];
