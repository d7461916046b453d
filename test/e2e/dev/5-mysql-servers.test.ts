import { requireCluster } from "../../../sandbox/cluster/cluster";
import { loadSession } from "../../../sandbox/commands/session";
import { describeBackups } from "../../contract/mysql-backup";
import { describeServerContract } from "../../contract/mysql-server";
import { describeFreeze } from "../../contract/nacos-freeze";
import { describeIdentity } from "../../contract/mysql-server/identity";
import { useRealServers } from "../../contract/mysql-server/real-pair";
import { dev } from "../support/environments";

const archive = (): string => loadSession(requireCluster(dev.cluster)).images.mysql.archive;

// The fake servers of the unit tests pass the same contract.
describe("real servers behave as @drill", () => {
  describeServerContract(useRealServers(archive));
});

describe("a real server that is reached by the name of another @drill", () => {
  describeIdentity(archive);
});

describe("a real server freezes publishing, and @drill", () => {
  describeFreeze(archive);
});

describe("with a real server, @drill", () => {
  describeBackups(archive);
});
