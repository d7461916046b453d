import assert from "node:assert/strict";
import { troubleOf, type Pod } from "../../../../clients/kubernetes/pod-trouble";
import { isRolledOut, Rollout, waitForRollout, type StatefulSet } from "../../../../clients/kubernetes/rollout";
import { ApiError, type KubernetesApi } from "../../../../clients/kubernetes/api";

const NEW = "nacos-new";

type Status = NonNullable<StatefulSet["status"]>;

function set(status: Partial<Status> = {}, replicas = 3): StatefulSet {
  const done: Status = {
    observedGeneration: 2,
    replicas,
    readyReplicas: replicas,
    updatedReplicas: replicas,
    availableReplicas: replicas,
    currentRevision: NEW,
    updateRevision: NEW,
  };
  return {
    metadata: { name: "nacos", generation: 2 },
    spec: { replicas, selector: { matchLabels: { app: "nacos" } } },
    status: { ...done, ...status },
  };
}

/** A pod of the new revision. */
function pod(name: string, status: Pod["status"] = {}, more: Partial<Pod["metadata"]> = {}): Pod {
  return {
    metadata: { name, uid: `uid-of-${name}`, labels: { "controller-revision-hash": NEW }, ...more },
    spec: { nodeName: "node1" },
    status,
  };
}

const ready = { conditions: [{ type: "Ready", status: "True" }] };

type ContainerStatus = NonNullable<NonNullable<Pod["status"]>["containerStatuses"]>[number];

function container(state: ContainerStatus["state"], more: Partial<ContainerStatus> = {}): NonNullable<Pod["status"]> {
  return { containerStatuses: [{ name: "nacos", image: "nacos:v3.1.0", restartCount: 0, state, ...more }] };
}

const waiting = (reason: string, message?: string) => ({ waiting: { reason, message } });

describe("a rollout of a StatefulSet", () => {
  it("is done when all servers run the new revision and are available", () => {
    assert.equal(isRolledOut(set()), true);
    assert.equal(isRolledOut(set({}, 0)), true);
  });

  const unfinished: Record<string, Partial<Status>> = {
    "the controller has not looked at the change": { observedGeneration: 1 },
    "a server runs the former revision": { updatedReplicas: 2, currentRevision: "nacos-old" },
    "all run the new one, and it is not yet the current one": { currentRevision: "nacos-old" },
    "a server is not ready": { readyReplicas: 2 },
    "a server is ready for too short a time": { availableReplicas: 2 },
    "a server is one too many": { replicas: 4 },
    "a server was not made yet": { replicas: 2, readyReplicas: 2, updatedReplicas: 2, availableReplicas: 2 },
  };
  for (const [why, status] of Object.entries(unfinished))
    it(`is not done while ${why}`, () => assert.equal(isRolledOut(set(status)), false));

  it("is not done before the controller has reported anything", () => {
    assert.equal(isRolledOut({ ...set(), status: undefined }), false);
  });

  it("is done when all servers run the new revision that the partition does not hold back", () => {
    const held = (status: Partial<Status>): StatefulSet => {
      const all = set({ currentRevision: "nacos-old", ...status });
      return { ...all, spec: { ...all.spec, updateStrategy: { rollingUpdate: { partition: 1 } } } };
    };
    assert.equal(isRolledOut(held({ updatedReplicas: 2 })), true);
    assert.equal(isRolledOut(held({ updatedReplicas: 1 })), false);
    assert.equal(isRolledOut(held({ updatedReplicas: 2, readyReplicas: 2 })), false);
  });

  const rolling = set({ readyReplicas: 2, updatedReplicas: 1, availableReplicas: 2, currentRevision: "nacos-old" });

  it("waits for an image as long as a registry may be unreachable, whatever the kubelet calls it", () => {
    const rollout = new Rollout(600, 0);
    const at = (seconds: number, reason: string) =>
      rollout.look(rolling, [pod("nacos-2", container(waiting(reason, "not found")))], seconds)?.text;
    assert.equal(at(1, "ErrImagePull"), undefined);
    assert.equal(at(60, "ImagePullBackOff"), undefined);
    assert.equal(at(120, "ErrImagePull"), undefined);
    assert.equal(
      at(121, "ImagePullBackOff"),
      "container nacos: image nacos:v3.1.0 cannot be pulled: ImagePullBackOff: not found",
    );
  });

  it("counts again when a problem has passed in between", () => {
    const rollout = new Rollout(600, 0);
    rollout.look(rolling, [pod("nacos-2", container(waiting("ErrImagePull")))], 1);
    rollout.look(rolling, [pod("nacos-2", container(waiting("ContainerCreating")))], 100);
    assert.equal(rollout.look(rolling, [pod("nacos-2", container(waiting("ErrImagePull")))], 130), undefined);
  });

  it("ends with the status and the last words of a server that cannot start", () => {
    const rollout = new Rollout(600, 0);
    const crashing = pod(
      "nacos-2",
      container(waiting("CrashLoopBackOff"), {
        restartCount: 4,
        lastState: { terminated: { exitCode: 1, reason: "Error", message: "heap:\ndoes not fit\n" } },
      }),
    );
    assert.equal(rollout.look(rolling, [crashing], 10), undefined);
    assert.deepEqual(rollout.look(rolling, [crashing], 70), {
      pod: crashing,
      text: "container nacos ended with status 1, restarted 4 times: heap: | does not fit",
    });
  });

  it("ignores a server of the previous revision, which is replaced whatever its problem is", () => {
    const rollout = new Rollout(600, 0);
    const former = pod("nacos-0", container(waiting("CrashLoopBackOff")), {
      labels: { "controller-revision-hash": "nacos-old" },
    });
    rollout.look(rolling, [former], 0);
    assert.equal(rollout.look(rolling, [former, pod("nacos-2", ready)], 599), undefined);
  });

  it("takes none of a status that is older than the change", () => {
    const rollout = new Rollout(600, 0);
    rollout.look(
      set({ observedGeneration: 1 }),
      ["nacos-0", "nacos-1", "nacos-2"].map((name) => pod(name, ready)),
      1,
    );
    assert.equal(rollout.done, 0);
  });

  it("gives up when no further server has become ready for the time it is given", () => {
    const rollout = new Rollout(600, 0);
    const slow = pod("nacos-1", container({}));
    assert.equal(rollout.look(rolling, [pod("nacos-2"), slow], 500), undefined);
    assert.equal(rollout.look(rolling, [pod("nacos-2", ready), slow], 550), undefined);
    assert.equal(rollout.done, 1);
    assert.equal(rollout.look(rolling, [pod("nacos-2"), slow], 700), undefined); // that it is unready again is no progress
    assert.equal(rollout.look(rolling, [pod("nacos-2", ready), slow], 1149), undefined);
    assert.deepEqual(rollout.look(rolling, [pod("nacos-2", ready), slow], 1150), {
      pod: slow,
      text: "it is not ready",
      unexplained: true,
    });
  });

  it("names a server that does not end, the pods that are missing, or the controller", () => {
    const stalled = (pods: Pod[]) => {
      const rollout = new Rollout(600, 0);
      rollout.look(rolling, pods, 0);
      return rollout.look(rolling, pods, 600)?.text;
    };
    const others = [pod("nacos-0", ready), pod("nacos-1", ready)];
    assert.equal(
      stalled([...others, pod("nacos-2", ready, { deletionTimestamp: "2026-11-29T00:00:00Z" })]),
      "it does not end; its node node1 may be lost",
    );
    assert.equal(stalled(others), "only 2 of 3 pods were created");
    assert.equal(stalled([...others, pod("nacos-2", ready)]), "the StatefulSet controller makes no progress");
  });
});

describe("the trouble of a pod", () => {
  const cases: Record<string, { readonly status: Pod["status"]; readonly text?: string; readonly after?: number }> = {
    "none while it starts": { status: container(waiting("ContainerCreating")) },
    "none while it is not ready": { status: container({}) },
    "none after one failed start": {
      status: container({}, { restartCount: 1, lastState: { terminated: { exitCode: 1 } } }),
    },
    "no node": {
      status: {
        conditions: [
          { type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/3 nodes are available" },
        ],
      },
      text: "no node can run it: 0/3 nodes are available",
      after: 300,
    },
    "a bad name of an image": {
      status: container(waiting("InvalidImageName", 'couldn\'t parse image name "a:b:c"')),
      text: 'container nacos: image nacos:v3.1.0 cannot be used: InvalidImageName: couldn\'t parse image name "a:b:c"',
      after: 0,
    },
    "a missing Secret": {
      status: container(waiting("CreateContainerConfigError", 'secret "x" not found')),
      text: 'container nacos cannot be started: CreateContainerConfigError: secret "x" not found',
      after: 120,
    },
    "too little memory": {
      status: container(waiting("CrashLoopBackOff"), {
        restartCount: 1,
        lastState: { terminated: { exitCode: 137, reason: "OOMKilled" } },
      }),
      text: "container nacos ended with status 137 (OOMKilled), restarted 1 time",
      after: 60,
    },
    "an init container": {
      status: {
        initContainerStatuses: [
          { name: "conf", image: "nacos:v3.1.0", restartCount: 5, state: waiting("CrashLoopBackOff", "back-off 5m0s") },
        ],
      },
      text: "container conf: CrashLoopBackOff: back-off 5m0s",
      after: 60,
    },
    "a pod that failed": {
      status: { phase: "Failed", reason: "Evicted", message: "The node was low on resource: memory." },
      text: "it failed: Evicted: The node was low on resource: memory.",
      after: 120,
    },
  };
  for (const [what, { status, text, after }] of Object.entries(cases)) {
    it(what, () => {
      const trouble = troubleOf(pod("nacos-0", status));
      assert.deepEqual([trouble?.text, trouble?.finalAfterSeconds], [text, after]);
    });
  }

  it("is one line, of a long text the end", () => {
    const text =
      troubleOf(pod("nacos-0", container(waiting("ErrImagePull", `${"x".repeat(1500)}\n\nthe end`))))?.text ?? "";
    assert.match(text, /ErrImagePull: … x+ \| the end$/);
    assert.ok(text.length < 1500);
  });
});

describe("waiting for a rollout", () => {
  /** An API server that gives one answer after the other for a kind of object, the last for ever. */
  function apiOf(answers: { statefulsets: unknown[]; pods?: unknown[]; events?: unknown[] }): {
    api: KubernetesApi;
    asked: string[];
  } {
    const asked: string[] = [];
    const get = (path: string): Promise<unknown> => {
      asked.push(path);
      const kind = (["statefulsets", "pods", "events"] as const).find((name) => path.includes(`/${name}`)) ?? "pods";
      const left = answers[kind] ?? [{ items: [] }];
      const answer = left.length > 1 ? left.shift() : left[0];
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    };
    return { api: { get } as unknown as KubernetesApi, asked };
  }
  const of = { namespace: "nacos-x", name: "nacos", stalledAfterSeconds: 600 };
  const waits = (answers: Parameters<typeof apiOf>[0], told: string[] = []) =>
    waitForRollout(apiOf(answers).api, of, (line) => told.push(line));

  it("asks once if there is nothing to wait for", async () => {
    const { api, asked } = apiOf({ statefulsets: [set()] });
    await waitForRollout(api, of, () => assert.fail("nothing is to be told"));
    assert.deepEqual(asked, ["/apis/apps/v1/namespaces/nacos-x/statefulsets/nacos"]);
  });

  it("reports its progress, and continues if the API server is unreachable for a moment", async () => {
    const told: string[] = [];
    await waits(
      {
        statefulsets: [set({ readyReplicas: 2 }), new Error("connect ECONNREFUSED"), new ApiError(503, "away"), set()],
        pods: [{ items: [pod("nacos-2", ready)] }],
      },
      told,
    );
    assert.deepEqual(told, ["1 of 3 servers of the new revision ready"]);
  }).timeout(10_000);

  it("ends if it may not read the objects", async () => {
    await assert.rejects(
      waits({ statefulsets: [new ApiError(403, "statefulsets.apps is forbidden")] }),
      /statefulsets\.apps is forbidden/,
    );
  });

  it("names the pod and the reason, with what Kubernetes reported of it last", async () => {
    const events = [
      {
        items: [
          { message: "Readiness probe failed: 503", lastTimestamp: "2026-11-29T00:00:02Z" },
          { message: "older", lastTimestamp: "2026-11-29T00:00:01Z" },
        ],
      },
    ];
    const image = waits({
      statefulsets: [set({ readyReplicas: 2 })],
      pods: [{ items: [pod("nacos-2", container(waiting("InvalidImageName", "bad")))] }],
      events,
    });
    await assert.rejects(image, {
      message:
        "pod nacos-2: container nacos: image nacos:v3.1.0 cannot be used: InvalidImageName: bad. 0 of 3 servers of the new revision ready",
    });
    const stalled = waitForRollout(
      apiOf({ statefulsets: [set({ readyReplicas: 2 })], pods: [{ items: [pod("nacos-2")] }], events }).api,
      { ...of, stalledAfterSeconds: 0 },
      () => undefined,
    );
    await assert.rejects(stalled, {
      message: "pod nacos-2: it is not ready: Readiness probe failed: 503. 0 of 3 servers of the new revision ready",
    });
  });
});
