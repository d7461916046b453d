import assert from "node:assert/strict";
import { evaluateEvents, type Event } from "../../../../../ops/diagnose/checks/events";
import { ago, NOW, pod, unschedulable } from "../objects";

const event = (kind: string, name: string, minutes: number, over: Partial<Event> = {}): Event => ({
  type: "Warning",
  reason: "FailedScheduling",
  message: "0/3 nodes\nare available",
  lastTimestamp: ago(minutes),
  involvedObject: { kind, name },
  ...over,
});

describe("the check of events", () => {
  const pods = [pod("nacos-0"), pod("nacos-1", { status: unschedulable })];
  const said = (...events: Event[]) => evaluateEvents(events, pods, NOW).problems.map(({ reason }) => reason);

  it("watches warnings of what is not healthy now", () => {
    assert.deepEqual(said(event("Pod", "nacos-1", 1, { count: 4 }), event("StatefulSet", "mysql", 2)), [
      "Pod nacos-1: FailedScheduling: 0/3 nodes | are available (4 times)",
      "StatefulSet mysql: FailedScheduling: 0/3 nodes | are available",
    ]);
  });

  it("leaves out what is past: pods that are ready or gone, old events, Jobs of `ops`, and what is no warning", () => {
    const events = [
      event("Pod", "nacos-0", 1),
      event("Pod", "nacos-7", 1),
      event("Pod", "nacos-1", 4),
      event("Endpoints", "nacos", 1),
      event("CronJob", "mysql-backup", 1, { reason: "UnexpectedJob" }),
      event("Pod", "nacos-1", 1, { type: "Normal" }),
    ];
    assert.deepEqual(said(...events), []);
    assert.match(evaluateEvents(events, pods, NOW).summary, /^2 warning\(s\) in 3 min, 0 of them/);
  });

  it("reads the time of events of either kind", () =>
    assert.equal(said(event("Job", "a", 0, { lastTimestamp: null, eventTime: ago(1) })).length, 1));
});
