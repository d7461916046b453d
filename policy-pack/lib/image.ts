export interface ImageReference {
  /** Registry and path, e.g. "host:5000/team/nacos". */
  repository: string;
  tag?: string;
  /** E.g. "sha256:1f0c…". */
  digest?: string;
}

/** Splits an image reference. A colon before the last slash belongs to the registry's port, not to a tag. */
export function parseImage(reference: string): ImageReference {
  const [named, digest] = reference.split("@", 2);
  const colon = named.indexOf(":", named.lastIndexOf("/") + 1);
  return {
    repository: colon < 0 ? named : named.slice(0, colon),
    tag: (colon < 0 ? undefined : named.slice(colon + 1)) || undefined,
    digest: digest || undefined,
  };
}
