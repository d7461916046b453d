import { configApi } from "../contract/nacos-api";
import { NACOS_PORTS } from "../contract/ports";
import { progress } from "../sandbox/progress";
import { live } from "../test/e2e/support/environments";
import { untilClientEnds } from "../test/e2e/support/registry";
import { podsOf } from "../test/e2e/support/servers";
import { prod } from "./environments";
import { NetworkPolicies } from "./network-policies";
import { inMilliseconds, ratio, type Measured } from "./results";

/** As many, because the slowest one of a hundred publishes varies. */
const PAIRS = 7;
const ROUND_SECONDS = 300;

/** What the client prints, in milliseconds. */
interface Round {
  readonly publishP50Ms: number;
  readonly publishP99Ms: number;
  readonly registrationMs: number;
}

/** What network policies cost a client of Nacos: rounds with them and without them, in turn. */
export async function policyOverhead(): Promise<Measured[]> {
  const environment = await live(prod);
  const { namespace, nacos } = environment.outputs;
  const host = (name: string) => `${name}.${namespace}.svc.cluster.local`;
  const { publish, group } = configApi(nacos.version);
  // Each of these is open to clients if, and only if, no policy is enforced on its node.
  const closed = podsOf(nacos.replicas).map(
    (pod) => `${host(`${pod}.${nacos.services.headless}`)}:${NACOS_PORTS.raft}`,
  );
  const nodeOf = ["--namespace", namespace, "get", "pod", "nacos-0", "-o", "jsonpath={.spec.nodeName}"];
  const node = await environment.kubectl(nodeOf);
  const policies = await NetworkPolicies.of(environment);
  const round = async (enforced: boolean): Promise<Round> => {
    await (enforced ? policies.restore() : policies.delete());
    const words = ["measure", host(nacos.services.client), publish, group, enforced ? "closed" : "open", ...closed];
    const events = await untilClientEnds(prod, environment, words, { node, seconds: ROUND_SECONDS });
    const measured = events.find(({ event }) => event === "measured");
    if (measured === undefined) throw new Error("the registry client has printed no measurement");
    return measured as unknown as Round;
  };
  const [own, peer]: Round[][] = [[], []];
  try {
    for (let pair = 0; pair < PAIRS; pair++) {
      progress(`network policies, pair ${pair + 1} of ${PAIRS}`);
      // Each is first in every other pair: what grows with each round counts for both.
      for (const enforced of pair % 2 === 0 ? [true, false] : [false, true])
        (enforced ? own : peer).push(await round(enforced));
    }
  } finally {
    await policies.restore();
  }
  const overhead = (field: keyof Round, show: (value: number) => string) =>
    ratio(
      own.map((measured) => measured[field]),
      peer.map((measured) => measured[field]),
      show,
    );
  const without =
    "from a pod through Service nacos; without means that the network policies of the namespace are deleted";
  const published = `1000 publishes over HTTP, each on a new connection, ${without}`;
  return [
    {
      figure: "publish with network policies, to without, p50",
      value: overhead("publishP50Ms", inMilliseconds),
      limit: "≤ 1.1 ×",
      how: published,
    },
    {
      figure: "publish with network policies, to without, p99",
      value: overhead("publishP99Ms", inMilliseconds),
      limit: "≤ 1.1 ×",
      how: published,
    },
    {
      figure: "registrations with network policies, to without",
      value: overhead("registrationMs", (milliseconds) => `${Math.round(1000 / milliseconds)} a second`),
      limit: "≤ 1.1 ×",
      how: `2000 instances over the Go SDK, by 8 open connections at the same time, ${without}; the ratio is of the time that they take`,
    },
  ];
}
