import assert from "node:assert/strict";
import type { KubeConfig } from "@kubernetes/client-node";
import { ApiError, type KubernetesApi } from "../../../../ops/kubernetes/api";
import { NacosServers, unsettled, type NacosPod, type NacosSet } from "../../../../ops/secrets/nacos-servers";

const set: NacosSet = { metadata: { generation: 4 }, spec: { replicas: 3 }, status: { observedGeneration: 4, updateRevision: "nacos-new" } };
const pod = (name: string, { revision = "nacos-new", ready = "True", ending = false } = {}): NacosPod => ({
  metadata: { name, labels: { "controller-revision-hash": revision }, ...(ending && { deletionTimestamp: "2026-01-01T00:00:00Z" }) },
  status: { conditions: [{ type: "PodScheduled", status: "True" }, { type: "Ready", status: ready }] },
});
const three = [pod("nacos-0"), pod("nacos-1"), pod("nacos-2")];

describe("Nacos' servers", () => {
  it("are settled when each is ready in the revision that was wanted last", () => assert.equal(unsettled(set, three), undefined));

  const cases: [string, NacosSet, (NacosPod | undefined)[]][] = [
    ["Kubernetes has not begun to restart Nacos' servers", { ...set, metadata: { generation: 5 } }, three],
    ["nacos-1 is not there", set, [three[0], undefined, three[2]]],
    ["nacos-0 has not been restarted", set, [pod("nacos-0", { revision: "nacos-old" }), three[1], three[2]]],
    ["nacos-2 is not ready", set, [three[0], three[1], pod("nacos-2", { ready: "False" })]],
    ["nacos-1 is being ended", set, [three[0], pod("nacos-1", { ending: true }), three[2]]],
  ];
  for (const [problem, of, pods] of cases) it(`are not when ${problem}`, () => assert.equal(unsettled(of, pods), problem));

  it("are ended together if they run an earlier revision, each once", async () => {
    const pods = [pod("nacos-0", { revision: "nacos-old" }), pod("nacos-1", { revision: "nacos-old", ending: true }), undefined];
    const deleted: string[] = [];
    const api = {
      get: (path: string) => {
        if (path.endsWith("/statefulsets/nacos")) return Promise.resolve(set);
        const found = pods[Number(path.at(-1))];
        return found === undefined ? Promise.reject(new ApiError(404, "gone")) : Promise.resolve(found);
      },
      delete: (path: string) => Promise.resolve(void deleted.push(path)),
    } as unknown as KubernetesApi;
    const servers = new NacosServers({ api, namespace: "n", config: {} as KubeConfig });
    await servers.restartOutdated();
    assert.deepEqual(deleted, ["/api/v1/namespaces/n/pods/nacos-0"]);
    assert.equal(await servers.unsettled(), "nacos-0 has not been restarted");
  });
});
