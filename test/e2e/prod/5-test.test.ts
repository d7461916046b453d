import assert from "node:assert/strict";
import { waitFor } from "../../../sandbox/exec";
import { previewChanged } from "../support/changed";
import { type Environment, live, type Live, make, prod, refusal } from "../support/environments";
import { publishedContent, whileDead } from "../support/mysql";
import { NacosClient } from "../support/nacos-client";
import { ops, primaryOf, whole } from "../support/ops";
import { whileWriting } from "../support/writing";

const test: Environment = { ...prod, stack: "test", portOffset: prod.portOffset + 100 };

describe("the test environment, on the same nodes as prod @drill", () => {
  let environment: Live;

  before("make up STACK=test", async () => {
    await make("up", test);
    environment = await live(test);
  });

  const namespaced = (...args: string[]) =>
    environment.kubectl(["--namespace", environment.outputs.namespace, ...args]);

  it("serves what is published there, from a separate MySQL", async () => {
    const nacos = await NacosClient.signedIn(environment);
    assert.deepEqual(await nacos.publish("beside", "in-test"), { status: 200, body: "true" });
    assert.equal(await publishedContent(environment, "beside"), "in-test");
    assert.equal(await publishedContent(await live(prod), "beside"), undefined);
  });

  it("continues with its one replica after a failover by command, and the dead primary rejoins", async () => {
    await whole(environment);
    const dead = await primaryOf(environment);
    const node = await namespaced("get", "pod", dead, "-o", "jsonpath={.spec.nodeName}");
    const written = await whileWriting(
      test,
      environment,
      () =>
        whileDead(test.cluster, environment, [dead], async () => {
          assert.match(
            await ops(environment, "mysql", "failover"),
            /is the primary now\..*mysql\.semiSync is preferred/s,
          );
        }),
      node,
    );
    console.log(`      failover to the only replica: ${JSON.stringify(written)}`);
    assert.equal(written.missing, 0, JSON.stringify(written));
    assert.notEqual(await primaryOf(environment), dead);
    // It may have died with a transaction that no other server has. If failover is manual, only an operator may give that up.
    await waitFor(`${dead} to answer, and to be cloned`, 300, () =>
      ops(environment, "mysql", "rejoin", "--server", dead).then(
        () => true,
        () => false,
      ),
    );
    await whole(environment);
  });

  it("refuses fewer MySQL servers at preview if the primary would be removed", async () => {
    if ((await primaryOf(environment)) === "mysql-0")
      await ops(environment, "mysql", "switchover", "--server", "mysql-1");
    assert.match(
      await refusal(previewChanged(environment, (config) => (config["nacos-platform:mysql"].servers = 1))),
      /mysql\.servers is 1, and mysql-1 is the primary, which would be removed.*\[MYSQL_PRIMARY_WOULD_BE_REMOVED/s,
    );
    await whole(environment);
  });

  it("changes nothing when it is brought up again", async () => {
    assert.match(await make("up", test), /Resources:\n\s+\d+ unchanged\n/);
  });
});
