import type { PodSettings } from "../../kube/pod";

/** Settings of a stack that leaves everything to the scheduler. */
export const PODS: PodSettings = {
  priorityClassName: "nacos-x-platform",
  placement: { nodeSelector: {}, tolerations: [], nodeAffinity: { required: [], preferred: [] }, spread: [] },
  pullSecrets: [],
};
