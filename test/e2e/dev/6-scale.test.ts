import assert from "node:assert/strict";
import { requireCluster } from "../../../sandbox/cluster/cluster";
import { ensureVolumes } from "../../../sandbox/cluster/volumes";
import { upChanged } from "../support/changed";
import { dev, live, make, type Live } from "../support/environments";
import { deletePersistent, evenClients, hasPersistent, registerPersistent } from "../support/members";
import { NacosClient } from "../support/nacos-client";
import { assertUnnoticed, described, RegistryWatch } from "../support/registry";
import { podsOf, settled } from "../support/servers";

/** Room for five servers in the namespace's quota, and in MySQL. */
const MAX_CONNECTIONS = 140;
const QUOTA = {
  requestsCpu: "4",
  requestsMemory: "12Gi",
  limitsCpu: "24",
  limitsMemory: "20Gi",
  persistentVolumeClaims: 10,
  storageGiB: 80,
  pods: 30,
};

/** Enough connections that their spread over five servers is not a matter of chance. */
const CROWD = 120;

describe("the number of Nacos servers @drill", () => {
  let environment: Live;

  before(async () => {
    environment = await live(dev);
    await byUpdate(1); // MySQL restarts for its connections, so not in what follows
    await registerPersistent(environment, "nacos-0");
    assert.equal((await (await NacosClient.signedIn(environment)).publish("outlasts", "any number")).status, 200);
  });

  after(async () => {
    await make("up", dev);
    await deletePersistent(environment, "nacos-0");
  });

  const namespaced = (...args: string[]) =>
    environment.kubectl(["--namespace", environment.outputs.namespace, ...args]);
  const kill = (...pods: string[]) => namespaced("delete", "pod", ...pods, "--grace-period=0", "--force");

  const byUpdate = (replicas: number): Promise<string> =>
    upChanged(environment, (config) => {
      config["nacos-platform:nacos"].replicas = replicas;
      config["nacos-platform:mysql"].maxConnections = MAX_CONNECTIONS;
      config["nacos-platform:tenancy"] = { ...config["nacos-platform:tenancy"], quota: QUOTA };
    });

  /** What a server has to keep: its pod, its restarts. */
  const identities = (pods: readonly string[]) =>
    namespaced(
      "get",
      "pods",
      ...pods,
      "-o",
      "jsonpath={range .items[*]}{.metadata.uid} {.status.containerStatuses[0].restartCount};{end}",
    );

  async function keepsEverything(pods: readonly string[]): Promise<void> {
    await hasPersistent(environment, pods, undefined, 180);
    for (const pod of pods)
      await NacosClient.onMember(environment, pod, async (nacos) =>
        assert.deepEqual(await nacos.read("outlasts"), { status: 200, body: "any number" }, pod),
      );
  }

  /** Runs a change, which returns the new number, beside a client that must not notice. No server that stays may restart. */
  async function unnoticed(what: string, stay: number, change: () => Promise<number>): Promise<void> {
    const before = await identities(podsOf(stay));
    await RegistryWatch.whileAtWork(
      dev,
      environment,
      async (watch) => {
        const begun = Date.now();
        const seen = await watch.during(async () => {
          const members = await change();
          const counts = await evenClients(environment, podsOf(members));
          console.log(`      clients of each server: ${counts.join(", ")}`);
        });
        console.log(`      ${what}, ${Math.round((Date.now() - begun) / 1000)} s: ${described(seen)}`);
        assertUnnoticed(seen);
      },
      { crowd: CROWD },
    );
    assert.equal(await identities(podsOf(stay)), before);
  }

  it("goes from one to three by an update: a single server becomes a cluster with what it has", async () => {
    const mysql = await namespaced("get", "pod", "mysql-0", "-o", "jsonpath={.metadata.uid}");
    await byUpdate(3);
    await settled(environment, 3);
    await keepsEverything(podsOf(3));
    assert.equal(await namespaced("get", "pod", "mysql-0", "-o", "jsonpath={.metadata.uid}"), mysql);
  });

  it("goes to five and back to three by updates, and clients do not notice", async () => {
    await unnoticed("3 to 5 by updates", 3, async () => {
      await byUpdate(5);
      return settled(environment, 5);
    });
    await keepsEverything(podsOf(5));
    await unnoticed("5 to 3 by updates", 3, async () => {
      await byUpdate(3);
      return settled(environment, 3);
    });
    await keepsEverything(podsOf(3));
  });

  it("follows kubectl scale to four, to five and back, and clients do not notice", async () => {
    for (const members of [4, 5, 4, 3]) {
      await unnoticed(`to ${members} by kubectl scale`, 3, async () => {
        await namespaced("scale", "statefulset/nacos", `--replicas=${members}`);
        return settled(environment, members);
      });
      await keepsEverything(podsOf(members));
    }
  });

  /** Servers and their volumes are gone at once; they come back with empty ones. */
  async function lose(...pods: string[]): Promise<void> {
    await namespaced("delete", "pvc", ...pods.map((pod) => `data-${pod}`), "--wait=false");
    await kill(...pods);
    await ensureVolumes(requireCluster(dev.cluster), environment.kubectl);
  }

  it("takes back a server that has lost its volume", async () => {
    await lose("nacos-1");
    await settled(environment, 3);
    await keepsEverything(podsOf(3));
  });

  it("lets two servers that have lost their volumes start one after the other, so that the third one's data stays", async () => {
    await lose("nacos-0", "nacos-2");
    await settled(environment, 3);
    await keepsEverything(podsOf(3));
  });

  it("takes out a server that was killed while it was leaving", async () => {
    await namespaced("scale", "statefulset/nacos", "--replicas=4");
    await settled(environment, 4);
    await namespaced("scale", "statefulset/nacos", "--replicas=3");
    await kill("nacos-3");
    await settled(environment, 3);
    await keepsEverything(podsOf(3));
  });

  it("recovers by itself when all are killed at once", async () => {
    await kill(...podsOf(3));
    await settled(environment, 3);
    await keepsEverything(podsOf(3));
  });

  it("goes back to one: the last server has everything", async () => {
    await namespaced("scale", "statefulset/nacos", "--replicas=1");
    await settled(environment, 1);
    await keepsEverything(podsOf(1));
  });
});
