import { at, entries, items, quote, UNKNOWN } from "../../lib/read";
import { onContainers } from "../../lib/rule";

const PROBES = ["livenessProbe", "readinessProbe", "startupProbe"] as const;
/** What Kubernetes assumes. */
const DEFAULTS = { initialDelaySeconds: 0, periodSeconds: 10, failureThreshold: 3, timeoutSeconds: 1 } as const;
const HANDLERS = ["httpGet", "tcpSocket", "grpc", "exec"];
/** Shortest time that a start may take before a container is restarted. */
const SHORTEST_START_SECONDS = 30;

export const probeSettings = onContainers(
  {
    name: "probe-settings",
    severity: "medium",
    description:
      "Probes ask ports that exist, give a start time, and restart a container later than they take it out of the Service; otherwise a slow answer restarts every pod.",
    remediationSteps:
      "Give the liveness probe a larger failureThreshold than the readiness probe, or another endpoint; correct the port; add a startup probe for a long start.",
    url: "https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/",
    tags: ["reliability"],
  },
  function* ({ spec, kind }, workload) {
    if (PROBES.some((probe) => at(spec, probe) === UNKNOWN)) return;
    const number = (probe: string, field: keyof typeof DEFAULTS) => {
      const value = at(spec, probe, field) ?? DEFAULTS[field];
      return typeof value === "number" ? value : NaN; // NaN is neither less nor more than anything
    };
    const gracePeriod = (probe: string) => number(probe, "periodSeconds") * number(probe, "failureThreshold");
    const [live, ready] = ["livenessProbe", "readinessProbe"].map((probe) => handlerOf(at(spec, probe)));
    if (live !== undefined && live === ready && gracePeriod("livenessProbe") <= gracePeriod("readinessProbe"))
      yield `livenessProbe asks the same as readinessProbe, and gives up after ${gracePeriod("livenessProbe")} s, not later than that. Give it a larger failureThreshold.`;
    const [slow, budget] =
      at(spec, "startupProbe") !== undefined
        ? ["startupProbe", number("startupProbe", "initialDelaySeconds") + gracePeriod("startupProbe")]
        : ["livenessProbe", number("livenessProbe", "initialDelaySeconds") + gracePeriod("livenessProbe")];
    if (at(spec, slow) !== undefined && kind === "container" && budget < SHORTEST_START_SECONDS)
      yield `${slow} gives a start ${budget} s. Give it ${SHORTEST_START_SECONDS} s or more, by a startupProbe with a larger failureThreshold.`;
    for (const probe of PROBES) {
      const handler = HANDLERS.find((one) => at(spec, probe, one) !== undefined) ?? "";
      const port = at(spec, probe, handler, "port");
      const isNamed = typeof port === "string" && !/^\d+$/.test(port);
      const isKnown = at(workload.podSpec, "containers") !== UNKNOWN && at(spec, "ports") !== UNKNOWN;
      if (
        isNamed &&
        isKnown &&
        !items(spec, "ports").some((one) => [port, UNKNOWN].includes(at(one, "name") as string) || one === UNKNOWN)
      )
        yield `${probe} asks port ${quote(port)}, which the container does not declare. Correct the name.`;
      const command = items(spec, probe, "exec", "command");
      if (command.some((word) => typeof word === "string" && /^\$\{?\w+\}?$/.test(word)) && !isShell(command[0]))
        yield `${probe}.exec has a variable, and no shell that replaces it. Start a shell.`;
    }
  },
);

const isShell = (word: unknown) => typeof word !== "string" || /(^|\/)(ba|da|a)?sh$/.test(word);

/** What a probe asks, in a form that can be compared; undefined if that is not known. */
function handlerOf(probe: unknown): string | undefined {
  const found = HANDLERS.flatMap((name) => {
    const handler = at(probe, name);
    return handler === undefined ? [] : [[name, ...entries(handler).map(([key, value]) => [key, value])]];
  });
  const plain = JSON.stringify(found, (_, value: unknown) => (value === UNKNOWN ? "(unknown)" : value));
  return found.length === 0 || plain.includes("(unknown)") ? undefined : plain;
}
