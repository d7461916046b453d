import { at } from "../../lib/read";
import { onKinds } from "../../lib/rule";
import { type Container, containersOf, replicasOf, workloadOf } from "../../lib/workload";

/** How long the provider waits if nothing says otherwise. */
const DEFAULT_SECONDS = 600;

export const awaitTimeoutCoversStartup = onKinds(
  {
    name: "await-timeout-covers-startup",
    severity: "medium",
    description:
      "An update waits as long as pods may take to start, and Jobs to end; otherwise it fails while all goes well.",
    remediationSteps: "Set the option customTimeouts: create and update, or lower failureThreshold or the deadline.",
    url: "https://www.pulumi.com/docs/iac/concepts/resources/options/customtimeouts/",
    tags: ["pulumi"],
  },
  ["apps/DaemonSet", "apps/Deployment", "apps/StatefulSet", "batch/Job"],
  function* (resource) {
    const { kind, opts, props } = resource;
    const workload = workloadOf(resource);
    const annotation = (name: string) => at(props, "metadata", "annotations", `pulumi.com/${name}`);
    if (workload === undefined || ![undefined, "false"].includes(annotation("skipAwait") as string)) return;
    const order = at(props, "spec", "podManagementPolicy") ?? "OrderedReady";
    const one = kind === "StatefulSet" && order === "OrderedReady" ? number(replicasOf(workload), 1) : 1;
    const create =
      kind === "Job"
        ? number(at(props, "spec", "activeDeadlineSeconds"), 0)
        : Math.max(0, ...containersOf(workload).map(startSeconds)) * one;
    const end = number(at(workload.podSpec, "terminationGracePeriodSeconds"), 30);
    const update = kind === "Job" ? create : create + end + number(at(props, "spec", "minReadySeconds"), 0);
    for (const [step, needed] of [
      ["create", create],
      ["update", update],
    ] as const) {
      const waits = number(annotation("timeoutSeconds"), opts?.customTimeouts?.[`${step}Seconds`] || DEFAULT_SECONDS);
      if (needed > waits)
        yield `it may take ${needed} s, and Pulumi waits ${waits} s. Raise customTimeouts.${step}, or lower what it may take.`;
    }
  },
);

/** How long a startup probe leaves a container. */
function startSeconds({ spec }: Container): number {
  if (at(spec, "startupProbe") === undefined) return 0;
  const read = (field: string, fallback: number) => number(at(spec, "startupProbe", field), fallback);
  return read("initialDelaySeconds", 0) + read("periodSeconds", 10) * read("failureThreshold", 3);
}

/** NaN if it is not known yet: that is more than nothing, and nothing is more than that. */
function number(value: unknown, fallback: number): number {
  if (typeof value === "symbol") return NaN;
  return value === undefined ? fallback : Number(value);
}
