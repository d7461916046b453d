import type { PodSettings } from "../../kube/pod";
import type { ServiceSettings } from "../../kube/service";

/** Settings of a stack that leaves everything to the scheduler. */
export const PODS: PodSettings = {
  priorityClassName: "nacos-x-platform",
  placement: { nodeSelector: {}, tolerations: [], nodeAffinity: { required: [], preferred: [] }, spread: [] },
  pullSecrets: [],
  labels: {},
  annotations: {},
  userIds: "fixed",
};

/** The same for Services. */
export const SERVICES: ServiceSettings = { labels: {}, annotations: {}, ipFamilyPolicy: "SingleStack" };
