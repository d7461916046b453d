import assert from "node:assert/strict";
import { KubeConfig } from "@kubernetes/client-node";
import { apiOf } from "../../../../clients/kubernetes/kubeconfig";
import { refused } from "../../../support/refusal";

describe("the API server of a context", () => {
  const context = (server?: string): KubeConfig => {
    const config = new KubeConfig();
    config.loadFromOptions({
      clusters: server === undefined ? [] : [{ name: "c", server }],
      users: [{ name: "u", token: "x" }],
      contexts: [{ name: "prod-cluster", cluster: "c", user: "u" }],
      currentContext: "prod-cluster",
    });
    return config;
  };

  it("is one that the context names", () =>
    assert.throws(() => apiOf(context()), refused("CLUSTER_KUBECONFIG_INVALID", "prod-cluster")));

  for (const server of ["no address", "http://127.0.0.1:8080"]) {
    it(`is not asked at ${server}`, () =>
      assert.rejects(
        apiOf(context(server)).get("/version"),
        refused("CLUSTER_KUBECONFIG_INVALID", "prod-cluster", server),
      ));
  }
});
