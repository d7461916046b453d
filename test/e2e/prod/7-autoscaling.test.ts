import assert from "node:assert/strict";
import { requireCluster } from "../../../sandbox/cluster/cluster";
import { ensureVolumes } from "../../../sandbox/cluster/volumes";
import { waitFor } from "../../../sandbox/exec";
import { previewChanged, upChanged } from "../support/changed";
import { CpuLoad } from "../support/cpu-load";
import { live, type Live, makeWith, prod, refusal } from "../support/environments";
import { deletePersistent, registerPersistent } from "../support/members";
import { NacosClient } from "../support/nacos-client";
import { identities, keepsEverything, unnoticed } from "../support/scaling";
import { podsOf, settled } from "../support/servers";
import type { Settings } from "../support/stack-file";

/** Far above what servers need while a few clients are at work, and below what the load takes. */
const REQUESTED_CPU = "300m";
/** Content of the configuration that must outlast every change. */
const CONTENT = "any load";

interface Scaled {
  readonly metadata: {
    readonly annotations: Readonly<Record<string, string>>;
    readonly managedFields: readonly { readonly manager: string; readonly subresource?: string }[];
  };
  readonly spec: { readonly replicas: number };
  readonly status: { readonly currentRevision: string; readonly updateRevision: string };
}

interface Autoscaler {
  readonly status: {
    readonly desiredReplicas?: number;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message: string }[];
    /** Null as long as there are none. */
    readonly currentMetrics?: readonly object[] | null;
  };
}

describe("the autoscaler of Nacos @drill", () => {
  let environment: Live;
  let load: CpuLoad | undefined;

  const namespaced = (...args: string[]) =>
    environment.kubectl(["--namespace", environment.outputs.namespace, ...args]);

  /** The stack with an autoscaler, on three nodes that servers may share. */
  const autoscaled =
    (autoscaling: object, more: object = {}) =>
    (config: Settings): void => {
      const nacos = config["nacos-platform:nacos"];
      const resources = nacos.resources as { requests: object };
      Object.assign(nacos, {
        spread: "preferred",
        autoscaling,
        resources: { ...resources, requests: { ...resources.requests, cpu: REQUESTED_CPU } },
        ...more,
      });
    };
  /** The same without it. */
  const fixed = (replicas: number) => autoscaled({ mode: "disabled" }, { replicas });
  const upTo = (maxReplicas: number, more: object = {}) => ({ mode: "enabled", maxReplicas, ...more });

  async function statefulSet(): Promise<Scaled> {
    return JSON.parse(await namespaced("get", "statefulset", "nacos", "-o", "json", "--show-managed-fields")) as Scaled;
  }
  const replicas = async () => (await statefulSet()).spec.replicas;
  /** Who sets the number of servers by the subresource, as an autoscaler does. */
  const scalers = async () =>
    (await statefulSet()).metadata.managedFields
      .filter(({ subresource }) => subresource === "scale")
      .map(({ manager }) => manager);

  async function autoscaler(): Promise<Autoscaler> {
    return JSON.parse(await namespaced("get", "horizontalpodautoscaler", "nacos", "-o", "json")) as Autoscaler;
  }

  /** Waits until the autoscaler measures, without which nothing that follows would happen. */
  const measures = () =>
    waitFor(
      "the autoscaler to measure the CPU of the servers",
      180,
      async () => {
        const { conditions = [], currentMetrics } = (await autoscaler()).status;
        return (
          currentMetrics?.length === 1 &&
          conditions.some(({ type, status }) => type === "ScalingActive" && status === "True")
        );
      },
      2000,
    );

  /** Waits until there are this many members. An error says what the autoscaler thinks. */
  const scaledTo = (members: number, seconds?: number): Promise<number> =>
    settled(environment, members, seconds, () => load?.assertRunning()).catch(async (error: unknown) =>
      assert.fail(`${String(error)}: ${JSON.stringify((await autoscaler()).status)}`),
    );

  /** The number must not change for this long. */
  async function stays(members: number, seconds: number): Promise<void> {
    const end = Date.now() + seconds * 1000;
    await waitFor(
      `${seconds} s with ${members} servers`,
      seconds + 60,
      async () => {
        assert.equal(await replicas(), members);
        return Date.now() > end;
      },
      2000,
    );
  }

  before(async () => {
    environment = await live(prod);
    await ensureVolumes(requireCluster(prod.cluster), environment.kubectl);
    // The servers restart for another request of CPU, so not in what follows.
    await upChanged(environment, fixed(3));
    await registerPersistent(environment, "nacos-0");
    assert.equal((await (await NacosClient.signedIn(environment)).publish("outlasts", CONTENT)).status, 200);
  });

  after(async () => {
    await load?.end();
    // However far the tests came: the number that the autoscaler has set may be another one.
    await makeWith({ PULUMI_K8S_ENABLE_PATCH_FORCE: "true" }, "up", prod);
    await deletePersistent(environment, "nacos-0");
  });

  it("is refused if each server needs a node, and the cluster has too few", async () => {
    const change = autoscaled(upTo(5), { spread: "required" });
    const said = await refusal(previewChanged(environment, change));
    assert.match(said, /\d of 3 accept pods\..*nacos\.spread preferred.*\[AUTOSCALING_NODES_TOO_FEW/s);
  });

  it("takes over without a change", async () => {
    const before = await identities(environment, podsOf(3));
    await upChanged(environment, autoscaled(upTo(4)));
    await measures();
    assert.equal(await replicas(), 3);
    assert.equal(await identities(environment, podsOf(3)), before);
    assert.doesNotMatch(await previewChanged(environment, autoscaled(upTo(4))), /[~+-] kubernetes:/);
  });

  it("adds a server under load, and clients do not notice", async () => {
    await unnoticed(prod, environment, { what: "3 to 4 by load", stay: 3, seconds: 300 }, async () => {
      load = CpuLoad.start(environment, podsOf(3));
      return scaledTo(4);
    });
    assert.deepEqual(await scalers(), ["kube-controller-manager"]);
    await keepsEverything(environment, podsOf(4), CONTENT);
  });

  it("is not undone by an update, which lets it add one more", async () => {
    // A preview asks the API server for each update, so it would get the conflict.
    await previewChanged(environment, autoscaled(upTo(5), { jvmOptions: ["-Ddrill=preview"] }));
    assert.equal(await replicas(), 4);
    await unnoticed(prod, environment, { what: "4 to 5 by load", stay: 4, seconds: 300 }, async () => {
      await load?.end();
      load = CpuLoad.start(environment, podsOf(4)); // the mean of all counts
      await upChanged(environment, autoscaled(upTo(5)));
      assert.ok((await replicas()) >= 4);
      return scaledTo(5);
    });
    await keepsEverything(environment, podsOf(5), CONTENT);
  });

  it("keeps what it has after the load, also through an update that restarts the servers", async () => {
    await load?.end();
    load = undefined;
    const before = await statefulSet();
    await upChanged(environment, autoscaled(upTo(5), { jvmOptions: ["-Ddrill=restarted"] }));
    const after = await statefulSet();
    assert.notEqual(after.status.currentRevision, before.status.currentRevision);
    assert.deepEqual([after.spec.replicas, await scalers()], [5, ["kube-controller-manager"]]);
    await scaledTo(5);
    await stays(5, 120);
    await keepsEverything(environment, podsOf(5), CONTENT);
  }).timeout(1_800_000);

  it("is not replaced by an outdated number without a word", async () => {
    const said = await refusal(previewChanged(environment, fixed(3)));
    assert.match(said, /nacos\.replicas is 3, and StatefulSet nacos has 5 pods.*\[AUTOSCALING_COUNT_DIFFERS/s);
    assert.equal(await replicas(), 5);
  });

  it("removes servers after the load if that is asked for, and clients do not notice", async () => {
    const options = { jvmOptions: ["-Ddrill=restarted"] };
    await unnoticed(prod, environment, { what: "5 to 3 without load", stay: 3, seconds: 300 }, async () => {
      await upChanged(environment, autoscaled(upTo(5, { scaleDown: true }), options));
      // The same in minutes, not in hours. An autoscaler may remove at once what it has added within the period.
      const policies = [{ type: "Pods", value: 1, periodSeconds: 120 }];
      const scaleDown = { stabilizationWindowSeconds: 60, selectPolicy: "Max", policies };
      await namespaced(
        "patch",
        "horizontalpodautoscaler",
        "nacos",
        "--type=merge",
        `--patch=${JSON.stringify({ spec: { behavior: { scaleDown } } })}`,
      );
      return scaledTo(3, 840);
    });
    await stays(3, 150);
    await keepsEverything(environment, podsOf(3), CONTENT);
  }).timeout(1_800_000);

  it("leaves nothing behind when the number is fixed again", async () => {
    await upChanged(environment, fixed(3));
    assert.equal(await namespaced("get", "horizontalpodautoscalers", "-o", "name"), "");
    const { metadata, spec } = await statefulSet();
    assert.equal(metadata.annotations["nacos-platform/autoscaled"], undefined);
    assert.deepEqual([spec.replicas, await scalers()], [3, []]);
    await previewChanged(environment, fixed(5)); // no conflict with a manager that is gone
  });
});
