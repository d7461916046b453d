import { raftProblems, type Member } from "./health";
import type { MembershipRecord } from "./record";
import type { NacosServer } from "./server";

export type Server = Pick<
  NacosServer,
  | "members"
  | "self"
  | "selfIn"
  | "isReady"
  | "counts"
  | "transferLeader"
  | "removePeer"
  | "clients"
  | "movable"
  | "moveClient"
>;

/** The cluster as one sidecar reaches it. */
export interface ClusterOptions {
  /** Ordinal of this pod in the StatefulSet. */
  readonly ordinal: number;
  readonly version: string;
  readonly record: Pick<MembershipRecord, "read" | "write" | "hasPod">;
  /** Host name of a pod. */
  readonly hostOf: (ordinal: number) => string;
  readonly serverOf: (host: string) => Server;
  readonly pause: (milliseconds: number) => Promise<void>;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Receives what changes, not what stays. */
  readonly log: (line: string) => void;
}

/** The servers with the ordinals below a number, and what they say. */
export class Cluster {
  constructor(private readonly options: Pick<ClusterOptions, "hostOf" | "serverOf" | "version">) {}

  hosts(count: number): string[] {
    return Array.from({ length: count }, (_, ordinal) => this.options.hostOf(ordinal));
  }

  /** What each of these servers says of itself. @throws Error if one does not answer. */
  selves(hosts: readonly string[]): Promise<Member[]> {
    return Promise.all(hosts.map((host) => this.options.serverOf(host).self()));
  }

  /** What those of these servers say that answer. */
  async answering(hosts: readonly string[]): Promise<Member[]> {
    const answers = await Promise.all(
      hosts.map((host) =>
        this.options
          .serverOf(host)
          .self()
          .catch(() => undefined),
      ),
    );
    return answers.filter((answer) => answer !== undefined);
  }

  /** What keeps these servers from being all peers of every Raft group, and no others. Empty: nothing. */
  raftProblems(hosts: readonly string[]): Promise<string[]> {
    return this.selves(hosts).then(
      (seen) => raftProblems(seen, hosts, this.options.version),
      (error: unknown) => [(error as Error).message],
    );
  }

  async answers(host: string): Promise<boolean> {
    return (await this.answering([host])).length === 1;
  }
}
