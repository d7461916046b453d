import assert from "node:assert/strict";
import { changeText, planRestore, type RestorePlan } from "../../../../runtime/nacos-registry/plan";
import { DEFAULTS, type Instance, type Service } from "../../../../runtime/nacos-registry/registry";
import { restoreRegistry, type RestoreRegistryOptions } from "../../../../runtime/nacos-registry/restore";
import { FakeRegistry } from "./fake-registry";

const instance: Instance = {
  ip: "10.0.0.1",
  port: 80,
  cluster: "DEFAULT",
  weight: 3,
  enabled: false,
  metadata: { a: "b" },
};
const persistent: Service = {
  namespace: "public",
  group: "G",
  name: "database",
  ephemeral: false,
  protectThreshold: 0.5,
  metadata: { owner: "a" },
  selector: { type: "none" },
  clusters: { DEFAULT: { ...DEFAULTS.cluster, healthChecker: { type: "NONE" } } },
  instances: [instance],
};
const ephemeral: Service = { ...persistent, name: "shop", ephemeral: true, clusters: {} };
/** As clients register it again. */
const bare: Service = { ...ephemeral, ...DEFAULTS.service, instances: [{ ...instance, weight: 1, enabled: true }] };
const namespaces = new Set(["public"]);

function planned(saved: Service, ...services: Service[]): Record<keyof RestorePlan, readonly string[]> {
  const { changes, ...rest } = planRestore({ format: 1, services: [saved] }, { namespaces, services });
  return { ...rest, changes: changes.map(changeText) };
}

describe("The restore of a registry, in plan", () => {
  it("adds all of a service that is missing, the settings of a cluster before its instances", () => {
    assert.deepEqual(planned(persistent), {
      changes: [
        "service public/G@@database",
        "settings of cluster DEFAULT of public/G@@database",
        "persistent instance public/G@@database 10.0.0.1:80, weight 3, switched off",
      ],
      differences: [],
      absent: [],
    });
  });

  it("changes nothing of what is as in the backup, or has more", () => {
    const more = { ...persistent, instances: [instance, { ...instance, port: 81 }] };
    for (const [saved, live] of [
      [persistent, persistent],
      [persistent, more],
      [{ ...persistent, ...DEFAULTS.service, clusters: {} }, persistent],
      [ephemeral, ephemeral],
    ])
      assert.deepEqual(planned(saved, live), { changes: [], differences: [], absent: [] });
  });

  it("gives an ephemeral service back what its clients have not brought", () => {
    assert.deepEqual(planned(ephemeral, bare), {
      changes: [
        "metadata, protect threshold and selector of public/G@@shop",
        "ephemeral instance public/G@@shop 10.0.0.1:80, weight 3, switched off",
      ],
      differences: [],
      absent: [],
    });
    const { absent, changes } = planned(ephemeral, { ...bare, instances: [] });
    assert.deepEqual(absent, ["public/G@@shop 10.0.0.1:80, weight 3, switched off"]);
    assert.equal(changes.length, 1);
  });

  it("leaves what has other values, and reports it", () => {
    const other = { ...instance, weight: 5 };
    for (const [saved, live, difference] of [
      [persistent, { ...persistent, metadata: {} }, /^public\/G@@database has other metadata, protect threshold/],
      [
        persistent,
        { ...persistent, clusters: { DEFAULT: { ...DEFAULTS.cluster, checkPort: 1 } } },
        /its cluster DEFAULT has other settings$/,
      ],
      [
        persistent,
        { ...persistent, instances: [{ ...instance, enabled: true }] },
        /10\.0\.0\.1:80 has weight 3 and is on; it had 3 and was switched off$/,
      ],
      // It is not known who registered it again.
      [persistent, { ...persistent, instances: [{ ...instance, weight: 1, enabled: true }] }, /has weight 1 and is on/],
      [persistent, { ...persistent, instances: [{ ...instance, metadata: {} }] }, /10\.0\.0\.1:80 has other metadata$/],
      [ephemeral, { ...ephemeral, instances: [other] }, /has weight 5 and is switched off; it had 3/],
      [persistent, { ...persistent, ephemeral: true }, /^public\/G@@database is ephemeral, and was persistent$/],
    ] as const) {
      const { changes, differences } = planned(saved, live);
      assert.deepEqual(changes, []);
      assert.equal(differences.length, 1);
      assert.match(differences[0], difference);
    }
  });

  it("creates a namespace that does not exist, once and first", () => {
    const { changes } = planRestore(
      { format: 1, services: [persistent, ephemeral].map((service) => ({ ...service, namespace: "gone" })) },
      { namespaces, services: [] },
    );
    assert.deepEqual(
      changes.map(changeText).filter((text) => text.startsWith("namespace")),
      ["namespace gone"],
    );
    assert.equal(changes[0].does, "namespace");
  });

  it("takes an instance of another cluster for another one", () => {
    const live = { ...persistent, instances: [{ ...instance, cluster: "C1" }] };
    assert.deepEqual(planned(persistent, live).changes, [
      "persistent instance public/G@@database 10.0.0.1:80, weight 3, switched off",
    ]);
  });
});

for (const version of ["2.2.4", "3.1.0"] as const)
  describe(`The restore of a registry of Nacos ${version}`, () => {
    let nacos: FakeRegistry;
    let time: number;
    let said: string[];
    const restored = async (more: Partial<RestoreRegistryOptions> = {}) => {
      let result = { text: "", failed: false, isKept: false };
      await nacos.whileServing(async (api) => {
        result = await restoreRegistry({
          saved: { format: 1, services: [persistent, ephemeral] },
          api,
          mode: "apply",
          waitMs: 60_000,
          now: () => time,
          pause: (milliseconds) => Promise.resolve(void (time += milliseconds)),
          say: (line) => void said.push(line),
          ...more,
        });
      });
      return result;
    };

    beforeEach(() => {
      [nacos, time, said] = [new FakeRegistry(version).add(bare), 0, []];
    });

    it("adds what is missing, and can be repeated", async () => {
      const { text, failed } = await restored();
      assert.equal(failed, false);
      assert.match(text, /^the backup has 2 services, 1 persistent instance, 2 switched off, 2 with a weight\n/);
      assert.match(text, /the registry got back 5:\n- service public\/G@@database\n/);
      nacos = new FakeRegistry(version);
      for (const service of [persistent, ephemeral]) nacos.add(service);
      assert.match((await restored()).text, /; the registry lacks none of it that can be added$/);
      assert.deepEqual(nacos.writes, []);
    });

    it("changes nothing if it only reports", async () => {
      const { text, failed } = await restored({ mode: "plan" });
      assert.match(text, /\nthe registry lacks 5:\n- service public\/G@@database\n/);
      assert.deepEqual([nacos.writes, failed], [[], false]);
    });

    it("reports what it leaves, and instances that no client has registered", async () => {
      nacos.add({ ...persistent, metadata: {} });
      const { text, failed } = await restored({
        saved: {
          format: 1,
          services: [{ ...ephemeral, instances: [instance, { ...instance, ip: "10.0.0.9" }] }, persistent],
        },
      });
      assert.match(text, /\n1 difference is left as in Nacos now:\n- public\/G@@database has other metadata/);
      assert.match(text, /\n1 ephemeral instance is not registered now; .*:\n- public\/G@@shop 10\.0\.0\.9:80/);
      assert.equal(failed, false);
    });

    it("creates a namespace, and fails if that is refused", async () => {
      const services = [{ ...persistent, namespace: "gone" }];
      nacos.fault = (call) => (/^POST .*namespace/.test(call) ? { status: 500, body: "read only" } : undefined);
      const { text, failed } = await restored({ saved: { format: 1, services } });
      assert.equal(failed, true);
      assert.match(text, /\nthe registry lacks 4; Nacos answers POST .* 500: read only:\n- namespace gone\n/);
      nacos = new FakeRegistry(version);
      assert.equal((await restored({ saved: { format: 1, services } })).failed, false);
      assert.ok(nacos.namespaces.includes("gone"));
    });

    it("is for a Nacos that has lost everything, if nothing else is said", async () => {
      for (const kept of [{ ...persistent, name: "newer" }, ephemeral]) {
        nacos = new FakeRegistry(version).add(bare).add(kept);
        const { text, isKept, failed } = await restored({ mode: "if-lost" });
        assert.deepEqual([nacos.writes, isKept, failed], [[], true, false]);
        assert.match(text, /^Nacos has not lost its registry: nothing of it was changed\nthe backup has 2 services/);
        assert.match(text, /\nthe registry lacks \d/);
      }
      nacos = new FakeRegistry(version).add(bare);
      const { text, isKept } = await restored({ mode: "if-lost" });
      assert.equal(isKept, false);
      assert.match(text, /the registry got back 5:/);
    });

    it("is not for a Nacos that has not loaded its registry when it is first read", async () => {
      nacos.fault = () => {
        if (time >= 10_000 && nacos.services.size === 1) nacos.add({ ...persistent, name: "loaded" });
        return undefined;
      };
      assert.equal((await restored({ mode: "if-lost" })).isKept, true);
      assert.deepEqual(nacos.writes, []);
    });

    it("sends nothing more in a round after a write that is not answered", async () => {
      const many = Array.from({ length: 50 }, (_, number) => ({ ...persistent, name: `s${number}` }));
      const unanswered = (): never => {
        throw new Error("Nacos does not answer within 15 s");
      };
      const live = { namespaces, services: [] };
      let writes = 0;
      const api = {
        read: () => Promise.resolve(live),
        createService: () => Promise.resolve().then(() => (writes++, (time += 15_000), unanswered())),
      } as unknown as RestoreRegistryOptions["api"];
      const { failed } = await restored({ api, saved: { format: 1, services: many } });
      assert.equal(failed, true);
      assert.ok(writes < 20 && time < 6 * 60_000, `${writes} writes in ${time} ms`);
    });

    it("gives clients a minute to come back", async () => {
      const [service] = nacos.services.values();
      const other = { ...instance, ip: "10.0.0.9" };
      nacos.fault = () => {
        if (time >= 30_000 && service.instances.length === 1)
          service.instances.push({ ...other, weight: 1, enabled: true });
        return undefined;
      };
      const { text } = await restored({ saved: { format: 1, services: [{ ...ephemeral, instances: [other] }] } });
      assert.match(text, /- ephemeral instance public\/G@@shop 10\.0\.0\.9:80, weight 3, switched off$/);
      assert.ok(time < 60_000);
    });

    it("waits until Nacos serves, and repeats what was refused", async () => {
      nacos.fault = (call) =>
        (call.includes("metrics") && time < 20_000) || (call.startsWith("POST") && time < 30_000)
          ? { status: 503, body: "not yet" }
          : undefined;
      assert.equal((await restored()).failed, false);
      assert.ok(time >= 30_000);
      assert.equal(said.filter((line) => line.startsWith("waiting for Nacos: ")).length, 1);
    });

    it("fails if Nacos does not serve, or does not take something", async () => {
      nacos.fault = (call) => (call.includes("metrics") ? { status: 503, body: "starting" } : undefined);
      const silent = await restored({ waitMs: 10_000 });
      assert.equal(silent.failed, true);
      assert.match(
        silent.text,
        /^the backup has 2 services, .*\. Nacos does not serve: Nacos answers .* 503: starting$/,
      );
      nacos = new FakeRegistry(version).add(bare);
      nacos.fault = (call) => (/^POST .*\/instance$/.test(call) ? { status: 500, body: "no leader" } : undefined);
      const { text, failed } = await restored();
      assert.equal(failed, true);
      assert.match(text, /\nthe registry lacks 1; Nacos answers POST .* 500: no leader:\n- persistent instance public/);
      assert.match(text, /\nthe registry got back 4:\n- service public\/G@@database\n/);
    });
  });
