import assert from "node:assert/strict";
import type { KubeConfig } from "@kubernetes/client-node";
import type { KubernetesApi } from "../../../../clients/kubernetes/api";
import type { Pod } from "../../../../clients/kubernetes/pod-trouble";
import { NacosServers } from "../../../../ops/secrets/nacos-servers";
import { refused } from "../../../support/refusal";

const pod = (name: string, revision: string, ending = false): Pod => ({
  metadata: {
    name,
    uid: name,
    labels: { "controller-revision-hash": revision },
    ...(ending && { deletionTimestamp: "2026-01-01T00:00:00Z" }),
  },
});

/** With a container that has begun to run. */
const running = (begun: Pod): Pod => ({
  ...begun,
  status: { containerStatuses: [{ name: "nacos", image: "nacos", restartCount: 0, state: { running: {} } }] },
});

describe("Nacos' servers", () => {
  /** What is deleted of these pods when those of earlier revisions are ended. */
  async function ended(items: readonly Pod[], observedGeneration = 4): Promise<string[]> {
    const set = {
      metadata: { name: "nacos", generation: 4 },
      spec: { replicas: 3, selector: { matchLabels: { a: "b", c: "d" } } },
      status: { observedGeneration, updateRevision: "nacos-new" },
    };
    const deleted: string[] = [];
    const answers: Record<string, unknown> = {
      "/apis/apps/v1/namespaces/n/statefulsets/nacos": set,
      "/api/v1/namespaces/n/pods?labelSelector=a%3Db%2Cc%3Dd": { items },
    };
    const api = {
      get: (path: string) => Promise.resolve(answers[path]),
      delete: (path: string) => Promise.resolve(void deleted.push(path)),
    } as unknown as KubernetesApi;
    await new NacosServers({ api, namespace: "n", config: {} as KubeConfig }).restartOutdated();
    return deleted;
  }

  it("are ended together if they run an earlier revision, each once", async () => {
    const begun = running(pod("nacos-2", "nacos-new"));
    assert.deepEqual(await ended([pod("nacos-0", "nacos-old"), pod("nacos-1", "nacos-old", true), begun]), [
      "/api/v1/namespaces/n/pods/nacos-0",
    ]);
    assert.deepEqual(await ended([pod("nacos-0", "nacos-old"), pod("nacos-1", "nacos-old"), begun]), [
      "/api/v1/namespaces/n/pods/nacos-0",
      "/api/v1/namespaces/n/pods/nacos-1",
    ]);
  });

  it("are not deleted while none of the new revision runs: it may never", async () => {
    assert.deepEqual(
      await ended([
        running(pod("nacos-0", "nacos-old")),
        running(pod("nacos-1", "nacos-old")),
        pod("nacos-2", "nacos-new"),
      ]),
      [],
    );
  });

  it("are not deleted while Kubernetes has not reported which revision is the new one", async () => {
    assert.deepEqual(await ended([pod("nacos-0", "nacos-old"), running(pod("nacos-1", "nacos-new"))], 3), []);
  });

  it("cannot be restarted at once by someone who may not delete pods", async () => {
    const check = (allowed: boolean) => {
      const api = {
        create: (path: string, { spec }: { spec: object }) =>
          Promise.resolve(path.endsWith("/selfsubjectaccessreviews") && { spec, status: { allowed } }),
      } as unknown as KubernetesApi;
      return new NacosServers({ api, namespace: "n", config: {} as KubeConfig }).checkRestartable();
    };
    await check(true);
    await assert.rejects(check(false), refused("SECRETS_RESTART_FORBIDDEN", "namespace n"));
  });
});
