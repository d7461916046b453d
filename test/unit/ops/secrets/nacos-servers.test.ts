import assert from "node:assert/strict";
import type { KubeConfig } from "@kubernetes/client-node";
import type { KubernetesApi } from "../../../../ops/kubernetes/api";
import type { Pod } from "../../../../ops/kubernetes/pod-trouble";
import { NacosServers } from "../../../../ops/secrets/nacos-servers";

const pod = (name: string, revision: string, ending = false): Pod =>
  ({ metadata: { name, uid: name, labels: { "controller-revision-hash": revision }, ...(ending && { deletionTimestamp: "2026-01-01T00:00:00Z" }) } });

describe("Nacos' servers", () => {
  /** What is deleted of these pods when those of earlier revisions are ended. */
  async function ended(items: readonly Pod[], observedGeneration = 4): Promise<string[]> {
    const set = {
      metadata: { name: "nacos", generation: 4 }, spec: { replicas: 3, selector: { matchLabels: { a: "b", c: "d" } } },
      status: { observedGeneration, updateRevision: "nacos-new" },
    };
    const deleted: string[] = [];
    const answers: Record<string, unknown> = { "/apis/apps/v1/namespaces/n/statefulsets/nacos": set, "/api/v1/namespaces/n/pods?labelSelector=a%3Db%2Cc%3Dd": { items } };
    const api = { get: (path: string) => Promise.resolve(answers[path]), delete: (path: string) => Promise.resolve(void deleted.push(path)) } as unknown as KubernetesApi;
    await new NacosServers({ api, namespace: "n", config: {} as KubeConfig }).restartOutdated();
    return deleted;
  }

  it("are ended together if they run an earlier revision, each once", async () => {
    const pods = [pod("nacos-0", "nacos-old"), pod("nacos-1", "nacos-old", true), pod("nacos-2", "nacos-new")];
    assert.deepEqual(await ended(pods), ["/api/v1/namespaces/n/pods/nacos-0"]);
    assert.deepEqual(await ended([pod("nacos-0", "nacos-old"), pod("nacos-1", "nacos-old")]), ["/api/v1/namespaces/n/pods/nacos-0", "/api/v1/namespaces/n/pods/nacos-1"]);
  });

  it("are left alone while Kubernetes has not said which revision is the new one", async () => {
    assert.deepEqual(await ended([pod("nacos-0", "nacos-old")], 3), []);
  });
});
