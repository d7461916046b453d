import assert from "node:assert/strict";
import * as path from "node:path";
import { requireCluster } from "../../../sandbox/cluster/cluster";
import { importEverywhere } from "../../../sandbox/cluster/node";
import { loadSession, stackOn } from "../../../sandbox/commands/session";
import { openPorts } from "../../../sandbox/deploy/access";
import type { PlatformOutputs as Outputs } from "../../../contract/outputs";
import { portsOf } from "../../../sandbox/deploy/ports";
import { platformConfig } from "../../../sandbox/deploy/topology";
import { ensureImage } from "../../../sandbox/images/cache";
import { nacos22 } from "../../../sandbox/images/nacos";
import { cacheDir } from "../../../sandbox/paths";
import { progress } from "../../../sandbox/progress";
import { type Environment, live, type Live, make, prod } from "../support/environments";
import { deletePersistent, hasPersistent, registerPersistent, wholeMembership } from "../support/members";
import { NacosClient } from "../support/nacos-client";
import { assertUnnoticedBut, checkRegistry, described, RegistryWatch } from "../support/registry";

/** On the nodes of prod, because this stack has as many Nacos servers, and is not created before the next test file. */
const test: Environment = { ...prod, stack: "test", portOffset: prod.portOffset + 100 };
const members = ["nacos-0", "nacos-1", "nacos-2"];

/** Brings the stack up with Nacos 2.2, which `make up` would not. */
async function upWithOlderNacos(): Promise<Live> {
  const cluster = requireCluster(test.cluster);
  const session = loadSession(cluster);
  const nacos = await ensureImage(path.join(cacheDir, "images"), nacos22, progress);
  await importEverywhere(cluster, nacos);
  const stack = stackOn(cluster, { ...session, images: { ...session.images, nacos } }, test.stack);
  await openPorts(cluster, test.stack, platformConfig(test.stack).namespace, portsOf(test.stack, test.portOffset));
  await stack.prepare();
  await stack.up();
  return { ...(await live(test)), outputs: await stack.outputs<Outputs>() };
}

describe("the upgrade of Nacos 2.2 to 3.1, with clients at work @drill", () => {
  let environment: Live;

  before("three servers of 2.2", async () => {
    environment = await upWithOlderNacos();
    assert.match(environment.outputs.nacos.version, /^2\.2\./);
    await wholeMembership(environment, members);
  });

  it("loses no instance, no publish and no persistent instance", async () => {
    await NacosClient.onMember(environment, "nacos-0", async (nacos) => {
      assert.deepEqual(await nacos.publish("published-by-2.2", "still there"), { status: 200, body: "true" });
    });
    await registerPersistent(environment, "nacos-0");
    await hasPersistent(environment, members);
    await RegistryWatch.whileAtWork(test, environment, async (watch) => {
      const seen = await watch.during(async () => {
        await make("up", test);
        environment = await live(test);
        await environment.kubectl([
          "--namespace",
          environment.outputs.namespace,
          "rollout",
          "status",
          "statefulset/nacos",
          "--timeout=600s",
        ]);
      });
      console.log(`      upgrade: ${described(seen)}`);
      // While servers of both versions run, a list may have an instance twice, because they do not replicate it alike. After
      // three minutes, a server forgets what it had from a server that is gone.
      assertUnnoticedBut(seen, "longPushes", "longViews", "longAsks");
      for (const count of [seen.publishes, seen.deliveries]) assert.ok(count > seen.seconds, described(seen));
      await watch.withoutRepetitions();
      assert.ok(seen.connects >= 3, "no connection had to move, so nothing was tested");
    });
    assert.match(environment.outputs.nacos.version, /^3\.1\./);
  });

  it("leaves a complete cluster with everything that was there", async () => {
    await wholeMembership(environment, members);
    await hasPersistent(environment, members);
    await deletePersistent(environment, "nacos-0");
    for (const member of members) {
      await NacosClient.onMember(environment, member, async (nacos) =>
        assert.deepEqual(await nacos.read("published-by-2.2"), { status: 200, body: "still there" }),
      );
    }
    assert.equal((await checkRegistry(test, environment, members)).length, members.length);
  });
});
