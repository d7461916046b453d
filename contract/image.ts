/** The parts of a container image reference with an explicit version. */
export interface ImageVersion {
  readonly tag: string;
  readonly major: number;
  readonly minor: number;
  /** Dotted numbers only, for comparisons: "2.5.1" for `v2.5.1-slim`. */
  readonly version: string;
}

const REFERENCE =
  /^[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?::\d+)?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*:([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})(?:@sha256:[0-9a-f]{64})?$/;
const VERSION = /^v?((\d+)\.(\d+)(?:\.\d+)*)(?:[.-][A-Za-z0-9_.-]*)?$/;

/**
 * The version that an image's tag names.
 *
 * @returns undefined if the reference is malformed, has no tag (a digest does not contain the version), or has a tag
 *   that does not start with `major.minor`, such as `latest`.
 */
export function imageVersion(reference: string): ImageVersion | undefined {
  const tag = REFERENCE.exec(reference)?.[1];
  const match = tag === undefined ? undefined : VERSION.exec(tag);
  if (tag === undefined || !match) return undefined;
  return { tag, major: Number(match[2]), minor: Number(match[3]), version: match[1] };
}

const DOCKER_HUB = "docker.io/";

/** The reference under which an image is pulled: an image of docker.io from another registry, if there is one, and any other image as it is. */
export function pulledFrom(registry: string | undefined, reference: string): string {
  return registry !== undefined && reference.startsWith(DOCKER_HUB)
    ? `${registry}/${reference.slice(DOCKER_HUB.length)}`
    : reference;
}
