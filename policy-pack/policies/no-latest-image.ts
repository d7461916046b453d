import type { ResourceValidationPolicy } from "@pulumi/policy";
import { parseImage } from "../lib/image";
import { at, UNKNOWN } from "../lib/read";
import { configSchema } from "../lib/rule";
import { eachContainer } from "../lib/workload";

export const noLatestImage: ResourceValidationPolicy = {
  name: "no-latest-image",
  description:
    'Every container image has a version tag or a digest; with "latest", pods of one workload may run different code, and a rollback may change nothing.',
  severity: "high",
  remediationSteps: 'Name a version, such as "mysql:8.4.6", or a digest ("mysql@sha256:…").',
  tags: ["supply-chain"],
  url: "https://kubernetes.io/docs/concepts/containers/images/#image-names",
  configSchema,
  validateResource: eachContainer(function* ({ spec }) {
    const image = at(spec, "image");
    if (image === UNKNOWN) return;
    if (typeof image !== "string") {
      yield "image is not set. Name an image with a version tag or a digest.";
      return;
    }
    const { tag, digest } = parseImage(image);
    if (digest !== undefined || (tag !== undefined && tag !== "latest")) return;
    yield tag === undefined
      ? `image "${image}" has no tag, which means "latest". Name a version tag or a digest.`
      : `image "${image}" has the tag "latest", which changes. Name a version tag or a digest.`;
  }),
};
