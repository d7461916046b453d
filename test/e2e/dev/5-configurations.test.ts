import assert from "node:assert/strict";
import { waitFor } from "../../../sandbox/exec";
import { dev, live, refusal, type Live } from "../support/environments";
import { NacosClient } from "../support/nacos-client";
import { ops } from "../support/ops";

const NAMESPACE = "overwritten";
const KEPT = "stays: 42";
const V1 = "v1: ü 😀 & = + %\r\n\u2028end";

describe("Nacos' configurations", () => {
  let environment: Live;
  let nacos: NacosClient;
  const call = async <T>(method: string, path: string, fields: Record<string, string>): Promise<T> => {
    const { status, body } =
      method === "POST"
        ? await nacos.call(method, path, fields)
        : await nacos.call(method, `${path}?${new URLSearchParams(fields).toString()}`);
    assert.equal(status, 200, `${method} ${path}: ${body}`);
    return (JSON.parse(body) as { data: T }).data;
  };
  const named = (dataId: string) => ({ namespaceId: NAMESPACE, groupName: "G", dataId });
  const publish = (dataId: string, content: string, more: Record<string, string> = {}) =>
    call("POST", "/nacos/v3/admin/cs/config", { ...named(dataId), content, ...more });
  const remove = (dataId: string) => call("DELETE", "/nacos/v3/admin/cs/config", named(dataId));
  const served = async (dataId: string): Promise<string | undefined> =>
    (await call<{ content: string } | null>("GET", "/nacos/v3/client/cs/config", named(dataId)))?.content;
  const restore = (...words: string[]) => ops(environment, "nacos", "restore", ...words);

  before(async () => {
    environment = await live(dev);
    nacos = await NacosClient.signedIn(environment);
  });

  it("are published as they were, while Nacos serves, and nothing else changes", async () => {
    const { namespace } = environment.outputs;
    await call("POST", "/nacos/v3/admin/core/namespace", {
      namespaceId: NAMESPACE,
      customNamespaceId: NAMESPACE,
      namespaceName: "Overwritten",
    });
    await publish("changed", V1, { type: "yaml", desc: "what it is", configTags: "t1,t2" });
    await publish("deleted", "it was here");
    await publish("kept", KEPT);
    assert.equal((await nacos.publish("elsewhere", "e1")).status, 200);
    await ops(environment, "mysql", "backup");
    const to = new Date().toISOString();
    await publish("changed", "v2");
    await remove("deleted");
    await publish("newer", "after that");
    assert.equal((await nacos.publish("elsewhere", "e2")).status, 200);
    await call("DELETE", "/nacos/v3/admin/core/namespace", { namespaceId: NAMESPACE });

    const plan = await restore("--to", to, "--namespace", NAMESPACE);
    for (const line of [
      /^overwritten\/G\/kept: equal$/m,
      /^overwritten\/G\/newer: did not exist then, is left as it is$/m,
      /^overwritten\/G\/changed: changed, md5 is \w{32} and was \w{32}; other type, description; last modified .* UTC$/m,
      /^overwritten\/G\/deleted: missing$/m,
      /^the namespace overwritten \(Overwritten\) is missing$/m,
      /^1 missing, 1 changed, 1 did not exist then, 1 equal$/m,
      /^Nothing was changed\. .* --confirm nacos-dev\.$/m,
    ])
      assert.match(plan, line);
    assert.doesNotMatch(plan, /v1: |it was here|stays: 42|after that/);
    assert.equal(await served("changed"), "v2");

    let done = false;
    const reading = (async (): Promise<number> => {
      let reads = 0;
      for (; !done; reads++) assert.equal(await served("kept"), KEPT);
      return reads;
    })();
    const said = await restore("--to", to, "--namespace", NAMESPACE, "--confirm", namespace).finally(() => {
      done = true;
    });
    assert.ok((await reading) > 0);
    assert.match(said, /^overwritten\/G\/changed: published$/m);
    assert.match(said, /^2 published$/m);
    assert.deepEqual(
      [await served("changed"), await served("deleted"), await served("newer")],
      [V1, "it was here", "after that"],
    );
    assert.equal((await nacos.read("elsewhere")).body, "e2");
    const namespaces = await call<{ namespace: string; namespaceShowName: string }[]>(
      "GET",
      "/nacos/v3/admin/core/namespace/list",
      {},
    );
    assert.equal(namespaces.find((one) => one.namespace === NAMESPACE)?.namespaceShowName, "Overwritten");
    const { type, desc, configTags } = await call<Record<string, string>>(
      "GET",
      "/nacos/v3/admin/cs/config",
      named("changed"),
    );
    assert.deepEqual([type, desc, configTags.split(",").sort()], ["yaml", "what it is", ["t1", "t2"]]);
    const { pageItems } = await call<{ pageItems: { srcUser: string }[] }>("GET", "/nacos/v3/admin/cs/history/list", {
      ...named("changed"),
      pageNo: "1",
      pageSize: "10",
    });
    assert.match(JSON.stringify(pageItems[0]), /nacos-restore/);

    assert.match(
      await refusal(restore("--to", to, "--namespace", NAMESPACE, "--group", "G", "--data-id", "newer")),
      /there was no such configuration at that time.*\[NACOS_RESTORE_UNCHANGED: docs\/runbooks\/nacos-restore\.md\]/,
    );
  });

  after(async () => {
    // The one that was refused has failed, and `make status` would report it.
    const restores = "app.kubernetes.io/component=restore";
    await environment.kubectl(["--namespace", environment.outputs.namespace, "delete", "jobs", "--selector", restores]);
    for (const dataId of ["changed", "deleted", "kept", "newer"]) await remove(dataId);
    await call("DELETE", "/nacos/v3/admin/core/namespace", { namespaceId: NAMESPACE });
    await waitFor("the configurations to be gone", 60, async () => (await served("kept")) === undefined);
  });
});
