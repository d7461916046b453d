import assert from "node:assert/strict";
import { evaluatePods } from "../../../../../ops/diagnose/checks/pods";
import { ago, NOW, ofJob, pod, unschedulable } from "../objects";

describe("the check of pods", () => {
  const said = (...pods: ReturnType<typeof pod>[]) =>
    evaluatePods(pods, NOW).problems.map(({ verdict, reason }) => `${verdict} ${reason}`);
  const pending = (name: string) => pod(name, { status: unschedulable });

  it("finds nothing if all are ready, whatever Jobs have left", () => {
    const left = [
      pod("backup-1", { metadata: ofJob, status: { phase: "Succeeded", conditions: [] } }),
      pod("backup-2", { metadata: ofJob, status: { phase: "Failed", conditions: [] } }),
      pod("backup-3", { metadata: ofJob, status: { phase: "Pending", conditions: [] } }),
    ];
    assert.deepEqual(evaluatePods([pod("nacos-0"), ...left], NOW), { summary: "1 of 1 ready", problems: [] });
  });

  it("watches one that is not ready, with the reason, and escalates several", () => {
    assert.deepEqual(said(pod("nacos-0"), pending("nacos-1")), [
      "watch nacos-1: no node can run it: 0/3 nodes are available",
    ]);
    assert.deepEqual(
      said(pending("nacos-1"), pod("mysql-0", { status: { conditions: [] } })).map((line) => line.split(" ")[0]),
      ["escalate", "escalate"],
    );
  });

  it("counts a pod of a Job that cannot begin", () =>
    assert.equal(said(pod("nacos-0"), pod("b", { metadata: ofJob, status: unschedulable })).length, 1));

  it("says that a pod is ending, and that one does not end", () => {
    const ending = (minutes: number) => said(pod("nacos-0", { metadata: { deletionTimestamp: ago(minutes) } }));
    assert.deepEqual(ending(-1), ["watch nacos-0: is ending"]);
    assert.match(ending(3)[0], /does not end: .* node node-a may be lost/);
  });

  /** A container that runs again, so many minutes after it ended. */
  const again = (name: string, restartCount: number, reason: string, minutes: number) => ({
    name,
    image: "i",
    restartCount,
    state: { running: {} },
    lastState: { terminated: { exitCode: 137, reason, finishedAt: ago(minutes) } },
  });

  it("says how a container ended last, and nothing of an end that is past", () => {
    const starting = (minutes: number) =>
      pod("nacos-0", {
        status: {
          conditions: [],
          initContainerStatuses: [again("members", 1, "Error", 8)],
          containerStatuses: [again("nacos", 2, "OOMKilled", minutes)],
        },
      });
    assert.match(said(starting(1))[0], /container nacos ended with status 137 \(OOMKilled\)/);
    assert.match(said(starting(60))[0], /container members ended/);
    const old = pod("nacos-0", {
      status: { conditions: [], initContainerStatuses: [again("members", 1, "Error", 60)] },
    });
    assert.deepEqual(said(old), ["watch nacos-0: is Running and not ready"]);
  });

  it("watches one that was restarted recently for lack of memory, or many times", () => {
    const restarted = (restartCount: number, reason: string, minutes: number, of = "containerStatuses") =>
      pod("nacos-0", { status: { [of]: [again("nacos", restartCount, reason, minutes)] } });
    assert.match(said(restarted(1, "OOMKilled", 5))[0], /^watch nacos-0: is ready, but .*OOMKilled/);
    assert.match(said(restarted(1, "OOMKilled", 5, "initContainerStatuses"))[0], /OOMKilled/);
    assert.equal(said(restarted(3, "Error", 5)).length, 1);
    assert.deepEqual(said(restarted(1, "Error", 5)), []);
    assert.deepEqual(said(restarted(9, "OOMKilled", 11)), []);
  });

  it("escalates a namespace without pods", () => assert.deepEqual(said(), ["escalate no pod runs in the namespace"]));
});
