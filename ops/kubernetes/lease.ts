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

/**
 * A Lease of Kubernetes with which one process at a time may change roles. A process that wants it leaves its name; the
 * holder hands it over between two steps, so that an operator need not wait for it to run out.
 */
export class Lease {
  private seen: LeaseObject | undefined;

  constructor(private readonly api: KubernetesApi, private readonly path: string, readonly holder: string) {}

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
    this.seen = await this.api.get<LeaseObject>(this.path);
    return this.notes;
  }

  /** Takes or renews the lease where it is free, run out or ours. @returns whether it is ours now. */
  async hold(): Promise<boolean> {
    await this.look();
    const { spec, metadata } = this.seen ?? { spec: undefined, metadata: { resourceVersion: "" } };
    const free = (spec?.holderIdentity ?? "") === "" || spec?.holderIdentity === this.holder || hasRunOut(spec);
    return free ? this.write(metadata.resourceVersion, this.holder, this.notes[WANTED] === this.holder ? { [WANTED]: "" } : {}) : false;
  }

  /** Hands the lease to the one who asked for it, if somebody did. @returns whether it is gone. */
  async handOver(): Promise<boolean> {
    const wanted = this.notes[WANTED] ?? "";
    if (wanted === "" || wanted === this.holder) return false;
    return this.write(this.seen?.metadata.resourceVersion ?? "", wanted, { [WANTED]: "" });
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
    if (this.holderSeen === this.holder) await this.write(this.seen?.metadata.resourceVersion ?? "", "");
  }

  /** Leaves notes; an empty text takes one away. */
  async note(notes: Notes): Promise<void> {
    this.seen = await this.api.patch<LeaseObject>(this.path, { metadata: { annotations: annotationsOf(notes) } });
  }

  private async write(resourceVersion: string, holderIdentity: string, notes: Notes = {}): Promise<boolean> {
    const body = {
      metadata: { resourceVersion, annotations: annotationsOf(notes) },
      spec: { holderIdentity, leaseDurationSeconds: DURATION_SECONDS, renewTime: `${new Date().toISOString().slice(0, -1)}000Z` },
    };
    try {
      this.seen = await this.api.patch<LeaseObject>(this.path, body);
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

function hasRunOut(spec: LeaseObject["spec"]): boolean {
  return Date.parse(spec?.renewTime ?? "") + (spec?.leaseDurationSeconds ?? 0) * 1000 < Date.now() || spec?.renewTime === undefined;
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
