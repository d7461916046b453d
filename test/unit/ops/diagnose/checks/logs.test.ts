import assert from "node:assert/strict";
import { logs } from "../../../../../ops/diagnose/checks/logs";
import { World } from "../../../../../ops/diagnose/world";
import type { StackCluster } from "../../../../../ops/cluster";
import { NOW, pod } from "../objects";

describe("the check of logs", () => {
  const status = (name: string, exitCode?: number) => ({
    name,
    image: "i",
    restartCount: 1,
    state: exitCode === undefined ? { running: {} } : { waiting: { reason: "CrashLoopBackOff" } },
    ...(exitCode === undefined ? {} : { lastState: { terminated: { exitCode } } }),
  });

  it("has the last lines of the container that ended, and those before its restart, of pods that are not ready", async () => {
    const containerStatuses = [status("nacos"), status("members", 1)];
    // It runs again: its end is not the reason.
    const initContainerStatuses = [{ ...status("sidecar"), lastState: { terminated: { exitCode: 1 } } }];
    const items = [
      pod("nacos-0"),
      pod("nacos-1", { status: { conditions: [], initContainerStatuses, containerStatuses } }),
    ];
    const asked: string[] = [];
    const api = {
      get: () => Promise.resolve({ items }),
      text: (path: string) => {
        asked.push(path.replace(/.*\/pods\//, ""));
        return path.includes("previous") ? Promise.reject(new Error("400")) : Promise.resolve("one\ntwo\n");
      },
    };
    const found = await logs.look(new World({ namespace: "n", api } as unknown as StackCluster, NOW));
    assert.deepEqual(asked, [
      "nacos-1/log?container=members&limitBytes=20000&tailLines=50",
      "nacos-1/log?container=members&limitBytes=20000&tailLines=20&previous=true",
    ]);
    assert.deepEqual(found.lines, ["nacos-1, container members, last lines:", "  one", "  two", ""]);
  });
});
