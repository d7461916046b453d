import { describeClones } from "./mysql-server/clones";
import { describeDemotion } from "./mysql-server/demotion";
import { describeLogins } from "./mysql-server/logins";
import { describeReplication } from "./mysql-server/replication";
import { describeRoles } from "./mysql-server/roles";
import type { Pair } from "./mysql-server/pair";
import { describeTrouble } from "./mysql-server/trouble";

/**
 * What the controller relies on when it sends its statements to servers of MySQL: answers, errors, and the state after them.
 *
 * @param make starts two servers without data; it is called once for each group of tests.
 */
export function describeServerContract(make: () => Promise<Pair>): void {
  describe("a server of MySQL", () => {
    describeRoles(make);
    describeLogins(make);
    describeReplication(make);
    describeTrouble(make);
    describeDemotion(make);
    describeClones(make);
  });
}
