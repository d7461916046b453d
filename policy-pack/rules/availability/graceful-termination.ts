import { at, items, UNKNOWN } from "../../lib/read";
import { type Finding, onPods } from "../../lib/rule";
import { claimTemplatesOf, containersOf } from "../../lib/workload";

const LONG_RUNNING = ["Deployment", "StatefulSet", "DaemonSet"];
/** What a process has left to end after its hook. */
const REST_SECONDS = 5;

export const gracefulTermination = onPods(
  {
    name: "graceful-termination",
    severity: "medium",
    description:
      "Pods have time to end: Kubernetes kills a process whose grace period is over, in the middle of its requests or writes.",
    remediationSteps:
      "Set terminationGracePeriodSeconds to more than preStop waits, and to 30 or more if the pods hold data.",
    url: "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination",
    tags: ["reliability"],
  },
  function* (workload): Iterable<Finding | string> {
    if (!LONG_RUNNING.includes(workload.kind)) return;
    const grace = at(workload.podSpec, "terminationGracePeriodSeconds") ?? 30;
    if (typeof grace !== "number") return;
    if (grace === 0) yield "terminationGracePeriodSeconds is 0, so its processes are killed at once. Set 30.";
    else if (claimTemplatesOf(workload).length > 0 && grace < 30)
      yield `terminationGracePeriodSeconds is ${grace}, and its pods hold data. Set 30 or more.`;
    for (const container of containersOf(workload)) {
      const wait = waitOf(at(container.spec, "lifecycle", "preStop"));
      if (wait > 0 && grace > 0 && grace < wait + REST_SECONDS) {
        const problem = `preStop waits ${wait} s, and terminationGracePeriodSeconds is ${grace}. Set ${wait + REST_SECONDS} or more.`;
        yield { part: container, problem };
      }
    }
  },
);

/** The seconds that a hook waits, as far as it says: a sleep of Kubernetes, or the commands "sleep N" in it. */
function waitOf(hook: unknown): number {
  const seconds = at(hook, "sleep", "seconds");
  if (typeof seconds === "number") return seconds;
  const words = items(hook, "exec", "command");
  const command = words.map((word) => (word === UNKNOWN ? "" : String(word))).join(" ");
  return [...command.matchAll(/\bsleep (\d+)\b/g)].reduce((sum, [, count]) => sum + Number(count), 0);
}
