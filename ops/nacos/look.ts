import type { Pod } from "../../clients/kubernetes/pod-trouble";
import { memberHost, type MembersSettings } from "../../contract/members";
import type { Counts } from "../../runtime/nacos-members/counts";
import type { Member } from "../../runtime/nacos-members/health";
import type { Recorded } from "../../runtime/nacos-members/record";

/** A pod of Nacos, as the API server has it. */
export interface NacosPod extends Pod {
  readonly metadata: Pod["metadata"] & { readonly deletionGracePeriodSeconds?: number };
  readonly spec?: Pod["spec"] & { readonly containers?: readonly { readonly name: string; readonly image: string }[] };
}

/** What a server says. */
export interface Said {
  /** All members. */
  readonly seen: readonly Member[];
  /** Itself: only this is always up to date. */
  readonly self: Member;
  /** How much it has, or why that is not known. */
  readonly counts: Counts | string;
}

/** A server of Nacos that is a member, is wanted, or has a pod. */
export interface ServerLook {
  readonly ordinal: number;
  /** "nacos-0" */
  readonly name: string;
  readonly host: string;
  /** Of Nacos, by the pod's image. */
  readonly version: string;
  readonly pod: NacosPod | undefined;
  /** What it says, or a sentence that says why it does not answer. Undefined if it does not run. */
  readonly answer: Said | string | undefined;
}

/** The servers of a stack at one time. */
export interface Look {
  readonly stack: string;
  readonly settings: MembersSettings;
  readonly recorded: Pick<Recorded, "members" | "wanted" | "formed">;
  /** By ordinal. */
  readonly servers: readonly ServerLook[];
}

/** What a server says, or undefined if it does not answer. */
export function said({ answer }: ServerLook): Said | undefined {
  return typeof answer === "object" ? answer : undefined;
}

/** The hosts of the first servers. */
export function hostsOf({ settings }: Pick<Look, "settings">, count: number): string[] {
  return Array.from({ length: count }, (_, ordinal) => memberHost(settings, ordinal));
}

/** The pod's name for `host:port` of one, and the host of anything else. */
export function nameOf(address: string, { hostSuffix }: Pick<MembersSettings, "hostSuffix">): string {
  const host = address.replace(/:\d+$/, "");
  return host.endsWith(`.${hostSuffix}`) ? host.slice(0, -hostSuffix.length - 1) : host;
}

/** A text in which the servers have the names of their pods. */
export function named(text: string, { hostSuffix }: Pick<MembersSettings, "hostSuffix">): string {
  return text.replaceAll(new RegExp(`\\.${hostSuffix.replaceAll(".", "\\.")}(?::\\d+)?`, "g"), "");
}

/** The number of a pod of the StatefulSet, or undefined for another name. */
export function ordinalOf(name: string, { statefulSet }: Pick<MembersSettings, "statefulSet">): number | undefined {
  const number = name.startsWith(`${statefulSet}-`) ? name.slice(statefulSet.length + 1) : "";
  return /^(0|[1-9]\d*)$/.test(number) ? Number(number) : undefined;
}
