import { gauges } from "../prometheus";
import type { Cluster, Server } from "./cluster";
import { memberProblems } from "./health";

/**
 * How many problems the cluster has, in Prometheus' text format. A single server has none.
 *
 * @param hosts of the members
 * @param own the server that is asked for its list of members
 */
export async function clusterMetrics(
  hosts: readonly string[],
  own: Pick<Server, "members">,
  cluster: Pick<Cluster, "raftProblems">,
): Promise<string> {
  const [members, raft] =
    hosts.length < 2
      ? [[], []]
      : await Promise.all([
          own.members().then(
            (seen) => memberProblems(seen, hosts),
            (error: unknown) => [String(error)],
          ),
          cluster.raftProblems(hosts),
        ]);
  return gauges("nacos_platform_nacos_", [
    {
      name: "member_problems",
      help: "Number of members that this server misses, has too many or reports as not up; 1 if it does not answer.",
      value: members.length,
    },
    {
      name: "raft_problems",
      help: "Number of Raft groups without one leader, or with other peers than the members; 1 if a member does not answer.",
      value: raft.length,
    },
  ]);
}
