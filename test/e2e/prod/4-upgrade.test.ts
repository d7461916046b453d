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
import { previewChanged, upChanged } from "../support/changed";
import { type Environment, live, type Live, make, prod, refusal } from "../support/environments";
import { deletePersistent, hasPersistent, registerPersistent, wholeMembership } from "../support/members";
import { mysqlQuery } from "../support/mysql";
import { NacosClient } from "../support/nacos-client";
import { assertUnnoticedBut, checkRegistry, described, RegistryWatch, type Seen } from "../support/registry";
import { keepsEverything, unnoticed } from "../support/scaling";
import { podsOf, settled } from "../support/servers";

/** On the nodes of prod, because this stack has as many Nacos servers, and is not created before the next test file. */
const test: Environment = { ...prod, stack: "test", portOffset: prod.portOffset + 100 };
const members = ["nacos-0", "nacos-1", "nacos-2"];
const TWO = "2.2.4";
/**
 * While servers of both series run, a list may have an instance twice, because they do not replicate it alike. After three
 * minutes, a server forgets what it had from a server that is gone.
 */
const MIXED = ["longPushes", "longViews", "longAsks"] as const;
/** Content of the configuration `outlasts`. */
const CONTENT = "any number of servers";
const TWO_ROLLOUTS_MS = 1_800_000;
const FROZEN = /publishing is frozen until \d{4}-\d\d-\d\d \d\d:\d\d UTC: upgrade/;

/** Brings the stack up with Nacos 2.2, which `make up` would not. @returns also the reference of its image */
async function upWithOlderNacos(): Promise<{ environment: Live; image: string }> {
  const cluster = requireCluster(test.cluster);
  const session = loadSession(cluster);
  const nacos = await ensureImage(path.join(cacheDir, "images"), nacos22, progress);
  await importEverywhere(cluster, nacos);
  const stack = stackOn(cluster, { ...session, images: { ...session.images, nacos } }, test.stack);
  await openPorts(cluster, test.stack, platformConfig(test.stack).namespace, portsOf(test.stack, test.portOffset));
  await stack.prepare();
  await stack.up();
  return { environment: { ...(await live(test)), outputs: await stack.outputs<Outputs>() }, image: nacos.ref };
}

describe("the upgrade of Nacos 2.2 to 3.1 and back, with clients at work @drill", () => {
  let environment: Live;
  let older: string;

  const namespaced = (...args: string[]) =>
    environment.kubectl(["--namespace", environment.outputs.namespace, ...args]);
  /** An update with these values of the section `nacos`. */
  const up = async (values: object): Promise<void> => {
    await upChanged(environment, (config) => Object.assign(config["nacos-platform:nacos"], values));
    environment = await live(test);
  };
  /** The pod's UID and the version of its server, by its image. */
  const serverOf = async (pod: string): Promise<[uid: string, version: string]> => {
    const [uid, image] = (
      await namespaced("get", "pod", pod, "-o", "jsonpath={.metadata.uid} {.spec.containers[?(@.name=='nacos')].image}")
    ).split(" ");
    return [uid, /:v?(\d+\.\d+\.\d+)/.exec(image)?.[1] ?? image];
  };
  const versions = () => Promise.all(members.map(async (pod) => (await serverOf(pod))[1]));
  const publishes = (dataId: string, content: string) =>
    NacosClient.onMember(environment, "nacos-0", async (nacos) =>
      assert.deepEqual(await nacos.publish(dataId, content), { status: 200, body: "true" }),
    );
  /** The public namespace as 2.x and 3.x keep it, with '' and `public`. */
  const twins = async () =>
    (await mysqlQuery(
      environment,
      `SELECT data_id, tenant_id, content, src_user, gmt_modified FROM config_info
        WHERE tenant_id IN ('', 'public') ORDER BY data_id, tenant_id`,
    )) as { data_id: string; tenant_id: string; content: string }[];
  /** Every server reads a configuration, and refuses to change it and to publish another, with the reason. Nothing of it is stored. */
  const isFrozen = async (dataId: string, content: string): Promise<void> => {
    const stored = await twins();
    assert.deepEqual(
      stored.filter(({ data_id }) => data_id === dataId).map((row) => [row.tenant_id, row.content]),
      [
        ["", content],
        ["public", content],
      ],
    );
    for (const [index, version] of (await versions()).entries())
      await NacosClient.onMember(
        environment,
        members[index],
        async (nacos) => {
          assert.deepEqual(await nacos.read(dataId), { status: 200, body: content }, version);
          for (const published of [dataId, `new-on-${members[index]}`]) {
            const { status, body } = await nacos.publish(published, "other");
            assert.equal(status, 500, `${version}: ${body}`);
            assert.match(body, FROZEN, version);
          }
        },
        version,
      );
    assert.deepEqual(await twins(), stored);
  };
  const assertPublishingRefused = (seen: Seen): void => {
    assert.ok(seen.failedPublishes > 0, described(seen));
    const others = seen.troubles.filter(
      ({ event, error }) => event === "publish failed" && !FROZEN.test(String(error)),
    );
    assert.deepEqual(others, []);
  };

  before("three servers of 2.2", async () => {
    ({ environment, image: older } = await upWithOlderNacos());
    assert.equal(environment.outputs.nacos.version, TWO);
    await wholeMembership(environment, members);
    await publishes("published-by-2.2", "still there");
    await registerPersistent(environment, "nacos-0");
    await hasPersistent(environment, members);
  });

  it("follows kubectl scale in 2.2 too, and clients do not notice", async () => {
    await publishes("outlasts", CONTENT);
    for (const count of [2, 3]) {
      await unnoticed(test, environment, { what: `to ${count} servers of ${TWO}`, stay: 2 }, async () => {
        await namespaced("scale", "statefulset/nacos", `--replicas=${count}`);
        return settled(environment, count);
      });
      await keepsEverything(environment, podsOf(count), CONTENT);
    }
  });

  it("is refused at preview as long as the stack does not say what to do", async () => {
    assert.match(await refusal(make("up", test)), /nothing can be published while .* \[NACOS_UPGRADE_UNCONFIRMED: /s);
    assert.deepEqual(await versions(), [TWO, TWO, TWO]);
    await publishes("after-the-refusal", "works");
  });

  it("stops while nacos-0 is of 2.2: nothing can be published, and all else is unnoticed; goes back and loses nothing", async () => {
    await RegistryWatch.whileAtWork(test, environment, async (watch) => {
      const [first] = await serverOf("nacos-0");
      const held = await watch.during(() => up({ seriesUpgrade: "hold" }), { publishes: false });
      console.log(`      to the hold: ${described(held)}`);
      assertUnnoticedBut(held, ...MIXED, "failedPublishes");
      assertPublishingRefused(held);
      const [zero, one, two] = await versions();
      assert.deepEqual([zero, /^3\.1\./.test(one), /^3\.1\./.test(two)], [TWO, true, true]);
      assert.equal((await serverOf("nacos-0"))[0], first, "nacos-0 has restarted");
      await isFrozen("published-by-2.2", "still there");
      assert.match(
        await refusal(previewChanged(environment, () => undefined)),
        /\[NACOS_UPGRADE_UNCONFIRMED: /,
        "the key was removed while servers of both series run",
      );

      const back = await watch.during(() => up({ image: older, seriesUpgrade: "hold" }));
      console.log(`      back from the hold: ${described(back)}`);
      assertUnnoticedBut(back, ...MIXED, "failedPublishes");
      assertPublishingRefused(back);
      await watch.withoutRepetitions();
    });
    assert.deepEqual(await versions(), [TWO, TWO, TWO]);
    await wholeMembership(environment, members);
    await hasPersistent(environment, members);
    // What 3.1 has copied is older now.
    await publishes("published-by-2.2", "changed after the return");
    await publishes("after-the-return", "works");
  }).timeout(TWO_ROLLOUTS_MS);

  it("stops there again, then upgrades all servers: no instance and no configuration is lost", async () => {
    await RegistryWatch.whileAtWork(test, environment, async (watch) => {
      const held = await watch.during(() => up({ seriesUpgrade: "hold" }), { publishes: false });
      console.log(`      to the hold again: ${described(held)}`);
      assertUnnoticedBut(held, ...MIXED, "failedPublishes");
      await isFrozen("published-by-2.2", "changed after the return");
      const complete = await watch.during(() => up({ seriesUpgrade: "complete" }));
      console.log(`      from the hold to 3.1: ${described(complete)}`);
      assertUnnoticedBut(complete, ...MIXED, "failedPublishes");
      assertPublishingRefused(complete);
      await watch.withoutRepetitions();
    });
    for (const version of await versions()) assert.match(version, /^3\.1\./);
    assert.match(
      await namespaced("logs", "job/nacos-upgrade-end"),
      /publishing is not frozen any more\n.*all servers are of 3\.1\./,
    );
  }).timeout(TWO_ROLLOUTS_MS);

  it("cannot be taken back then, and says why", async () => {
    const refused = await refusal(
      previewChanged(environment, (config) =>
        Object.assign(config["nacos-platform:nacos"], { image: older, seriesUpgrade: "complete" }),
      ),
    );
    assert.match(refused, /servers of 3\.x accept none of 2\.x any more.*\[NACOS_RETURN_IMPOSSIBLE: /s);
    assert.match(
      await refusal(
        previewChanged(environment, (config) =>
          Object.assign(config["nacos-platform:nacos"], { seriesUpgrade: "hold" }),
        ),
      ),
      /\[NACOS_NOTHING_TO_HOLD: /,
    );
  });

  it("leaves a complete cluster with everything that was there, which needs the key no longer", async () => {
    const before = await Promise.all(members.map(serverOf));
    await make("up", test);
    environment = await live(test);
    assert.deepEqual(await Promise.all(members.map(serverOf)), before);
    await wholeMembership(environment, members);
    await hasPersistent(environment, members);
    await deletePersistent(environment, "nacos-0");
    for (const member of members) {
      await NacosClient.onMember(environment, member, async (nacos) => {
        assert.deepEqual(await nacos.read("published-by-2.2"), { status: 200, body: "changed after the return" });
        assert.deepEqual(await nacos.read("after-the-return"), { status: 200, body: "works" });
      });
    }
    await publishes("published-by-3.1", "works");
    assert.equal((await checkRegistry(test, environment, members)).length, members.length);
  });
});
