import assert from "node:assert/strict";
import { STOPPED_BY_RESTORE } from "../../../../../contract/objects";
import { evaluateWorkloads, type Workloads } from "../../../../../ops/diagnose/checks/workloads";
import { ago } from "../objects";

const set = (name: string, replicas: number, ready = replicas, updated = replicas): Workloads["sets"][number] => ({
  metadata: { name, generation: 1 },
  spec: { replicas, selector: { matchLabels: {} } },
  status: {
    observedGeneration: 1,
    replicas,
    readyReplicas: ready,
    availableReplicas: ready,
    updatedReplicas: updated,
    currentRevision: updated === replicas ? "new" : "old",
    updateRevision: "new",
  },
});
const job = (name: string, owner: string, type = "Failed", creationTimestamp = ago(9)) => ({
  metadata: { name, creationTimestamp, ownerReferences: [{ name: owner }] },
  status: { conditions: [{ type, status: "True" }] },
});

describe("the check of workloads", () => {
  const said = (given: Partial<Workloads>) =>
    evaluateWorkloads({ sets: [], deployments: [], jobs: [], ...given }, []).problems.map(
      ({ verdict, reason }) => `${verdict} ${reason}`,
    );

  it("counts the pods that are ready", () => {
    const deployments = [
      { metadata: { name: "mysql-controller" }, spec: { replicas: 1 }, status: { readyReplicas: 1 } },
    ];
    assert.deepEqual(
      evaluateWorkloads({ sets: [set("nacos", 3)], deployments, jobs: [job("schema", "x", "Complete")] }, ["nacos"]),
      { summary: "nacos 3/3, mysql-controller 1/1", problems: [] },
    );
  });

  it("watches one that lacks a pod, and escalates one that is down, stopped or without a majority", () => {
    assert.deepEqual(said({ sets: [set("nacos", 3, 2), set("mysql", 2, 1)] }), [
      "watch StatefulSet nacos has 2 of 3 pods ready",
      "watch StatefulSet mysql has 1 of 2 pods ready",
    ]);
    assert.deepEqual(said({ sets: [set("nacos", 3, 1), set("mysql", 1, 0), set("other", 0)] }), [
      "escalate StatefulSet nacos has 1 of 3 pods ready: it has no majority",
      "escalate StatefulSet mysql has 0 of 1 pods ready: it is down",
      "escalate StatefulSet other wants 0 pods: it is stopped",
    ]);
  });

  it("stops at a restore in place that has not ended, and not at one after which Nacos was started", () => {
    const stopped = (replicas: number) => {
      const nacos = set("nacos", replicas);
      return { ...nacos, metadata: { ...nacos.metadata, annotations: { [STOPPED_BY_RESTORE]: "3" } } };
    };
    const { problems } = evaluateWorkloads({ sets: [stopped(0)], deployments: [], jobs: [] }, []);
    assert.deepEqual(
      problems.map(({ verdict, reason, fix }) => [verdict, reason.split(":")[0], fix.split("; ")[1]]),
      [["stop", "a restore in place has not ended", "docs/runbooks/mysql-restore.md"]],
    );
    assert.deepEqual(said({ sets: [stopped(3)] }), []);
  });

  it("watches the last restore if it has failed", () => {
    const jobs = [
      job("mysql-restore-1", "mysql-restore", "Failed", ago(3)),
      job("mysql-restore-2", "mysql-restore", "Complete", ago(2)),
    ];
    assert.deepEqual(said({ jobs }), []);
    const failed = job("mysql-restore-3", "mysql-restore", "Failed", ago(1));
    const { problems } = evaluateWorkloads({ sets: [], deployments: [], jobs: [...jobs, failed] }, []);
    assert.deepEqual(
      problems.map(({ fix }) => fix),
      ["kubectl logs job/mysql-restore-3 --all-containers; docs/runbooks/mysql-restore.md"],
    );
  });

  it("escalates a StatefulSet that is missing", () =>
    assert.deepEqual(
      evaluateWorkloads({ sets: [], deployments: [], jobs: [] }, ["nacos"]).problems.map(({ reason }) => reason),
      ["StatefulSet nacos does not exist"],
    ));

  it("watches an update that has not ended", () => {
    assert.match(said({ sets: [set("nacos", 3, 3, 1)] })[0], /^watch StatefulSet nacos runs pods of two revisions/);
    const conditions = [{ type: "Progressing", status: "False", message: "deadline" }];
    const controller = { metadata: { name: "c" }, spec: {}, status: { readyReplicas: 1, conditions } };
    assert.deepEqual(said({ deployments: [controller] }), ["watch Deployment c does not roll out: deadline"]);
  });

  it("watches Jobs that have failed, but those of backups and verifications", () => {
    const jobs = [job("nacos-schema", "x"), job("mysql-backup-1", "mysql-backup")];
    const { problems } = evaluateWorkloads({ sets: [], deployments: [], jobs }, []);
    assert.deepEqual(
      problems.map(({ fix }) => fix),
      ["kubectl logs job/nacos-schema --all-containers; docs/runbooks/nacos-schema.md"],
    );
  });
});
