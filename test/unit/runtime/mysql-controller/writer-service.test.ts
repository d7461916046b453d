import assert from "node:assert/strict";
import { parseCredentials } from "../../../../contract/credentials";
import { leasePath, WriterService } from "../../../../runtime/mysql-controller/writer-service";
import { ApiError } from "../../../../clients/kubernetes/api";
import { FakeApi } from "../../../support/fake-mysql";
import { refused } from "../../../support/refusal";

describe("the writer Service", () => {
  const POD = "statefulset.kubernetes.io/pod-name";
  const path = "/api/v1/namespaces/nacos-x/services/mysql";

  function made(selector: Record<string, string> | undefined): {
    api: FakeApi;
    lease: { isHeld: boolean };
    service: WriterService;
  } {
    const api = new FakeApi();
    const lease = { isHeld: true };
    api.object.spec = { ports: [], ...(selector && { selector }) };
    return { api, lease, service: new WriterService(api.api, { namespace: "nacos-x", name: "mysql" }, lease) };
  }

  it("declares the pod that it selects, as of its version", async () => {
    const { api, service } = made({ [POD]: "mysql-1" });
    assert.deepEqual(await service.read(), { primary: "mysql-1", version: "1" });
    assert.deepEqual(api.paths, [`get ${path}`]);
  });

  it("that selects no pod by its name is an error", async () => {
    for (const selector of [undefined, { app: "mysql" }]) {
      await assert.rejects(made(selector).service.read(), refused("MYSQL_PRIMARY_NOT_DECLARED", "Service mysql"));
    }
  });

  it("selects another pod, and keeps the rest", async () => {
    const { api, service } = made({ [POD]: "mysql-0" });
    await service.write("mysql-2", await service.read());
    assert.deepEqual(api.object, {
      metadata: { resourceVersion: "2" },
      spec: { ports: [], selector: { [POD]: "mysql-2" } },
    });
    assert.equal(api.paths.at(-1), `patch ${path}`);
  });

  it("is not changed by a process that has lost the lease", async () => {
    const { api, lease, service } = made({ [POD]: "mysql-0" });
    const since = await service.read();
    lease.isHeld = false;
    await assert.rejects(service.write("mysql-2", since), refused("MYSQL_LEASE_LOST"));
    assert.equal(api.object.metadata.resourceVersion, "1");
  });

  it("refuses a change if another process has changed it since it was read", async () => {
    const { api, service } = made({ [POD]: "mysql-0" });
    const since = await service.read();
    await service.write("mysql-1", since);
    await assert.rejects(service.write("mysql-2", since), refused("MYSQL_LEASE_LOST"));
    assert.equal((await service.read()).primary, "mysql-1");
    api.beforePatch = () => assert.fail(new ApiError(403, "forbidden"));
    await assert.rejects(service.write("mysql-2", await service.read()), /forbidden/);
  });
});

describe("what the controller reads from the stack", () => {
  it("is the path of its lease, and its accounts", () => {
    assert.equal(
      leasePath("nacos-x", "mysql"),
      "/apis/coordination.k8s.io/v1/namespaces/nacos-x/leases/mysql-controller",
    );
    assert.deepEqual(parseCredentials('{"user":"replica","password":"p"}'), { user: "replica", password: "p" });
  });
});
