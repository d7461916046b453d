import assert from "node:assert/strict";
import { ApiError } from "../../../clients/kubernetes/api";
import { requireKinds } from "../../../kube/custom-kinds";

describe("kinds that somebody has to install", () => {
  const required = (answer: object | Error) =>
    requireKinds(
      {
        get: <T>(path: string): Promise<T> => {
          assert.equal(path, "/apis/example.com/v1");
          return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer as T);
        },
      },
      "example.com/v1",
      ["Cat", "Dog"],
      "Install them.",
    );
  const code = "[MONITORING_KINDS_MISSING: docs/runbooks/pulumi-up.md]";

  it("are accepted if the cluster has them", async () => {
    assert.equal(await required({ resources: [{ kind: "Dog" }, { kind: "Cat" }, { kind: "Cow" }] }), undefined);
  });

  it("are refused if one is missing, or the whole API", async () => {
    await assert.rejects(required({ resources: [{ kind: "Cat" }] }), {
      message: `the cluster has no Dog of example.com/v1. Install them. ${code}`,
    });
    await assert.rejects(required(new ApiError(404, "not found")), {
      message: `the cluster has no Cat and no Dog of example.com/v1. Install them. ${code}`,
    });
  });

  it("give a warning if the question is not answered", async () => {
    for (const error of [new ApiError(403, "forbidden"), new Error("connect ECONNREFUSED")])
      assert.equal(
        await required(error),
        `could not check if the cluster has Cat and Dog of example.com/v1: ${error.message}`,
      );
  });
});
