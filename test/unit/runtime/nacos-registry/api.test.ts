import assert from "node:assert/strict";
import { exportRegistry } from "../../../../runtime/nacos-registry/export";
import type { RegistryApi } from "../../../../runtime/nacos-registry/api";
import { DEFAULTS, keptInRaft, type Instance, type Service } from "../../../../runtime/nacos-registry/registry";
import { FakeRegistry } from "./fake-registry";

const instance: Instance = { ip: "10.0.0.1", port: 80, cluster: "C1", weight: 3, enabled: false, metadata: { a: "b" } };
const checked = {
  healthChecker: { type: "HTTP", path: "/h", expectedResponseCode: 200 },
  checkPort: 8081,
  useInstancePort: false,
  metadata: { rack: "1" },
};
const persistent: Service = {
  namespace: "orders",
  group: "G",
  name: "database",
  ephemeral: false,
  protectThreshold: 0.5,
  metadata: { owner: "ä & b" },
  selector: { type: "label", expression: "CONSUMER.label.A = PROVIDER.label.A+B" },
  clusters: { C1: checked },
  instances: [instance, { ...instance, port: 81, cluster: "DEFAULT", weight: 1, enabled: true }],
};
const ephemeral: Service = {
  ...persistent,
  namespace: "public",
  name: "shop",
  ephemeral: true,
  ...DEFAULTS.service,
  clusters: {},
  instances: [
    { ...instance, ip: "10.0.0.7" },
    { ...instance, ip: "10.0.0.8", weight: 1, enabled: true },
  ],
};

for (const version of ["2.2.4", "3.1.0"] as const)
  describe(`The registry of Nacos ${version}`, () => {
    const pauses: number[] = [];
    const pause = (milliseconds: number): Promise<void> => Promise.resolve(void pauses.push(milliseconds));

    beforeEach(() => pauses.splice(0));

    it("is exported with what is in Raft, out of all namespaces", async () => {
      await new FakeRegistry(version)
        .add(persistent)
        .add(ephemeral)
        .whileServing(async (api) => {
          const { services } = await exportRegistry(api, pause);
          assert.deepEqual(services, [persistent, { ...ephemeral, instances: [ephemeral.instances[0]] }]);
          assert.deepEqual(pauses, []);
        });
    });

    it("is exported out of namespaces that only persistent instances name", async () => {
      const nacos = new FakeRegistry(version).add({ ...persistent, namespace: "unlisted" });
      await nacos.whileServing(async (api) => {
        const { services } = await exportRegistry(api, pause);
        assert.deepEqual(
          services.map(({ namespace }) => namespace),
          ["unlisted"],
        );
      });
    });

    it("is read from one server that is ready: another knows the clusters only of services that it has listed", async () => {
      const starting = new FakeRegistry(version).add(persistent);
      starting.fault = () => ({ status: 503, body: "starting" });
      const nacos = new FakeRegistry(version);
      for (let number = 0; number < 501; number++) nacos.add({ ...persistent, name: `s${number}` });
      const use = async (api: RegistryApi): Promise<void> => {
        const { services } = await api.read(keptInRaft);
        assert.equal(services.length, 501);
        assert.ok(services.every(({ instances }) => instances.length === 2));
      };
      await nacos.whileServing(use, starting);
      assert.equal(starting.asked, 1);
    });

    it("is exported without clients and clusters that are gone before they are asked for", async () => {
      const nacos = new FakeRegistry(version).add(persistent).add(ephemeral);
      nacos.fault = (call) =>
        /publish\/list$|catalog\/instances$|instance\/list$/.test(call)
          ? { status: 404, body: "cluster C1 is not found!" }
          : undefined;
      await nacos.whileServing(async (api) => {
        const { services } = await exportRegistry(api, pause);
        assert.deepEqual(services, [{ ...persistent, instances: [] }]);
      });
    });

    it("has what is written", async () => {
      const nacos = new FakeRegistry(version).add(ephemeral);
      await nacos.whileServing(async (api) => {
        await api.createService(persistent);
        for (const [cluster, settings] of Object.entries(persistent.clusters))
          await api.updateCluster(persistent, cluster, settings);
        for (const one of persistent.instances) await api.registerPersistent(persistent, one);
        const described = { ...ephemeral, metadata: { m: "1" }, protectThreshold: 0.2 };
        await api.updateService(described);
        await api.setEphemeral(ephemeral, { ...ephemeral.instances[1], weight: 9, enabled: false, metadata: {} });
        const { services } = await exportRegistry(api, pause);
        const [one, other] = ephemeral.instances;
        assert.deepEqual(services, [
          persistent,
          { ...described, instances: [one, { ...other, weight: 9, enabled: false }] },
        ]);
      });
    });

    it("is asked three times, and then not exported", async () => {
      const nacos = new FakeRegistry(version);
      let asked = 0;
      nacos.fault = (call) => (call.includes("metrics") ? { status: 503, body: `starting ${++asked}` } : undefined);
      await nacos.whileServing(async (api) => {
        await assert.rejects(exportRegistry(api, pause), /metrics with 503: starting 3$/);
        assert.deepEqual(pauses, [5000, 5000]);
      });
    });

    it("does without a service that is removed meanwhile, but not without one that it cannot read", async () => {
      const nacos = new FakeRegistry(version).add(persistent).add(ephemeral);
      await nacos.whileServing(async (api) => {
        nacos.fault = (call) => {
          if (isDetail(call)) nacos.services.delete("public/G@@shop");
          return undefined;
        };
        assert.deepEqual(
          (await api.read(keptInRaft)).services.map(({ name }) => name),
          ["database"],
        );
        nacos.fault = (call) => (isDetail(call) ? { status: 400, body: "broken" } : undefined);
        await assert.rejects(api.read(keptInRaft), /ns\/service\?.* with 400: broken/);
      });
    });

    it("is asked for nothing more after a request that is not answered", async () => {
      const nacos = new FakeRegistry(version);
      for (let number = 0; number < 100; number++) nacos.add({ ...persistent, name: `s${number}` });
      let details = 0;
      nacos.fault = (call) => (isDetail(call) ? { status: 503, body: `busy ${++details}` } : undefined);
      await nacos.whileServing(async (api) => {
        await assert.rejects(api.read(keptInRaft), /with 503: busy/);
        assert.ok(details <= 8, `${details} requests`);
      });
    });
  });

const isDetail = (call: string): boolean => /^GET \/nacos\/(v2|v3\/admin)\/ns\/service$/.test(call);
