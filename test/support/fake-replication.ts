import type { Credentials } from "../../contract/credentials";
import { GtidSet } from "../../runtime/gtid-set";
import type { ReplicaState } from "../../runtime/mysql-controller/server";
import { FakeCommits, refusal } from "./fake-commits";

export const REPLICATION: Credentials = { user: "replica", password: "it's" };
/** Account that may log in, and may not replicate. */
export const CLIENT = "client";

/** What a replica says that is well and follows the source. */
export function following(source: string, more: Partial<ReplicaState> = {}): ReplicaState {
  return {
    source: `${source}.example`,
    sourceUuid: source === "" ? "" : uuidOf(source),
    user: REPLICATION.user,
    connected: true,
    receiving: true,
    applying: true,
    retrieved: GtidSet.empty,
    secondsBehind: 0,
    receiveError: undefined,
    applyError: undefined,
    ...more,
  };
}

/** UUID of a server that has not been cloned. */
export function uuidOf(name: string): string {
  return `00000000-0000-0000-0000-00000000000${name.at(-1) ?? ""}`;
}

/** How a fake server replicates. The test may say at any time that it is in another state. */
export abstract class FakeReplication extends FakeCommits {
  up = true;
  replica: ReplicaState | undefined;
  /** Whether its replication settings came with a clone, without the logs that belong to them. */
  protected isWithoutLogs = false;
  /** A server that replicates from no source may be made to apply; that is no error. */
  private appliesNothing = false;
  private stored = REPLICATION;
  private receivesAs = REPLICATION;
  /** Whether it is set to acknowledge what it receives, and whether it does so since it has connected. */
  protected mayAcknowledge = true;
  private acknowledges = true;

  /** All servers of its set. */
  protected abstract readonly set: () => readonly FakeReplication[];

  /** The error with which it refuses an account's login. */
  abstract refuses(account: Credentials): number | undefined;

  /** Its row of SHOW REPLICA STATUS. */
  protected replicaStatus(): Record<string, unknown>[] {
    const { replica } = this;
    if (replica === undefined) return [];
    return [
      {
        Source_Host: replica.source,
        Source_UUID: replica.sourceUuid,
        Source_User: replica.user,
        Replica_IO_Running: replica.connected ? "Yes" : replica.receiving ? "Connecting" : "No",
        Replica_SQL_Running: replica.applying ? "Yes" : "No",
        Retrieved_Gtid_Set: replica.retrieved.toString(),
        Seconds_Behind_Source: replica.secondsBehind ?? null,
        Last_IO_Errno: replica.receiveError?.code ?? 0,
        Last_IO_Error: replica.receiveError?.message ?? "",
        Last_SQL_Errno: replica.applyError?.code ?? 0,
        Last_SQL_Error: replica.applyError?.message ?? "",
      },
    ];
  }

  /** Tries again to connect to its source, as a receiver does every second. */
  reconnect(): void {
    if (this.replica?.receiving === true) this.receive();
  }

  protected override get replicas(): number {
    return this.connected().filter(({ acknowledges }) => acknowledges).length;
  }

  protected override send(): void {
    for (const server of this.connected()) server.receive();
  }

  /** Lets all servers that replicate from it notice what has changed. */
  protected notify(): void {
    for (const server of this.set()) if (server.replica?.source === this.host) server.reconnect();
  }

  /** @param source host and stored account; without it, it forgets its source. */
  protected changeSource(source?: { readonly host: string } & Credentials): void {
    if (this.replica?.receiving === true || this.replica?.applying === true || this.appliesNothing) {
      throw refusal(
        3081,
        "This operation cannot be performed with running replication threads; run STOP REPLICA FOR CHANNEL '' first",
      );
    }
    this.isWithoutLogs = false;
    this.replica = undefined;
    if (source === undefined) return;
    const { host, user, password } = source;
    this.stored = { user, password };
    this.replica = {
      ...following(""),
      source: host,
      user,
      connected: false,
      receiving: false,
      applying: false,
      secondsBehind: undefined,
    };
  }

  protected stopThreads(thread?: string): void {
    if (thread !== "SQL_THREAD") this.update({ connected: false, receiving: false, user: this.stored.user });
    if (thread === "IO_THREAD") return;
    this.update({ applying: false });
    this.appliesNothing = false;
  }

  /** @param account otherwise the stored one. If it receives already, the account does not change. */
  protected startThreads(thread?: string, account = this.stored): void {
    if (this.replica === undefined) {
      if (thread !== "SQL_THREAD")
        throw refusal(
          1200,
          "The server is not configured as replica; fix in config file or with CHANGE REPLICATION SOURCE TO",
        );
      this.appliesNothing = true;
      return;
    }
    if (this.isWithoutLogs)
      throw refusal(1872, "Replica failed to initialize applier metadata structure from the repository");
    if (thread !== "IO_THREAD") this.update({ applying: true });
    if (thread !== "SQL_THREAD" && !this.replica.receiving) {
      this.receivesAs = account;
      this.acknowledges = this.mayAcknowledge;
      this.update({ receiving: true, user: account.user, receiveError: undefined });
      this.receive();
    }
    this.apply();
  }

  /** Whether it has applied these, as soon as it can. */
  protected hasApplied(transactions: GtidSet): boolean {
    if (this.replica?.connected === true) this.receive();
    return this.executed.contains(transactions);
  }

  private connected(): FakeReplication[] {
    return this.set().filter(({ up, replica }) => up && replica?.connected === true && replica.source === this.host);
  }

  /** Connects to the source, and receives everything that is in its log. */
  private receive(): void {
    const { replica } = this;
    if (replica === undefined) return;
    const source = this.set().find(({ host }) => host === replica.source);
    const refused =
      source?.up === true
        ? (source.refuses(this.receivesAs) ?? (this.receivesAs.user === CLIENT ? 13120 : undefined))
        : 2003;
    if (source === undefined || refused !== undefined) {
      this.update({
        connected: false,
        receiveError: {
          code: refused ?? 2003,
          message: `Error connecting to source '${this.receivesAs.user}@${replica.source}:3306'.`,
        },
      });
      return;
    }
    const has = this.executed.union(replica.retrieved);
    if (!has.contains(source.purged)) {
      this.update({
        connected: false,
        receiving: false,
        receiveError: { code: 13114, message: "Got fatal error 1236 from source when reading data from binary log" },
      });
      return;
    }
    this.learn(source);
    const sent = source.logged.minus(has);
    this.update({
      connected: true,
      sourceUuid: source.uuid,
      receiveError: undefined,
      retrieved: replica.retrieved.union(sent),
    });
    this.apply();
    if (!sent.isEmpty) source.acknowledge();
  }

  private apply(): void {
    if (this.replica?.applying !== true) return;
    const applyError = this.replica.applyError ?? this.applyAll(this.replica.retrieved);
    if (applyError !== undefined) this.update({ applying: false, applyError });
  }

  /** The lag is known while it receives and applies. */
  private update(change: Partial<ReplicaState>): void {
    if (this.replica === undefined) return;
    const next = { ...this.replica, ...change };
    this.replica = {
      ...next,
      secondsBehind: next.connected && next.applying ? (this.replica.secondsBehind ?? 0) : undefined,
    };
  }
}
