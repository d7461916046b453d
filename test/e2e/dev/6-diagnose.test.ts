import assert from "node:assert/strict";
import { waitFor } from "../../../sandbox/exec";
import { dev, live, type Live } from "../support/environments";
import { diagnose, problemsOf } from "../support/ops";

describe("the diagnosis of an incident @drill", () => {
  let environment: Live;
  const namespaced = (...args: string[]) =>
    environment.kubectl(["--namespace", environment.outputs.namespace, ...args]);
  const scale = (set: string, replicas: number) => namespaced("scale", `statefulset/${set}`, `--replicas=${replicas}`);

  before(async () => {
    environment = await live(dev);
  });

  const stop = async (set: string): Promise<void> => {
    await scale(set, 0);
    await namespaced("wait", "--for=delete", `pod/${set}-0`, "--timeout=330s");
  };

  /** The report, which must be an incident and come in time, with the verdicts of these checks. */
  const verdicts = async (...names: string[]): Promise<string[]> => {
    const found = await diagnose(environment);
    console.log(`      ${found.seconds.toFixed(1)} s: ${problemsOf(found).join("\n        ")}`);
    assert.deepEqual([found.severity, found.status], ["escalate", 5]);
    assert.ok(found.seconds < 10, `it took ${found.seconds} s`);
    return names.map((name) => found.checks.find((check) => check.name === name)?.verdict ?? "missing");
  };

  it("says that MySQL is down, then Nacos too, and each time what still works", async () => {
    try {
      await stop("mysql");
      assert.deepEqual(
        await verdicts(
          "workloads",
          "replication",
          "database",
          "connections",
          "configurations",
          "members",
          "raft",
          "nodes",
        ),
        ["escalate", "escalate", "escalate", "unknown", "unknown", "ok", "ok", "ok"],
      );
      await stop("nacos");
      assert.deepEqual(await verdicts("replication", "members", "raft", "database", "access", "nodes"), [
        "escalate",
        "escalate",
        "unknown",
        "unknown",
        "unknown",
        "ok",
      ]);
    } finally {
      await scale("mysql", 1);
      await scale("nacos", 1);
    }
    await waitFor(
      "all to be healthy again",
      600,
      async () => {
        const { checks } = await diagnose(environment);
        const needed = [
          "workloads",
          "pods",
          "services",
          "replication",
          "database",
          "configurations",
          "members",
          "raft",
          "access",
        ];
        return needed.every((name) =>
          ["ok", "watch"].includes(checks.find((check) => check.name === name)?.verdict ?? ""),
        );
      },
      3000,
    );
  });
});
