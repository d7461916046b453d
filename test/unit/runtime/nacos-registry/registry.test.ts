import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import {
  addressOf,
  countsOf,
  countsText,
  DEFAULTS,
  keptInRaft,
  packed,
  same,
  unpacked,
  type Instance,
  type Service,
} from "../../../../runtime/nacos-registry/registry";

const instance: Instance = { ip: "10.0.0.1", port: 80, cluster: "DEFAULT", weight: 1, enabled: true, metadata: {} };
const service: Service = {
  namespace: "public",
  group: "G",
  name: "s",
  ephemeral: true,
  ...DEFAULTS.service,
  clusters: { DEFAULT: DEFAULTS.cluster },
  instances: [instance],
};

describe("What Nacos keeps of a service in Raft", () => {
  it("is nothing if its clients bring back everything", () => {
    assert.equal(keptInRaft(service), undefined);
    assert.equal(keptInRaft({ ...service, instances: [{ ...instance, metadata: { version: "2" } }] }), undefined);
    assert.equal(keptInRaft({ ...service, ephemeral: false, instances: [] }), undefined);
  });

  it("is its metadata, threshold and selector, and the settings of its clusters", () => {
    for (const more of [
      { metadata: { owner: "a" } },
      { protectThreshold: 0.5 },
      { selector: { type: "label", expression: "CONSUMER.label.A = PROVIDER.label.A" } },
    ])
      assert.deepEqual(keptInRaft({ ...service, ...more }), { ...service, ...more, clusters: {}, instances: [] });
    const clusters = { DEFAULT: { ...DEFAULTS.cluster, healthChecker: { type: "NONE" } } };
    assert.deepEqual(keptInRaft({ ...service, clusters }), { ...service, clusters, instances: [] });
  });

  it("is every persistent instance, and of the others those that are switched off or have a weight", () => {
    assert.deepEqual(keptInRaft({ ...service, ephemeral: false })?.instances, [instance]);
    const others = [
      { ...instance, enabled: false },
      { ...instance, weight: 3 },
    ];
    assert.deepEqual(keptInRaft({ ...service, instances: [instance, ...others] })?.instances, others);
  });
});

describe("A registry", () => {
  const registry = {
    format: 1,
    services: [{ ...service, ephemeral: false, instances: [instance, { ...instance, port: 81, enabled: false }] }],
  } as const;

  it("is read as it was written", () => {
    assert.deepEqual(unpacked(packed(registry)), registry);
  });

  it("is refused if it is damaged, or of another format", () => {
    assert.throws(() => unpacked(packed(registry).subarray(0, 40)), /^Error: the registry cannot be read: /);
    assert.throws(() => unpacked(gzipSync("null")), /format is undefined, and only 1 is supported/);
    assert.throws(() => unpacked(gzipSync('{"format":2}')), /format is 2/);
    for (const services of ["{}", '[{"namespace":"public"}]'])
      assert.throws(() => unpacked(gzipSync(`{"format":1,"services":${services}}`)), /not a list of services/);
  });

  it("is counted", () => {
    assert.equal(countsText(countsOf(registry)), "1 service, 2 persistent instances, 1 switched off, 0 with a weight");
    assert.equal(countsOf({ format: 1, services: [service] }).persistentInstances, 0);
  });
});

describe("Values", () => {
  it("are the same in whatever order their keys are", () => {
    assert.ok(same({ a: 1, b: { c: [1], d: "x" } }, { b: { d: "x", c: [1] }, a: 1 }));
    assert.ok(!same({ a: 1 }, { a: "1" }));
    assert.ok(!same({ a: [1, 2] }, { a: [2, 1] }));
  });

  it("have a name for each instance", () => {
    assert.equal(addressOf(instance), "10.0.0.1:80");
    assert.equal(addressOf({ ...instance, ip: "fd00::1", cluster: "C1" }), "[fd00::1]:80 (C1)");
  });
});
