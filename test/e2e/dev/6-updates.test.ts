import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { requireCluster } from "../../../sandbox/cluster/cluster";
import { loadSession } from "../../../sandbox/commands/session";
import { waitFor } from "../../../sandbox/exec";
import { checkout } from "../../../sandbox/paths";
import { isRolledOut, type StatefulSet } from "../../../clients/kubernetes/rollout";
import { upChanged } from "../support/changed";
import { dev, live, Live, make, refusal } from "../support/environments";
import { upKilledAfter } from "../support/killed";
import { NacosClient } from "../support/nacos-client";
import { changeSettings, type Settings } from "../support/stack-file";

/** How often Pulumi is killed in a first update, and in later ones. */
const KILLS = Number(process.env.KILLS ?? "20");
/** At most this long after the update has begun. */
const LONGEST_MS = 40_000;

describe("an update", () => {
  let environment: Live;

  before(async () => {
    environment = await live(dev);
  });

  const up = (change: (config: Settings) => void): Promise<string> => upChanged(environment, change);

  const setOf = async (name: string) =>
    JSON.parse(
      await environment.kubectl([
        "--namespace",
        environment.outputs.namespace,
        "get",
        "statefulset",
        name,
        "-o",
        "json",
      ]),
    ) as StatefulSet;

  async function assertRolledOut(): Promise<void> {
    for (const name of ["mysql", "nacos"]) {
      const set = await setOf(name);
      assert.ok(isRolledOut(set), JSON.stringify(set.status));
    }
  }

  /** Runs `make up`, and checks that nothing is left to be done. */
  async function fixed(): Promise<void> {
    await make("up", dev);
    environment = await live(dev);
    await assertRolledOut();
    await environment.stack.preview("--expect-no-changes", "--refresh");
    const nacos = await NacosClient.signedIn(environment);
    assert.equal((await nacos.publish("after-an-update", "served")).status, 200);
  }

  it("ends when the servers run the new revision and serve @drill", async () => {
    const before = await setOf("nacos");
    await up((config) => (config["nacos-platform:nacos"].databasePoolSize = 11));
    await assertRolledOut();
    assert.notEqual((await setOf("nacos")).status?.updateRevision, before.status?.updateRevision);
    await fixed();
  });

  it("fails if an image cannot be pulled, with the pod and the reason, and the next one fixes it @drill", async () => {
    const image = "docker.io/prom/mysqld-exporter:v0.99.0";
    const bad = () => up((config) => (config["nacos-platform:images"].mysqldExporter = image));
    const reason = new RegExp(
      `wait for StatefulSet mysql.*pod mysql-0: container exporter: image ${image} cannot be pulled: (ErrImagePull|ImagePullBackOff)`,
    );
    assert.match(await refusal(bad()), reason);
    assert.match(await refusal(bad()), reason); // nothing is left to be changed, but it still does not work
    await fixed();
  });

  it("fails if a server does not start, with its exit status and last log lines, and the next one fixes it @drill", async () => {
    const { images } = loadSession(requireCluster(dev.cluster));
    const said = await refusal(up((config) => (config["nacos-platform:images"].mysqldExporter = images.rclone.ref))); // there is no exporter in it
    assert.match(
      said,
      /pod mysql-0: container exporter ended with status \d+.*, restarted \d+ times: .*mysqld_exporter/,
    );
    await fixed();
  });

  it("fails if a heap does not fit its container, and the next one fixes it @drill", async () => {
    const inNamespace = (...words: string[]) =>
      environment.kubectl(["--namespace", environment.outputs.namespace, ...words]);
    await inNamespace(
      "create",
      "secret",
      "generic",
      "nacos-properties",
      "--from-literal=_JAVA_OPTIONS=-Xms3g -Xmx3g -XX:+AlwaysPreTouch",
    ); // overrides everything that the stack sets
    try {
      const said = await refusal(up((config) => (config["nacos-platform:nacos"].databasePoolSize = 12)));
      assert.match(said, /pod nacos-0: container nacos ended with status 137 \(OOMKilled\), restarted \d+ times/);
    } finally {
      await inNamespace("delete", "secret", "nacos-properties");
    }
    await fixed();
  });

  it("lets claims grow while their servers run, if their class allows it @drill", async () => {
    const {
      kubectl,
      outputs: { namespace },
    } = environment;
    const read = (kind: string, name: string, field: string) =>
      kubectl(["--namespace", namespace, "get", kind, name, "-o", `jsonpath={${field}}`]);
    const grow = () =>
      up((config) => {
        config["nacos-platform:mysql"].storageGiB = 120;
        config["nacos-platform:tenancy"] = { ...config["nacos-platform:tenancy"], quota: { storageGiB: 200 } };
      });
    assert.match(
      await refusal(grow()),
      /mysql\.storageGiB is 120, and data-mysql-0 cannot become larger: StorageClass embedded-local does not say allowVolumeExpansion: true/,
    );
    await kubectl(["patch", "storageclass", "embedded-local", "--patch", '{"allowVolumeExpansion":true}']);
    const server = () => read("pod", "mysql-0", ".metadata.uid");
    const before = await server();
    const [update] = await Promise.allSettled([grow(), playDriver()]);
    assert.equal(update.status, "fulfilled", JSON.stringify(update));
    assert.equal(await server(), before);
    assert.equal(
      await read("statefulset", "mysql", ".spec.volumeClaimTemplates[0].spec.resources.requests.storage"),
      "120Gi",
    );
    assert.equal(
      await read("pod", "mysql-0", ".metadata.ownerReferences[0].uid"),
      await read("statefulset", "mysql", ".metadata.uid"),
    );
    await assert.rejects(read("configmap", "mysql-growing", ".metadata.name"), /not found/);
    await assertRolledOut();
    assert.match(
      await refusal(make("up", dev)),
      /mysql\.storageGiB is 5, and the claims have 120: no volume becomes smaller/,
    );

    /** Plays the driver that could make a volume larger, which the embedded cluster does not have: reports it as larger. */
    async function playDriver(): Promise<void> {
      await waitFor(
        "the claim to be asked for",
        300,
        async () =>
          (await read("persistentvolumeclaim", "data-mysql-0", ".spec.resources.requests.storage")) === "120Gi",
      );
      const larger = JSON.stringify({ capacity: { storage: "120Gi" } });
      await kubectl([
        "patch",
        "persistentvolume",
        await read("persistentvolumeclaim", "data-mysql-0", ".spec.volumeName"),
        "--patch",
        `{"spec":${larger}}`,
      ]);
      await kubectl([
        "--namespace",
        namespace,
        "patch",
        "persistentvolumeclaim",
        "data-mysql-0",
        "--subresource=status",
        "--patch",
        `{"status":${larger}}`,
      ]);
    }
  });

  it("takes over what a killed update created, whatever it was doing when it was killed @drill", async () => {
    await environment.stack.destroy();
    let finished = 0;
    for (let killed = 0; killed < KILLS; ) {
      if (await upKilledAfter(dev, environment.clusterDir, Math.random() * LONGEST_MS)) killed++;
      else {
        finished++;
        await environment.stack.destroy();
      }
    }
    console.log(`      killed ${KILLS} times, and finished ${finished} times in between`);
    await fixed();
  }).timeout(7_200_000);

  it("takes over what a killed update of a deployed stack changed @drill", async () => {
    const file = path.join(checkout, "Pulumi.dev.yaml");
    const before = fs.readFileSync(file, "utf8");
    try {
      let finished = 0;
      for (let killed = 0, days = 7; killed < KILLS; days++) {
        changeSettings(
          file,
          (config) => (config["nacos-platform:nacos"].properties = { "nacos.config.retention.days": String(days) }),
        );
        const wasKilled = await upKilledAfter(dev, environment.clusterDir, Math.random() * LONGEST_MS);
        await fixed();
        if (wasKilled) killed++;
        else finished++;
      }
      console.log(`      killed ${KILLS} times, and finished ${finished} times in between`);
    } finally {
      fs.writeFileSync(file, before);
    }
    await fixed();
  }).timeout(7_200_000);
});
