import assert from "node:assert/strict";
import { waitFor } from "../../../sandbox/exec";
import { dev, live, type Live } from "../support/environments";
import { deletePersistent, hasPersistent, registerPersistent } from "../support/members";
import { NacosClient } from "../support/nacos-client";
import { ops } from "../support/ops";

const SERVER = "nacos-0";
const SERVICE = "backed-up";
/** An instance that clients do not receive, in a cluster with another health check. */
const SWITCHED_OFF = { ip: "10.9.2.1", port: "80", clusterName: "OFF" };

describe("Nacos' registry in the backups", () => {
  let environment: Live;
  const mysql = (command: string, ...words: string[]) => ops(environment, "mysql", command, ...words);
  /** A call of the administration of services, which must succeed. */
  const admin = async <T>(method: string, path: string, fields: Record<string, string>): Promise<T> => {
    const query = new URLSearchParams({ serviceName: SERVICE, ...fields }).toString();
    const nacos = await NacosClient.signedIn(environment);
    const { status, body } = await nacos.call(method, `/nacos/v3/admin/ns/${path}?${query}`);
    assert.equal(status, 200, `${method} ${path}: ${body}`);
    return (JSON.parse(body) as { data: T }).data;
  };
  const switchedOff = () =>
    admin<{ enabled: boolean; weight: number }[]>("GET", "instance/list", { clusterName: SWITCHED_OFF.clusterName });
  const checker = async (): Promise<unknown> => {
    interface Detail {
      readonly clusterMap: Readonly<Record<string, { readonly healthChecker: { readonly type: string } }>>;
    }
    return (await admin<Detail>("GET", "service", {})).clusterMap[SWITCHED_OFF.clusterName]?.healthChecker.type;
  };
  const remove = async (): Promise<void> => {
    await admin("DELETE", "instance", { ...SWITCHED_OFF, ephemeral: "false" });
    await deletePersistent(environment, SERVER, SERVICE);
    await waitFor("the service to be empty, and removed", 60, () =>
      admin("DELETE", "service", {}).then(
        () => true,
        () => false,
      ),
    );
  };

  before(async () => {
    environment = await live(dev);
  });

  it("comes back with services, persistent instances, weights and switched-off instances, and only if confirmed", async () => {
    const { namespace } = environment.outputs;
    await registerPersistent(environment, SERVER, SERVICE);
    await admin("POST", "instance", { ...SWITCHED_OFF, ephemeral: "false", enabled: "false", weight: "7" });
    await admin("PUT", "cluster", {
      clusterName: SWITCHED_OFF.clusterName,
      checkPort: "80",
      useInstancePort4Check: "true",
      healthChecker: '{"type":"NONE"}',
      metadata: "{}",
    });
    await waitFor("Nacos to have the health check", 60, async () => (await checker()) === "NONE");
    assert.match(
      await mysql("backup"),
      /with a registry of [1-9]\d* services?, \d+ persistent instances, [1-9]\d* switched off, /,
    );
    const to = new Date().toISOString();
    await remove();

    const plan = await mysql("restore", "--to", to, "--registry-only");
    assert.match(plan, /the registry lacks 8:\n- service public\/DEFAULT_GROUP@@backed-up\n/);
    assert.match(plan, /Nothing was changed\. .* --confirm nacos-dev\./);
    await assert.rejects(admin("GET", "service", {}), /service not exist/);

    const restored = await mysql("restore", "--to", to, "--registry-only", "--confirm", namespace);
    assert.match(restored, /the registry got back 8:/);
    await hasPersistent(environment, [SERVER], SERVICE);
    assert.deepEqual(
      (await switchedOff()).map(({ enabled, weight }) => ({ enabled, weight })),
      [{ enabled: false, weight: 7 }],
    );
    assert.equal(await checker(), "NONE");

    const again = await mysql("restore", "--to", to, "--registry-only", "--confirm", namespace);
    assert.match(again, /the registry lacks none of it that can be added/);
  });

  after(async () => {
    const exists = await admin("GET", "service", {}).then(
      () => true,
      () => false,
    );
    if (exists) await remove();
  });
});
