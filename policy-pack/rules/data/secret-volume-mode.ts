import { at, items, nameIn, UNKNOWN } from "../../lib/read";
import { type Finding, onPods } from "../../lib/rule";
import { containersOf } from "../../lib/workload";

export const secretVolumeMode = onPods(
  {
    name: "secret-volume-mode",
    severity: "medium",
    description:
      "Files of mounted Secrets cannot be read by every user in the container, and follow the Secret when it changes.",
    remediationSteps:
      "Set defaultMode: 0440 on the volume (288 in JSON) with an fsGroup on the pod, and mount it without subPath.",
    url: "https://kubernetes.io/docs/concepts/configuration/secret/#secret-files-permissions",
    tags: ["security"],
  },
  function* (workload): Iterable<Finding> {
    for (const volume of items(workload.podSpec, "volumes")) {
      const [secret, projected] = [at(volume, "secret"), at(volume, "projected")];
      const sources = items(projected, "sources").map((source) => at(source, "secret"));
      const secrets = [secret, ...sources].filter((source) => source !== undefined && source !== UNKNOWN);
      if (volume === UNKNOWN || secrets.length === 0) continue;
      const name = nameIn(volume, "name");
      const part = { kind: "volume", name };
      // Without a mode, files are readable by everybody: 0644.
      const mode = at(secret ?? projected, "defaultMode") ?? 0o644;
      const modes = [mode, ...secrets.flatMap((source) => items(source, "items").map((item) => at(item, "mode") ?? 0))];
      const open = modes.find((bits) => typeof bits === "number" && (bits & 0o007) !== 0);
      if (open !== undefined) {
        const octal = `0${(open as number).toString(8)}`;
        yield {
          part,
          problem: `its files have mode ${octal}, with rights for every user. Set defaultMode to 0440 (288 in JSON).`,
        };
      }
      const mounts = containersOf(workload).flatMap(({ spec }) => items(spec, "volumeMounts"));
      if (mounts.some((mount) => at(mount, "name") === name && typeof at(mount, "subPath") === "string"))
        yield { part, problem: "it is mounted with subPath, so its files never change. Mount the complete volume." };
    }
  },
);
