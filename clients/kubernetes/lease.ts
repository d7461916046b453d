import { pause } from "../pause";
import { ApiError, type KubernetesApi } from "./api";

interface LeaseObject {
  metadata: { resourceVersion: string; annotations?: Record<string, string> };
  spec?: { holderIdentity?: string; renewTime?: string; leaseDurationSeconds?: number };
}

/** What the lease says beside who holds it: the notes that its holders leave for each other. */
export type Notes = Readonly<Record<string, string>>;

const PREFIX = "nacos-platform/";
const WANTED = "wanted-by";
/** A holder that has not renewed for so long is taken for dead. */
const DURATION_SECONDS = 4;
/** How often a holder renews, and how often one that waits looks again. */
export const RENEW_MS = 1000;
/** For so long after it asked, a holder knows that nobody else can hold it. */
const SURE_MS = 3000;

/**
 * A Lease of Kubernetes with which one process at a time may change roles. A process that wants it leaves its name; the
 * holder hands it over between two steps, so that an operator need not wait for it to run out.
 */
export class Lease {
  private seen: LeaseObject | undefined;
  /** When its last renewal was first seen, by this process's own clock: the holder's may show another time. */
  private renewalSeen = 0;
  private heldUntil = 0;
  /** How often it was given away. */
  private given = 0;

  constructor(private readonly api: KubernetesApi, private readonly path: string, readonly holder: string) {}

  /** Whether it is surely ours: for longer than this, another may have taken it for run out. */
  get isHeld(): boolean {
    return performance.now() < this.heldUntil;
  }

  /** Notes as of the last look. */
  get notes(): Notes {
    const annotations = Object.entries(this.seen?.metadata.annotations ?? {});
    return Object.fromEntries(annotations.filter(([key]) => key.startsWith(PREFIX)).map(([key, value]) => [key.slice(PREFIX.length), value]));
  }

  /** Who held it at the last look, dead or alive. */
  get holderSeen(): string | undefined {
    return this.seen?.spec?.holderIdentity;
  }

  async look(): Promise<Notes> {
    this.remember(await this.api.get<LeaseObject>(this.path));
    return this.notes;
  }

  /** Takes or renews the lease where it is free, run out or ours. @returns whether it is ours now. */
  async hold(): Promise<boolean> {
    const [asked, given] = [performance.now(), this.given];
    await this.look();
    const free = (this.holderSeen ?? "") === "" || this.holderSeen === this.holder || this.hasRunOut();
    const isOurs = free && (await this.write(this.holder, this.notes[WANTED] === this.holder ? { [WANTED]: "" } : {}));
    // Where another change came between, it is held for as long as before; an answer may come after it was given away.
    if (isOurs && given === this.given) this.heldUntil = asked + SURE_MS;
    return isOurs;
  }

  /** Hands the lease to the one who asked for it, if somebody did. @returns whether it is gone. */
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

  /** Leaves notes; an empty text takes one away. */
  async note(notes: Notes): Promise<void> {
    this.remember(await this.api.patch<LeaseObject>(this.path, { metadata: { annotations: annotationsOf(notes) } }));
  }

  private async giveTo(holder: string, notes: Notes = {}): Promise<boolean> {
    const isGone = await this.write(holder, notes);
    if (isGone) this.given++;
    return isGone;
  }

  private remember(seen: LeaseObject): void {
    if (seen.spec?.renewTime !== this.seen?.spec?.renewTime || seen.spec?.holderIdentity !== this.holderSeen) this.renewalSeen = performance.now();
    this.seen = seen;
    if (this.holderSeen !== this.holder) this.heldUntil = 0;
  }

  private hasRunOut(): boolean {
    return performance.now() - this.renewalSeen > (this.seen?.spec?.leaseDurationSeconds ?? 0) * 1000;
  }

  private async write(holderIdentity: string, notes: Notes): Promise<boolean> {
    const body = {
      metadata: { resourceVersion: this.seen?.metadata.resourceVersion ?? "", annotations: annotationsOf(notes) },
      spec: { holderIdentity, leaseDurationSeconds: DURATION_SECONDS, renewTime: `${new Date().toISOString().slice(0, -1)}000Z` },
    };
    try {
      this.remember(await this.api.patch<LeaseObject>(this.path, body));
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) return false; // another was faster
      throw error;
    }
  }
}

function annotationsOf(notes: Notes): Record<string, string | null> {
  return Object.fromEntries(Object.entries(notes).map(([key, value]) => [PREFIX + key, value === "" ? null : value]));
}

/**
 * Does some work while holding the lease, whose holder is asked to hand it over.
 *
 * @throws Error where the lease does not come within `patienceSeconds`.
 */
export async function withLease<T>(lease: Lease, patienceSeconds: number, work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + patienceSeconds * 1000;
  let asked = false;
  while (!(await lease.hold())) {
    if (Date.now() > deadline) {
      if (asked) await lease.withdraw();
      throw new Error(`${lease.holderSeen ?? "nobody"} holds the lease and has not handed it over within ${patienceSeconds} s; it may be at work itself. Its log says so; try again.`);
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
