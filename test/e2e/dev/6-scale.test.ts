import assert from "node:assert/strict";
import { requireCluster } from "../../../sandbox/cluster/cluster";
import { ensureVolumes } from "../../../sandbox/cluster/volumes";
import { upChanged } from "../support/changed";
import { dev, live, make, type Live } from "../support/environments";
import { deletePersistent, registerPersistent } from "../support/members";
import { NacosClient } from "../support/nacos-client";
import { keepsEverything, unnoticed } from "../support/scaling";
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

/** Content of the configuration that must outlast every change. */
const CONTENT = "any number";

describe("the number of Nacos servers @drill", () => {
  let environment: Live;

  before(async () => {
    environment = await live(dev);
    await byUpdate(1); // MySQL restarts for its connections, so not in what follows
    await registerPersistent(environment, "nacos-0");
    assert.equal((await (await NacosClient.signedIn(environment)).publish("outlasts", CONTENT)).status, 200);
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

  it("goes from one to three by an update: a single server becomes a cluster with what it has", async () => {
    const mysql = await namespaced("get", "pod", "mysql-0", "-o", "jsonpath={.metadata.uid}");
    await byUpdate(3);
    await settled(environment, 3);
    await keepsEverything(environment, podsOf(3), CONTENT);
    assert.equal(await namespaced("get", "pod", "mysql-0", "-o", "jsonpath={.metadata.uid}"), mysql);
  });

  it("goes to five and back to three by updates, and clients do not notice", async () => {
    await unnoticed(dev, environment, { what: "3 to 5 by updates", stay: 3 }, async () => {
      await byUpdate(5);
      return settled(environment, 5);
    });
    await keepsEverything(environment, podsOf(5), CONTENT);
    await unnoticed(dev, environment, { what: "5 to 3 by updates", stay: 3 }, async () => {
      await byUpdate(3);
      return settled(environment, 3);
    });
    await keepsEverything(environment, podsOf(3), CONTENT);
  });

  it("follows kubectl scale to four, to five and back, and clients do not notice", async () => {
    for (const members of [4, 5, 4, 3]) {
      await unnoticed(dev, environment, { what: `to ${members} by kubectl scale`, stay: 3 }, async () => {
        await namespaced("scale", "statefulset/nacos", `--replicas=${members}`);
        return settled(environment, members);
      });
      await keepsEverything(environment, podsOf(members), CONTENT);
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
    await keepsEverything(environment, podsOf(3), CONTENT);
  });

  it("lets two servers that have lost their volumes start one after the other, so that the third one's data stays", async () => {
    await lose("nacos-0", "nacos-2");
    await settled(environment, 3);
    await keepsEverything(environment, podsOf(3), CONTENT);
  });

  it("takes out a server that was killed while it was leaving", async () => {
    await namespaced("scale", "statefulset/nacos", "--replicas=4");
    await settled(environment, 4);
    await namespaced("scale", "statefulset/nacos", "--replicas=3");
    await kill("nacos-3");
    await settled(environment, 3);
    await keepsEverything(environment, podsOf(3), CONTENT);
  });

  it("recovers by itself when all are killed at once", async () => {
    await kill(...podsOf(3));
    await settled(environment, 3);
    await keepsEverything(environment, podsOf(3), CONTENT);
  });

  it("goes back to one: the last server has everything", async () => {
    await namespaced("scale", "statefulset/nacos", "--replicas=1");
    await settled(environment, 1);
    await keepsEverything(environment, podsOf(1), CONTENT);
  });
});
