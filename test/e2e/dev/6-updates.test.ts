import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { requireCluster } from "../../../sandbox/cluster/cluster";
import { loadSession } from "../../../sandbox/commands/session";
import { run } from "../../../sandbox/exec";
import { checkout } from "../../../sandbox/paths";
import { isRolledOut, type StatefulSet } from "../../../ops/kubernetes/rollout";
import { dev, live, Live, make, refusal } from "../support/environments";
import { upKilledAfter } from "../support/killed";
import { NacosClient } from "../support/nacos-client";
import { changeSettings, type Settings } from "../support/stack-file";

/** How often Pulumi is killed in a first update, and in later ones. */
const KILLS = { first: Number(process.env.KILLS ?? 12), later: 4 };

describe("an update", () => {
  let environment: Live;

  before(async () => {
    environment = await live(dev);
  });

  /** `pulumi up` of the dev stack with a changed configuration. */
  function up(change: (config: Settings) => void): Promise<string> {
    const { stack } = environment;
    const changed = path.join(stack.target.dir, "Pulumi.changed.yaml");
    changeSettings(stack.configFile, change, changed);
    return run("pulumi", ["up", "--yes", "--skip-preview", "--non-interactive", "--suppress-progress"], { cwd: checkout, env: { ...stack.environment, PULUMI_OPTION_CONFIG_FILE: changed } });
  }

  const setOf = async (name: string) => JSON.parse(await environment.kubectl(["--namespace", environment.outputs.namespace, "get", "statefulset", name, "-o", "json"])) as StatefulSet;

  async function assertRolledOut(): Promise<void> {
    for (const name of ["mysql", "nacos"]) {
      const set = await setOf(name);
      assert.ok(isRolledOut(set), JSON.stringify(set.status));
    }
  }

  /** `make up`, and a look whether it has left nothing to be done. */
  async function mended(): Promise<string> {
    const printed = await make("up", dev);
    environment = await live(dev);
    await assertRolledOut();
    await environment.stack.preview("--expect-no-changes", "--refresh");
    const nacos = await NacosClient.signedIn(environment);
    assert.equal((await nacos.publish("after-an-update", "served")).status, 200);
    return printed;
  }

  it("ends when the servers run the new revision and serve @drill", async () => {
    const before = await setOf("nacos");
    await up((config) => (config["nacos-platform:nacos"].databasePoolSize = 11));
    await assertRolledOut();
    assert.notEqual((await setOf("nacos")).status?.updateRevision, before.status?.updateRevision);
    await mended();
  });

  it("fails where an image cannot be pulled, with the pod and the reason, and the next one mends it @drill", async () => {
    const image = "docker.io/prom/mysqld-exporter:v0.99.0";
    const bad = () => up((config) => (config["nacos-platform:images"].mysqldExporter = image));
    const reason = new RegExp(`wait for StatefulSet mysql.*pod mysql-0: container exporter: image ${image} cannot be pulled: (ErrImagePull|ImagePullBackOff)`);
    assert.match(await refusal(bad()), reason);
    assert.match(await refusal(bad()), reason); // nothing is left to be changed, and it is as bad as before
    await mended();
  });

  it("fails where a server does not start, with its status and last words, and the next one mends it @drill", async () => {
    const { images } = loadSession(requireCluster(dev.cluster));
    const said = await refusal(up((config) => (config["nacos-platform:images"].mysqldExporter = images.rclone.ref))); // there is no exporter in it
    assert.match(said, /pod mysql-0: container exporter ended with status \d+.*, restarted \d+ times: .*mysqld_exporter/);
    await mended();
  });

  it("takes over what a killed one made, wherever it was killed @drill", async () => {
    await environment.stack.destroy();
    let finished = 0;
    for (let kills = 0; kills < KILLS.first;) {
      if ((await upKilledAfter(dev, environment.clusterDir, Math.random() * 25_000)) === undefined) kills++;
      else {
        finished++;
        await environment.stack.destroy();
      }
    }
    console.log(`      killed ${KILLS.first} times in a first update, which came to its end ${finished} times in between`);
    await mended();
  }).timeout(1_800_000);

  it("takes over what a killed update of a deployed stack changed @drill", async () => {
    const file = path.join(checkout, "Pulumi.dev.yaml");
    const before = fs.readFileSync(file, "utf8");
    try {
      for (let kills = 0; kills < KILLS.later; kills++) {
        changeSettings(file, (config) => (config["nacos-platform:nacos"].databasePoolSize = 11 + (kills % 2)));
        const killed = (await upKilledAfter(dev, environment.clusterDir, Math.random() * 30_000)) === undefined;
        const printed = await mended();
        if (killed) assert.match(printed, /released the lock of stack "dev" that Pulumi process \d+ took at .*: it was killed/);
      }
    } finally {
      fs.writeFileSync(file, before);
    }
    await mended();
  }).timeout(1_800_000);
});
