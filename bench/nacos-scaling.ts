import { requireCluster } from "../sandbox/cluster/cluster";
import { ensureVolumes } from "../sandbox/cluster/volumes";
import { waitFor } from "../sandbox/exec";
import { progress } from "../sandbox/progress";
import { upChanged } from "../test/e2e/support/changed";
import { live, type Live } from "../test/e2e/support/environments";
import { podsOf, settled } from "../test/e2e/support/servers";
import { prod } from "./environments";
import { inSeconds, median, type Measured } from "./results";

const ROUNDS = 3;
const [FEW, MANY] = [3, 5];

/** Seconds from the command until the record has each new number of members, and until everything agrees. */
interface Scaled {
  readonly steps: ReadonlyMap<number, number>;
  readonly settled: number;
}

/** How long it takes until more or fewer servers are a cluster without problems. Each round begins with new claims. */
export async function scaling(): Promise<Measured[]> {
  const environment = await live(prod);
  const grown: Scaled[] = [];
  const shrunk: Scaled[] = [];
  // Three nodes have to hold five servers. This restarts them, so not in what is measured.
  await upChanged(environment, (config) => (config["nacos-platform:nacos"].spread = "preferred"));
  for (let round = 0; round < ROUNDS; round++) {
    progress(`${FEW} to ${MANY} Nacos servers and back, round ${round + 1} of ${ROUNDS}`);
    await ensureVolumes(requireCluster(prod.cluster), environment.kubectl);
    await settled(environment, FEW);
    grown.push(await scale(environment, MANY));
    shrunk.push(await scale(environment, FEW));
    await deleteClaims(environment);
  }
  await environment.stack.up();
  const how = `\`kubectl scale\` until every server is ready and all agree on the members and on each Raft group, prod without clients, median of ${ROUNDS}`;
  return [
    { figure: `from ${FEW} to ${MANY} Nacos servers`, value: described(grown), limit: "none", how },
    { figure: `from ${MANY} to ${FEW} Nacos servers`, value: described(shrunk), limit: "none", how },
  ];
}

function namespaced({ kubectl, outputs }: Live, ...args: string[]): Promise<string> {
  return kubectl(["--namespace", outputs.namespace, ...args]);
}

async function scale(environment: Live, wanted: number): Promise<Scaled> {
  const begun = performance.now();
  const elapsed = () => (performance.now() - begun) / 1000;
  const recorded = async () =>
    Number(await namespaced(environment, "get", "configmap", "nacos-members", "-o", "jsonpath={.data.members}"));
  const steps = new Map<number, number>();
  const before = await recorded();
  await namespaced(environment, "scale", "statefulset/nacos", `--replicas=${wanted}`);
  await waitFor(
    `${wanted} members in the record`,
    600,
    async () => {
      const members = await recorded();
      if (members !== before && !steps.has(members)) steps.set(members, elapsed());
      return members === wanted;
    },
    500,
  );
  await settled(environment, wanted);
  return { steps, settled: elapsed() };
}

/** "75.0 s (4 members after 30.0 s, 3 after 60.0 s)" */
function described(rounds: readonly Scaled[]): string {
  const steps = [...new Set(rounds.flatMap((round) => [...round.steps.keys()]))].map((members) => {
    const after = rounds.flatMap((round) => round.steps.get(members) ?? []);
    return `${members} members after ${inSeconds(median(after))}`;
  });
  return `${inSeconds(median(rounds.map((round) => round.settled)))} (${steps.join(", ")})`;
}

/** Deletes the claims of the servers that are gone, so that their successors are as new. The volumes stay until the cluster is deleted. */
async function deleteClaims(environment: Live): Promise<void> {
  const claims = podsOf(MANY)
    .slice(FEW)
    .map((pod) => `data-${pod}`);
  await namespaced(environment, "delete", "persistentvolumeclaims", ...claims, "--ignore-not-found");
}
