import { isReady, oneLine } from "../../../clients/kubernetes/pod-trouble";
import { problem, type Check, type Found } from "../check";
import type { Pod } from "../world";

export interface Event {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly count?: number;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly involvedObject: { readonly kind: string; readonly name: string };
}

const RECENT_MS = 180_000;
/** As many as an operator reads. */
const SHOWN = 10;

/** Two writes at the same time, one of which the controller of endpoints repeats. */
function isConflict({ involvedObject: { kind } }: Event): boolean {
  return kind.startsWith("Endpoint");
}

/** Jobs that `ops` has made from a CronJob, of which its controller knows nothing while they run. */
const OWN_JOB = "UnexpectedJob";

/** Warnings of the last minutes. Those of pods that are ready or gone by now are past. */
export function evaluateEvents(events: readonly Event[], pods: readonly Pod[], now: number): Found {
  const time = ({ lastTimestamp, eventTime }: Event) => Date.parse(lastTimestamp ?? eventTime ?? "") || 0;
  const recent = events
    .filter(
      (event) =>
        event.type === "Warning" && now - time(event) < RECENT_MS && event.reason !== OWN_JOB && !isConflict(event),
    )
    .sort((a, b) => time(b) - time(a));
  const current = recent.filter(({ involvedObject: { kind, name } }) => {
    const pod = pods.find(({ metadata }) => metadata.name === name);
    return kind !== "Pod" || (pod !== undefined && !isReady(pod) && pod.status?.phase !== "Succeeded");
  });
  return {
    summary: `${recent.length} warning(s) in ${RECENT_MS / 60_000} min, ${current.length} of them of what is not healthy now`,
    problems: current
      .slice(0, SHOWN)
      .map(({ involvedObject: { kind, name }, reason, message, count = 1 }) =>
        problem(
          "watch",
          `${kind} ${name}: ${reason ?? "Warning"}: ${oneLine(message)}${count > 1 ? ` (${count} times)` : ""}`,
          `kubectl describe ${kind.toLowerCase()} ${name}; docs/runbooks/troubleshooting.md`,
        ),
      ),
  };
}

export const events: Check = {
  name: "events",
  look: async (world) => {
    const [found, pods] = await Promise.all([world.list<Event>("v1", "events"), world.pods()]);
    return evaluateEvents(found, pods, world.now);
  },
};
