import { entries, items, nameIn, quote, UNKNOWN } from "../../lib/read";
import { onPods } from "../../lib/rule";

const ALLOWED = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "image",
  "persistentVolumeClaim",
  "projected",
  "secret",
];

export const restrictVolumeTypes = onPods(
  {
    name: "restrict-volume-types",
    severity: "medium",
    description:
      "Volumes are of types that the restricted Pod Security Standard allows; others reach hosts or storage past the cluster's own control.",
    remediationSteps: "Use a PersistentVolumeClaim, and let a CSI driver provide the storage.",
    url: "https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted",
    tags: ["pss:restricted"],
  },
  function* ({ podSpec }) {
    for (const volume of items(podSpec, "volumes")) {
      for (const [type, source] of entries(volume)) {
        // hostPath is what no-host-access reports.
        if (["name", "hostPath", ...ALLOWED].includes(type) || source === undefined || source === UNKNOWN) continue;
        const part = { kind: "volume", name: nameIn(volume, "name") };
        yield { part, problem: `its type is ${quote(type)}. Use one of ${ALLOWED.join(", ")}.` };
      }
    }
  },
);
