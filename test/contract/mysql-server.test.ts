/**
 * Runs the contract of MySQL servers against two real ones on loopback addresses, which it starts and removes, as root by
 *
 *   npx mocha --no-config --require sucrase/register test/contract/mysql-server.test.ts
 *
 * with MYSQL_CONTRACT_IMAGE set to an archive of MySQL's image, as `docker save` writes it.
 */
import { describeBackups } from "./mysql-backup";
import { describeServerContract } from "./mysql-server";
import { describeIdentity } from "./mysql-server/identity";
import { useRealServers } from "./mysql-server/real-pair";

function archive(): string {
  const { MYSQL_CONTRACT_IMAGE: file } = process.env;
  if (file === undefined) throw new Error("set MYSQL_CONTRACT_IMAGE to an archive of MySQL's image");
  return file;
}

describe("real servers behave as", function () {
  this.timeout(120_000);

  describeServerContract(useRealServers(archive));
});

describe("a real server that is reached by the name of another", function () {
  this.timeout(120_000);

  describeIdentity(archive);
});

describe("with a real server,", function () {
  this.timeout(300_000);

  describeBackups(archive);
});
