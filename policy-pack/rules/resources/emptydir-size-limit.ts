import { at, items, nameIn, UNKNOWN } from "../../lib/read";
import { onPods } from "../../lib/rule";

export const emptyDirSizeLimit = onPods(
  {
    name: "emptydir-size-limit",
    severity: "medium",
    description:
      "Every emptyDir has a size limit; without one, a pod can fill its node's disk, or with medium Memory its own memory limit.",
    remediationSteps: "Set emptyDir.sizeLimit to what the process needs. Kubernetes evicts the pod if it writes more.",
    url: "https://kubernetes.io/docs/concepts/storage/volumes/#emptydir",
    tags: ["reliability"],
  },
  function* ({ podSpec }) {
    for (const volume of items(podSpec, "volumes")) {
      const [emptyDir, limit] = [at(volume, "emptyDir"), at(volume, "emptyDir", "sizeLimit")];
      if (volume === UNKNOWN || emptyDir === undefined || (limit !== undefined && limit !== "0" && limit !== 0))
        continue;
      yield {
        part: { kind: "volume", name: nameIn(volume, "name") },
        problem: "emptyDir.sizeLimit is not set. Set one.",
      };
    }
  },
);
