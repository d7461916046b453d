import { progress } from "../sandbox/progress";
import { live } from "../test/e2e/support/environments";
import { evenClients, wholeMembership } from "../test/e2e/support/members";
import { RegistryWatch, type Seen } from "../test/e2e/support/registry";
import { podsOf } from "../test/e2e/support/servers";
import { prod } from "./environments";
import { inSeconds, median, seconds, type Measured } from "./results";

const ROUNDS = 3;
/** Connections that have to move, in addition to those of the client that looks. */
const CROWD = 60;
/** Instances of each service that the client watches. */
const INSTANCES = 3;

/** How long a restart of every Nacos server takes, one by one, and what clients notice of it. */
export async function rollingRestart(): Promise<Measured[]> {
  const environment = await live(prod);
  const { namespace, nacos } = environment.outputs;
  const members = podsOf(nacos.replicas);
  const rollout = (...args: string[]) =>
    environment.kubectl(["--namespace", namespace, "rollout", ...args, "statefulset/nacos"]);
  const taken: number[] = [];
  const seen: Seen[] = [];
  await RegistryWatch.whileAtWork(
    prod,
    environment,
    async (watch) => {
      for (let round = 0; round < ROUNDS; round++) {
        progress(`rolling restart of Nacos, round ${round + 1} of ${ROUNDS}`);
        seen.push(
          await watch.during(async () => {
            taken.push(
              await seconds(async () => {
                await rollout("restart");
                await rollout("status", "--timeout=900s");
              }),
            );
          }),
        );
        await wholeMembership(environment, members);
        await evenClients(environment, members);
      }
    },
    { crowd: CROWD },
  );
  const rounds = `\`kubectl rollout restart\` until \`kubectl rollout status\` ends, beside clients of the Go SDK with ${CROWD} more connections`;
  return [
    {
      figure: "rolling restart of three Nacos servers",
      value: inSeconds(median(taken)),
      limit: "none",
      how: `${rounds}, median of ${ROUNDS}`,
    },
    {
      figure: "rolling restart of three Nacos servers, seen by clients",
      value: noticed(seen),
      limit: "0 failed, complete lists",
      how: `${rounds}, in ${ROUNDS} restarts: publishes, reads, lists and heartbeats, and the shortest list of a service with ${INSTANCES} instances that was pushed, read or in a subscriber's memory`,
    },
  ];
}

function noticed(seen: readonly Seen[]): string {
  const sum = (
    ...counts: ("publishes" | "reads" | "asks" | "beats" | `failed${"Publishes" | "Reads" | "Asks" | "Beats"}`)[]
  ) => seen.reduce((total, each) => total + counts.reduce((own, count) => own + each[count], 0), 0);
  const failed = sum("failedPublishes", "failedReads", "failedAsks", "failedBeats");
  const succeeded = sum("publishes", "reads", "asks", "beats");
  const sizes = seen.flatMap(({ troubles }) =>
    troubles.flatMap(({ size }) => (typeof size === "number" ? [size] : [])),
  );
  const slowest = Math.max(...seen.map(({ slowestPublishMs }) => slowestPublishMs));
  return `${failed} of ${failed + succeeded} requests failed, shortest list ${Math.min(INSTANCES, ...sizes)} of ${INSTANCES}, slowest publish ${inSeconds(slowest / 1000)}`;
}
