import { requireCluster } from "../../../sandbox/cluster/cluster";
import { loadSession } from "../../../sandbox/commands/session";
import { describeServerContract } from "../../contract/mysql-server";
import { useRealServers } from "../../contract/mysql-server/real-pair";
import { dev } from "../support/environments";

// The fake servers of the unit tests pass the same contract.
describe("real servers behave as @drill", () => {
  describeServerContract(useRealServers(() => loadSession(requireCluster(dev.cluster)).images.mysql.archive));
});
