import assert from "node:assert/strict";
import { ApiError } from "../../../../clients/kubernetes/api";
import { MembershipRecord, recordedOf } from "../../../../runtime/nacos-members/record";

describe("The record of a Nacos' members", () => {
  const SET = "/apis/apps/v1/namespaces/n/statefulsets/nacos";
  const MAP = "/api/v1/namespaces/n/configmaps/nacos-members";

  function recordOf(data: Record<string, string> | undefined, replicas = 3) {
    const patches: object[] = [];
    const objects: Record<string, unknown> = {
      [SET]: { spec: { replicas } },
      [MAP]: { metadata: { resourceVersion: "7" }, data },
      "/api/v1/namespaces/n/pods/nacos-0": {},
    };
    const api = {
      get: <T>(path: string): Promise<T> =>
        path in objects ? Promise.resolve(objects[path] as T) : Promise.reject(new ApiError(404, path)),
      patch: <T>(path: string, body: object): Promise<T> => {
        assert.equal(path, MAP);
        patches.push(body);
        return Promise.resolve({} as T);
      },
    };
    return { record: new MembershipRecord(api, { namespace: "n", statefulSet: "nacos" }), patches };
  }

  it("has the members, and the replicas of the StatefulSet", async () => {
    const { record, patches } = recordOf({ members: "3", formed: "true" }, 5);
    assert.deepEqual(await record.read(), { members: 3, wanted: 5, formed: true, resourceVersion: "7" });
    assert.deepEqual(patches, []);
  });

  it("begins with all replicas as members, that have not formed a cluster yet", async () => {
    const { record, patches } = recordOf(undefined);
    assert.deepEqual(await record.read(), { members: 3, wanted: 3, formed: false, resourceVersion: "7" });
    assert.deepEqual(patches, [{ metadata: { resourceVersion: "7" }, data: { members: "3" } }]);
  });

  it("refuses what is no number of members", async () => {
    for (const members of ["0", "-1", "x", ""])
      await assert.rejects(recordOf({ members }).record.read(), /ConfigMap nacos-members has no number of members/);
  });

  it("is read without being written by whoever only looks", () => {
    const { members, wanted } = recordedOf("nacos", { spec: { replicas: 3 } }, { metadata: { resourceVersion: "7" } });
    assert.deepEqual([members, wanted], [3, 3]);
  });

  it("is written only as it was read", async () => {
    const { record, patches } = recordOf({ members: "3" });
    await record.write(await record.read(), { members: 5, formed: true });
    assert.deepEqual(patches, [{ metadata: { resourceVersion: "7" }, data: { members: "5", formed: "true" } }]);
  });

  it("knows if a pod exists", async () => {
    const { record } = recordOf({ members: "3" });
    assert.equal(await record.hasPod(0), true);
    assert.equal(await record.hasPod(4), false);
  });
});
