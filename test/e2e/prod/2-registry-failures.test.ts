import assert from "node:assert/strict";
import { requireCluster } from "../../../sandbox/cluster/cluster";
import { ensureVolumes } from "../../../sandbox/cluster/volumes";
import { waitFor } from "../../../sandbox/exec";
import { live, type Live, prod } from "../support/environments";
import { deletePersistent, hasPersistent, registerPersistent, wholeMembership } from "../support/members";
import { NacosClient } from "../support/nacos-client";
import { whole } from "../support/ops";
import { described, RegistryWatch } from "../support/registry";

const members = ["nacos-0", "nacos-1", "nacos-2"];
const mysqlServers = ["mysql-0", "mysql-1", "mysql-2"];

/** How often servers are killed in the drill of the member list. */
const RESTARTS = Number(process.env.NACOS_RESTARTS ?? "20");

describe("the registry in prod, after failures of its servers @drill", () => {
  let environment: Live;

  before(async () => {
    environment = await live(prod);
    await registerPersistent(environment, "nacos-0");
    assert.deepEqual(await (await NacosClient.signedIn(environment)).publish("outlasts", "failures"), {
      status: 200,
      body: "true",
    });
  });

  after(() => deletePersistent(environment, "nacos-0"));

  const namespaced = (...args: string[]) =>
    environment.kubectl(["--namespace", environment.outputs.namespace, ...args]);
  const kill = (...pods: string[]) => namespaced("delete", "pod", ...pods, "--grace-period=0", "--force");
  const allReady = () => namespaced("rollout", "status", "statefulset/nacos", "--timeout=300s");
  const uidOf = (pod: string) => namespaced("get", "pod", pod, "-o", "jsonpath={.metadata.uid}");

  interface State {
    ready: boolean;
    restarts: number;
  }

  /** Whether a pod is ready, and how often its server was restarted. */
  async function stateOf(pod: string): Promise<State> {
    const [ready, restarts] = (
      await namespaced(
        "get",
        "pod",
        pod,
        "-o",
        "jsonpath={.status.containerStatuses[0].ready} {.status.containerStatuses[0].restartCount}",
      )
    ).split(" ");
    return { ready: ready === "true", restarts: Number(restarts) };
  }

  it("recovers by itself after all servers are killed at once, and no server accepts clients before its registry is loaded", async () => {
    await RegistryWatch.whileAtWork(prod, environment, async (watch) => {
      const begun = Date.now();
      const seen = await watch.during(async () => {
        await kill(...members);
        await wholeMembership(environment, members);
        console.log(`      members agree after ${Math.round((Date.now() - begun) / 1000)} s`);
        await allReady();
      });
      console.log(`      all at once: ${described(seen)}`);
      assert.ok(
        seen.failedAsks > 0 && seen.failedPublishes > 0 && seen.failedReads > 0,
        "the client has seen no failure, so it cannot have been at work",
      );
      // A server that is down refuses connections; one that is up without a registry answers 503.
      assert.deepEqual(
        seen.troubles.filter(({ event, error }) => event === "ask failed" && /^503/.test(String(error))),
        [],
      );
    });
    await hasPersistent(environment, members);
  });

  it("recovers a server that has lost its claim, which then counts like the others", async () => {
    const [lost, other] = ["nacos-2", "nacos-0"];
    await namespaced("delete", "pvc", `data-${lost}`, "--wait=false");
    await kill(lost);
    await ensureVolumes(requireCluster(prod.cluster), environment.kubectl);
    await allReady();
    await wholeMembership(environment, members);
    await hasPersistent(environment, members);
    await registerPersistent(environment, lost, "after-the-loss");
    await hasPersistent(environment, members, "after-the-loss");
    await kill(other); // the two that are left, one of which began empty, have a leader and all instances
    await hasPersistent(
      environment,
      members.filter((pod) => pod !== other),
    );
    await deletePersistent(environment, lost, "after-the-loss");
    await allReady();
    await wholeMembership(environment, members);
    await hasPersistent(environment, members);
  });

  it("makes a server that starts while MySQL is down wait for it, and the others serve meanwhile", async () => {
    const [starting, ...others] = ["nacos-1", "nacos-0", "nacos-2"];
    await namespaced("scale", "statefulset/mysql", "--replicas=0");
    try {
      await namespaced("wait", "--for=delete", ...mysqlServers.map((pod) => `pod/${pod}`), "--timeout=120s");
      const before = await uidOf(starting);
      await kill(starting);
      await waitFor(
        `${starting} to have failed to start`,
        300,
        async () => {
          for (const pod of others)
            assert.deepEqual({ pod, ...(await stateOf(pod)) }, { pod, ready: true, restarts: 0 });
          const uid = await uidOf(starting).catch(() => before);
          if (uid === before) return false;
          const { ready, restarts } = await stateOf(starting);
          assert.equal(ready, false, `${starting} accepts clients without having read a configuration`);
          return restarts > 0;
        },
        1000,
      );
      assert.equal((await (await NacosClient.signedIn(environment)).read("outlasts")).body, "failures");
    } finally {
      await namespaced("scale", "statefulset/mysql", `--replicas=${mysqlServers.length}`);
    }
    await whole(environment);
    const back = Date.now();
    await waitFor(`${starting} to be ready`, 180, async () => (await stateOf(starting)).ready, 1000);
    const { restarts } = await stateOf(starting);
    console.log(
      `      ${starting} was ready ${Math.round((Date.now() - back) / 1000)} s after MySQL's servers were as declared, and had restarted ${restarts} times`,
    );
    await NacosClient.onMember(environment, starting, async (nacos) =>
      assert.equal((await nacos.read("outlasts")).body, "failures"),
    );
    await wholeMembership(environment, members);
    await hasPersistent(environment, members);
  });

  it("keeps the member list as it is declared, however often servers restart", async () => {
    for (let restart = 0; restart < RESTARTS; restart++) {
      const pod = members[restart % members.length];
      const before = await uidOf(pod);
      await kill(pod);
      await waitFor(
        `${pod} to be back`,
        120,
        async () => (await uidOf(pod).catch(() => before)) !== before && (await stateOf(pod)).ready,
        500,
      );
    }
    await wholeMembership(environment, members);
    await hasPersistent(environment, members);
  });
});
