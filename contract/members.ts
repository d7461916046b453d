/** What the pods of one Nacos agree on about the members of their cluster. */

/** Keys of the ConfigMap that records the membership. The stack creates it, and only the pods change it. */
export const MEMBERS_KEYS = {
  /** Number of members: the pods with the ordinals below it. */
  members: "members",
  /** "true" once these members have formed Raft groups together. From then on, a member without data is one that lost it. */
  formed: "formed",
} as const;

/** Name of the ConfigMap. @param base name of the StatefulSet */
export function membersConfigMap(base: string): string {
  return `${base}-members`;
}

/** Name of the ConfigMap with the sidecar's program and its `settings.json`. @param base name of the StatefulSet */
export function membersCode(base: string): string {
  return `${membersConfigMap(base)}-code`;
}

/** `settings.json` of the container that keeps the member list of its pod's server. */
export interface MembersSettings {
  readonly namespace: string;
  /** Name of the StatefulSet. */
  readonly statefulSet: string;
  /** `<headless service>.<namespace>.svc.<cluster domain>` */
  readonly hostSuffix: string;
  /** Version of Nacos: "3.1.2". */
  readonly version: string;
}

/** Host name of a pod. Nacos compares these texts. */
export function memberHost(
  { statefulSet, hostSuffix }: Pick<MembersSettings, "statefulSet" | "hostSuffix">,
  ordinal: number,
): string {
  return `${statefulSet}-${ordinal}.${hostSuffix}`;
}
