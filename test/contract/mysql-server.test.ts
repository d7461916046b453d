/**
 * Runs the contract of MySQL servers against two real ones on loopback addresses, which it starts and removes, as root by
 *
 *   npx mocha --no-config --require sucrase/register test/contract/mysql-server.test.ts
 *
 * with MYSQL_CONTRACT_IMAGE set to an archive of MySQL's image, as `docker save` writes it.
 */
import { describeServerContract } from "./mysql-server";
import { useRealServers } from "./mysql-server/real-pair";

describe("real servers behave as", function () {
  this.timeout(120_000);

  describeServerContract(
    useRealServers(() => {
      const { MYSQL_CONTRACT_IMAGE: archive } = process.env;
      if (archive === undefined) throw new Error("set MYSQL_CONTRACT_IMAGE to an archive of MySQL's image");
      return archive;
    }),
  );
});
