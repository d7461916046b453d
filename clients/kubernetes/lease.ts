import { Refusal } from "../../contract/refusal";
import { pause } from "../pause";
import { ApiError, type KubernetesApi } from "./api";

interface LeaseObject {
  metadata: { resourceVersion: string; annotations?: Record<string, string> };
  spec?: { holderIdentity?: string; renewTime?: string; leaseDurationSeconds?: number };
}

/** The notes in the lease, which its holders leave for each other. */
export type Notes = Readonly<Record<string, string>>;

const PREFIX = "nacos-platform/";
const WANTED = "wanted-by";
/** A holder that has not renewed the lease within this time counts as dead. */
const DURATION_SECONDS = 4;
/** How often a holder renews, and how often a waiting process checks again. */
export const RENEW_MS = 1000;
/** For this long after its request, a holder knows that no other process can hold the lease. */
const SURE_MS = 3000;

/**
 * A Kubernetes Lease, so that only one process at a time may change roles. A process that wants it leaves its name. The
 * holder hands it over between two steps, so that an operator need not wait until it expires.
 */
export class Lease {
  private seen: LeaseObject | undefined;
  /** When its last renewal was first seen, by this process's clock: the holder's clock may differ. */
  private renewalSeen = 0;
  private heldUntil = 0;
  /** How often it was handed over. */
  private given = 0;

  constructor(
    private readonly api: KubernetesApi,
    private readonly path: string,
    readonly holder: string,
  ) {}

  /** Whether this process certainly holds it. After that time, another process may have taken it as expired. */
  get isHeld(): boolean {
    return performance.now() < this.heldUntil;
  }

  /** Notes at the last read. */
  get notes(): Notes {
    const annotations = Object.entries(this.seen?.metadata.annotations ?? {});
    return Object.fromEntries(
      annotations.filter(([key]) => key.startsWith(PREFIX)).map(([key, value]) => [key.slice(PREFIX.length), value]),
    );
  }

  /** The holder at the last read, dead or alive. */
  get holderSeen(): string | undefined {
    return this.seen?.spec?.holderIdentity;
  }

  async look(): Promise<Notes> {
    this.remember(await this.api.get<LeaseObject>(this.path));
    return this.notes;
  }

  /** Takes or renews the lease if it is free, expired or held by this process. @returns whether this process holds it now. */
  async hold(): Promise<boolean> {
    const [asked, given] = [performance.now(), this.given];
    await this.look();
    const free = (this.holderSeen ?? "") === "" || this.holderSeen === this.holder || this.hasRunOut();
    const isOurs = free && (await this.write(this.holder, this.notes[WANTED] === this.holder ? { [WANTED]: "" } : {}));
    // If another change came first, it is held until the same time as before. An answer may arrive after the lease was handed over.
    if (isOurs && given === this.given) this.heldUntil = asked + SURE_MS;
    return isOurs;
  }

  /** Hands the lease to the process that asked for it, if there is one. @returns whether it was handed over. */
  async handOver(): Promise<boolean> {
    const wanted = this.notes[WANTED] ?? "";
    if (wanted === "" || wanted === this.holder) return false;
    return this.giveTo(wanted, { [WANTED]: "" });
  }

  /** Asks the holder to hand over. */
  async ask(): Promise<void> {
    await this.note({ [WANTED]: this.holder });
  }

  /** Asks for it no longer. */
  async withdraw(): Promise<void> {
    await this.look();
    if (this.notes[WANTED] === this.holder) await this.note({ [WANTED]: "" });
  }

  async release(): Promise<void> {
    await this.look();
    if (this.holderSeen === this.holder) await this.giveTo("");
  }

  /** Writes notes; an empty text removes one. */
  async note(notes: Notes): Promise<void> {
    this.remember(await this.api.patch<LeaseObject>(this.path, { metadata: { annotations: annotationsOf(notes) } }));
  }

  private async giveTo(holder: string, notes: Notes = {}): Promise<boolean> {
    const isGone = await this.write(holder, notes);
    if (isGone) this.given++;
    return isGone;
  }

  private remember(seen: LeaseObject): void {
    if (seen.spec?.renewTime !== this.seen?.spec?.renewTime || seen.spec?.holderIdentity !== this.holderSeen)
      this.renewalSeen = performance.now();
    this.seen = seen;
    if (this.holderSeen !== this.holder) this.heldUntil = 0;
  }

  private hasRunOut(): boolean {
    return performance.now() - this.renewalSeen > (this.seen?.spec?.leaseDurationSeconds ?? 0) * 1000;
  }

  private async write(holderIdentity: string, notes: Notes): Promise<boolean> {
    const body = {
      metadata: { resourceVersion: this.seen?.metadata.resourceVersion ?? "", annotations: annotationsOf(notes) },
      spec: {
        holderIdentity,
        leaseDurationSeconds: DURATION_SECONDS,
        renewTime: `${new Date().toISOString().slice(0, -1)}000Z`,
      },
    };
    try {
      this.remember(await this.api.patch<LeaseObject>(this.path, body));
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) return false; // another process was faster
      throw error;
    }
  }
}

function annotationsOf(notes: Notes): Record<string, string | null> {
  return Object.fromEntries(Object.entries(notes).map(([key, value]) => [PREFIX + key, value === "" ? null : value]));
}

/**
 * Does some work while holding the lease. Asks the holder to hand it over.
 *
 * @throws Refusal if the lease is not handed over within `patienceSeconds`.
 */
export async function withLease<T>(lease: Lease, patienceSeconds: number, work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + patienceSeconds * 1000;
  let asked = false;
  while (!(await lease.hold())) {
    if (Date.now() > deadline) {
      if (asked) await lease.withdraw();
      throw new Refusal(
        "MYSQL_LEASE_HELD",
        `${lease.holderSeen ?? "nobody"} holds the lease and has not handed it over within ${patienceSeconds} s; it may be busy. Its log shows what it does; try again.`,
      );
    }
    if (!asked) await lease.ask();
    asked = true;
    await pause(100);
  }
  const renewal = setInterval(() => void lease.hold().catch(() => undefined), RENEW_MS);
  try {
    return await work();
  } finally {
    clearInterval(renewal);
    await lease.release();
  }
}
