import { containersOf, isRunning } from "../../../clients/kubernetes/pod-trouble";
import type { Check } from "../check";
import type { Pod } from "../world";
import { unhealthy } from "./pods";

/** As many pods as an operator reads of; the rest of an incident has the same reason. */
const PODS = 3;
const QUERIES = { "last lines": "tailLines=50", "last lines before its restart": "tailLines=20&previous=true" };

/** Whose log to read: the container that does not run, otherwise the first. */
export function containerOf(pod: Pod): string | undefined {
  const ended = containersOf(pod).find(
    ({ name, state, lastState }) =>
      !isRunning(pod, name) && (state?.terminated?.exitCode ?? lastState?.terminated?.exitCode ?? 0) !== 0,
  );
  return (ended ?? pod.status?.containerStatuses?.[0])?.name;
}

/** The last lines of pods that are not healthy, and of their containers before they restarted. */
export const logs: Check = {
  name: "logs",
  look: async (world) => {
    const { api, namespace } = world.cluster;
    const chosen = unhealthy(await world.pods()).slice(0, PODS);
    const lines = await Promise.all(
      chosen.flatMap((pod) => {
        const { name } = pod.metadata;
        const container = containerOf(pod);
        return Object.entries(container === undefined ? {} : QUERIES).map(async ([title, query]) => {
          const path = `/api/v1/namespaces/${namespace}/pods/${name}/log?container=${container}&limitBytes=20000&${query}`;
          const text = await api.text(path).catch(() => ""); // it has no such log
          return text === ""
            ? []
            : [
                `${name}, container ${container}, ${title}:`,
                ...text
                  .trimEnd()
                  .split("\n")
                  .map((line) => `  ${line}`),
                "",
              ];
        });
      }),
    );
    return {
      summary:
        chosen.length === 0
          ? "every pod is healthy"
          : `of ${chosen.map(({ metadata }) => metadata.name).join(", ")}: below`,
      problems: [],
      lines: lines.flat(),
    };
  },
};
