import { waitFor } from "../../../sandbox/exec";
import type { Live } from "./environments";
import { wholeMembership } from "./members";

/** The names of the first pods of Nacos. */
export function podsOf(count: number): string[] {
  return Array.from({ length: count }, (_, ordinal) => `nacos-${ordinal}`);
}

/**
 * Waits until there are this many members, each a ready pod, and no other pod, and until they agree.
 *
 * @param meanwhile throws if waiting longer is of no use
 * @returns their number
 */
export async function settled(
  environment: Live,
  members: number,
  seconds = 600,
  meanwhile: () => void = () => undefined,
): Promise<number> {
  const namespaced = (...args: string[]) =>
    environment.kubectl(["--namespace", environment.outputs.namespace, ...args]);
  await waitFor(
    `${members} members`,
    seconds,
    async () => {
      meanwhile();
      const recorded = await namespaced("get", "configmap", "nacos-members", "-o", "jsonpath={.data.members}");
      const ready = await namespaced(
        "get",
        "pods",
        "--selector=app.kubernetes.io/name=nacos,app.kubernetes.io/component=server",
        "-o",
        'jsonpath={range .items[*]}{.metadata.name}={.status.conditions[?(@.type=="Ready")].status} {end}',
      );
      const wanted = podsOf(members).map((pod) => `${pod}=True`);
      return recorded === String(members) && ready.trim().split(" ").sort().join() === wanted.join();
    },
    1000,
  );
  // A single server is no cluster, and has no file with members.
  if (members > 1) await wholeMembership(environment, podsOf(members));
  return members;
}
