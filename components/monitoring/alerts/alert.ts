import type { ValueOf } from "../../../config/groups";
import type { thresholds } from "../thresholds";

export interface Alert {
  readonly name: string;
  /** `critical`: somebody has to act now. `warning`: today. */
  readonly severity: "warning" | "critical";
  /** How long the expression has to hold. */
  readonly minutes: number;
  readonly expr: string;
  /** One line, with templates of Prometheus. */
  readonly summary: string;
  /** What it means, and what it costs. */
  readonly description: string;
  /** What to do first. */
  readonly action: string;
}

/** What the alerts depend on in a stack. */
export interface Watched {
  readonly namespace: string;
  readonly thresholds: ValueOf<typeof thresholds>;
  readonly nacos: {
    /** Name of the StatefulSet. */
    readonly name: string;
    /** Smallest number of servers. */
    readonly servers: number;
    /** What the JVM's direct memory is limited to. */
    readonly directBytes: number;
    /** CPU utilisation above which its autoscaler adds servers. Absent without one. */
    readonly cpuPercent?: number;
  };
  /** Absent if MySQL is external. */
  readonly mysql?: { readonly servers: number; readonly semiSync: "required" | "preferred" };
  readonly backups: {
    readonly maxAgeHours: number;
    readonly deadlineMinutes: number;
    /** The object store. */
    readonly offsite?: object;
  };
}

/** A metric of the stack. @param more further matchers */
export function metric({ namespace }: Watched, name: string, more = ""): string {
  return `${name}{namespace="${namespace}"${more === "" ? "" : `,${more}`}}`;
}
