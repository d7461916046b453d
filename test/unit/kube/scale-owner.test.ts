import assert from "node:assert/strict";
import { ApiError } from "../../../clients/kubernetes/api";
import { scaleOwner, takeBack, type Way } from "../../../kube/scale-owner";

const PATH = "/apis/apps/v1/namespaces/nacos-x/statefulsets/nacos";
const ours = { manager: "pulumi-nacos-platform-prod", operation: "Apply" };
const autoscaler = { manager: "kube-controller-manager", operation: "Update", subresource: "scale" };
const controller = { manager: "kube-controller-manager", operation: "Update", subresource: "status" };

/** A StatefulSet as the API server has it, which changes a few times while somebody looks. */
class Api {
  readonly patches: unknown[] = [];

  constructor(
    private readonly found: { replicas: number; managedFields: readonly object[] } | undefined,
    private conflicts = 0,
  ) {}

  get<T>(path: string): Promise<T> {
    assert.equal(path, PATH);
    if (this.found === undefined) return Promise.reject(new ApiError(404, path));
    const { replicas, managedFields } = this.found;
    return Promise.resolve({ metadata: { resourceVersion: "7", managedFields }, spec: { replicas } } as T);
  }

  patch<T>(path: string, body: object): Promise<T> {
    assert.equal(path, PATH);
    if (this.conflicts-- > 0) return Promise.reject(new ApiError(409, "the object has been modified"));
    this.patches.push(body);
    return Promise.resolve({} as T);
  }
}

describe("the number of pods of a workload", () => {
  it("belongs to its autoscaler, and Pulumi ignores its changes", () => {
    assert.deepEqual(scaleOwner(true), {
      annotations: { "nacos-platform/autoscaled": "true" },
      ignoreChanges: ["spec.replicas"],
    });
    assert.deepEqual(scaleOwner(false), { annotations: {}, ignoreChanges: [] });
  });

  describe("is taken back from an autoscaler", () => {
    const update: Way = { isForced: false, onlyCheck: false };
    const take = async (api: Api, way: Partial<Way> = {}) => {
      await takeBack(api, PATH, { workload: "StatefulSet nacos", key: "nacos-platform:nacos.replicas" }, 3, {
        ...update,
        ...way,
      });
      return api.patches;
    };
    const managedFields = [ours, autoscaler, controller];
    const taken = [{ metadata: { resourceVersion: "7", managedFields: [ours, controller] } }];

    it("if it is the configured one: no later update gets a conflict", async () =>
      assert.deepEqual(await take(new Api({ replicas: 3, managedFields })), taken));

    it("if somebody else has changed the workload in between", async () =>
      assert.deepEqual(await take(new Api({ replicas: 3, managedFields }, 2)), taken));

    it("and a preview only checks", async () =>
      assert.deepEqual(await take(new Api({ replicas: 3, managedFields }), { onlyCheck: true }), []));

    it("unless it is another one, which an update would undo", async () => {
      for (const onlyCheck of [true, false])
        await assert.rejects(take(new Api({ replicas: 5, managedFields }), { onlyCheck }), {
          message:
            "nacos-platform:nacos.replicas is 3, and StatefulSet nacos has 5 pods, as its autoscaler wanted. To change them to 3: PULUMI_K8S_ENABLE_PATCH_FORCE=true pulumi up. To keep them, set nacos-platform:nacos.replicas; if it does not accept 5, scale to a number that it does first. See docs/autoscaling.md [AUTOSCALING_COUNT_DIFFERS: docs/runbooks/pulumi-up.md]",
        });
    });

    it("if it is another one, and may change", async () =>
      assert.deepEqual(await take(new Api({ replicas: 5, managedFields }), { isForced: true }), taken));

    it("without a change if the autoscaler has never set it, or if there is no workload", async () => {
      assert.deepEqual(await take(new Api({ replicas: 3, managedFields: [ours, controller] })), []);
      assert.deepEqual(await take(new Api(undefined)), []);
    });
  });
});
