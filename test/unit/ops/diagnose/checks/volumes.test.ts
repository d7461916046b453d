import assert from "node:assert/strict";
import { evaluateClaims, evaluateSpace, unmounted } from "../../../../../ops/diagnose/checks/volumes";
import { pod } from "../objects";

describe("the check of volumes", () => {
  const said = (...phases: string[]) =>
    evaluateClaims(
      phases.map((phase, index) => ({ metadata: { name: `data-${index}` }, status: { phase } })),
      [pod("mysql-0", { spec: { volumes: [{ persistentVolumeClaim: { claimName: "data-0" } }, {}] } })],
    ).map(({ verdict, reason }) => `${verdict} ${reason}`);

  it("stops at a claim that has lost its volume", () =>
    assert.deepEqual(said("Bound", "Lost"), ["stop claim data-1 has lost its volume"]));

  it("watches one without a volume only if a pod waits for it", () =>
    assert.deepEqual(said("Pending", "Pending"), ["watch claim data-0 has no volume, and a pod waits for it"]));

  it("names those of which no kubelet knows", () => {
    const claims = ["data-0", "data-1", "mysql-backups", "new"].map((name) => ({
      metadata: { name },
      status: { phase: name === "new" ? "Pending" : "Bound" },
    }));
    const mounts = (name: string, claimName: string, phase: string) =>
      pod(name, { spec: { volumes: [{ persistentVolumeClaim: { claimName } }] }, status: { phase } });
    const pods = [
      mounts("a", "data-0", "Running"),
      mounts("b", "data-1", "Pending"),
      mounts("c", "mysql-backups", "Succeeded"),
    ];
    assert.deepEqual(unmounted(claims, pods), ["data-1", "mysql-backups"]);
  });

  it("watches a volume that fills up, of bytes or inodes, and escalates one that is full", () => {
    const volume = (name: string, usedBytes: number, inodesUsed = 0, namespace = "n") => ({
      usedBytes,
      availableBytes: 100 - usedBytes,
      inodesUsed,
      inodesFree: 100 - inodesUsed,
      pvcRef: { name, namespace },
    });
    const { summary, problems } = evaluateSpace(
      [
        { pods: [{ volume: [volume("a", 84), volume("b", 85), volume("c", 1, 95), { usedBytes: 99 }] }, {}] },
        { pods: [{ volume: [volume("d", 99, 0, "another")] }] },
      ],
      "n",
    );
    assert.equal(summary, "fullest: c 95 %");
    assert.deepEqual(
      problems.map(({ verdict, reason }) => `${verdict} ${reason}`),
      ["escalate claim c is 95 % full", "watch claim b is 85 % full"],
    );
    assert.equal(evaluateSpace([{}], "n").summary, "no usage is reported");
  });
});
