import assert from "node:assert/strict";
import { memoryBytes } from "../../../contract/quantity";
import { waitFor } from "../../../sandbox/exec";
import { live, type Live, prod } from "../support/environments";

interface Container {
  readonly resources: Record<"requests" | "limits", Record<string, string>>;
  readonly restartPolicy?: string;
}

interface Pod {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly nodeName: string;
    readonly containers: Container[];
    readonly initContainers?: Container[];
  };
}

interface Summary {
  readonly pods: {
    readonly podRef: { readonly name: string; readonly namespace: string };
    readonly "ephemeral-storage"?: { readonly usedBytes?: number };
  }[];
}

describe("the nodes' disks in prod", () => {
  let environment: Live;

  before(async () => {
    environment = await live(prod);
  });

  const namespaced = (args: string[], input?: string) =>
    environment.kubectl(["--namespace", environment.outputs.namespace, ...args], input);

  /** Bytes of its node's disk that each pod of the stack uses, as the kubelets measure it. */
  async function used(nodes: Iterable<string>): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    for (const node of nodes) {
      const answer = await environment.kubectl(["get", "--raw", `/api/v1/nodes/${node}/proxy/stats/summary`]);
      for (const { podRef, "ephemeral-storage": storage } of (JSON.parse(answer) as Summary).pods)
        if (podRef.namespace === environment.outputs.namespace && storage?.usedBytes !== undefined)
          found.set(podRef.name, storage.usedBytes);
    }
    return found;
  }

  it("have no server that uses more than it requests, so none is among the first to be evicted", async () => {
    const { items } = JSON.parse(
      await namespaced(["get", "pods", "--field-selector", "status.phase=Running", "-o", "json"]),
    ) as { items: Pod[] };
    const servers = items.filter(({ metadata: { name } }) => /^(mysql|nacos)-\d+$/.test(name));
    assert.equal(servers.length, 6);
    let measured = new Map<string, number>();
    await waitFor(
      "the kubelets to measure the pods",
      180,
      async () => {
        measured = await used(new Set(servers.map(({ spec }) => spec.nodeName)));
        return servers.every(({ metadata: { name } }) => measured.has(name));
      },
      5000,
    );
    const usage = servers.map(({ metadata: { name }, spec: { containers, initContainers = [] } }) => ({
      name,
      uses: measured.get(name) ?? 0,
      requests: [...containers, ...initContainers.filter(({ restartPolicy }) => restartPolicy === "Always")]
        .map(({ resources }) => memoryBytes(resources.requests["ephemeral-storage"]))
        .reduce((sum, bytes) => sum + bytes, 0),
    }));
    console.log(`      ${usage.map(({ name, uses }) => `${name} ${Math.ceil(uses / 2 ** 20)}Mi`).join(", ")}`);
    for (const { name, uses, requests } of usage)
      assert.ok(uses > 0 && uses <= requests, `${name} uses ${uses} of ${requests}`);
  });

  it("admit a pod that says nothing about them, with a request and a limit", async () => {
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "plain" },
      spec: {
        securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } },
        containers: [
          {
            name: "plain",
            image: "plain:1",
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
          },
        ],
      },
    };
    const admitted = JSON.parse(
      await namespaced(["create", "--dry-run=server", "-o", "json", "-f", "-"], JSON.stringify(pod)),
    ) as Pod;
    const [{ resources }] = admitted.spec.containers;
    assert.deepEqual([resources.requests["ephemeral-storage"], resources.limits["ephemeral-storage"]], ["64Mi", "2Gi"]);
  });
});
