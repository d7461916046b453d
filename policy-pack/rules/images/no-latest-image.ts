import { parseImage } from "../../lib/image";
import { at, UNKNOWN } from "../../lib/read";
import { onContainers } from "../../lib/rule";

export const noLatestImage = onContainers(
  {
    name: "no-latest-image",
    severity: "high",
    description:
      'Every container image has a version tag or a digest; with "latest", pods of one workload may run different code, and a rollback may change nothing.',
    remediationSteps: 'Name a version, such as "mysql:8.4.6", or a digest ("mysql@sha256:…").',
    url: "https://kubernetes.io/docs/concepts/containers/images/#image-names",
    tags: ["supply-chain"],
    settings: {
      movingTags: {
        type: "array",
        items: { type: "string" },
        description: "Tags that move to other versions.",
        default: ["latest"],
      },
    },
  },
  function* ({ spec }, _, { settings }) {
    const { movingTags = ["latest"] } = settings as { movingTags?: readonly string[] };
    const image = at(spec, "image");
    if (image === UNKNOWN) return;
    if (typeof image !== "string") {
      yield "image is not set. Name an image with a version tag or a digest.";
      return;
    }
    const { tag, digest } = parseImage(image);
    if (digest !== undefined || (tag !== undefined && !movingTags.includes(tag))) return;
    yield tag === undefined
      ? `image "${image}" has no tag, which means "latest". Name a version tag or a digest.`
      : `image "${image}" has the tag "${tag}", which changes. Name a version tag or a digest.`;
  },
);
