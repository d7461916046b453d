import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parseManifest, type Manifest } from "../../../../runtime/mysql-backup/manifest";
import {
  addRegistry,
  exportedRegistry,
  missingRegistry,
  readRegistry,
  registryText,
} from "../../../../runtime/mysql-backup/registry-file";
import type { Registry } from "../../../../runtime/nacos-registry/registry";

const registry: Registry = {
  format: 1,
  services: [
    {
      namespace: "public",
      group: "DEFAULT_GROUP",
      name: "db",
      ephemeral: false,
      protectThreshold: 0,
      metadata: {},
      selector: { type: "none" },
      clusters: {},
      instances: [{ ip: "10.0.0.1", port: 3306, cluster: "DEFAULT", weight: 3, enabled: false, metadata: {} }],
    },
  ],
};

describe("The registry of a backup", () => {
  let folder: string;
  let manifest: Manifest;
  const file = () => path.join(folder, "registry.json.gz");

  beforeEach(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "registry-"));
    await addRegistry(folder, folder, registry);
    manifest = { name: "B", registry: exportedRegistry(folder) } as Manifest;
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  it("is read as it was written, and told in the manifest", async () => {
    assert.deepEqual(await readRegistry(folder, manifest), registry);
    assert.equal(
      registryText(manifest),
      "a registry of 1 service, 1 persistent instance, 1 switched off, 1 with a weight",
    );
    assert.equal(missingRegistry(manifest), undefined);
  });

  it("is refused if it was altered, is missing, or has other counts", async () => {
    const other = { ...manifest, registry: { ...manifest.registry, services: 2 } } as Manifest;
    await assert.rejects(
      readRegistry(folder, other),
      /registry of backup B has 1 service, .* manifest says 2 services/,
    );
    fs.appendFileSync(file(), "x");
    await assert.rejects(readRegistry(folder, manifest), /the backup B was altered: its registry/);
    fs.rmSync(file());
    await assert.rejects(readRegistry(folder, manifest), /the backup B is incomplete: it has no registry\.json\.gz/);
  });

  it("may be missing, also in backups of earlier releases", () => {
    assert.equal(registryText({}), "no registry of Nacos: it was made before backups had one");
    assert.equal(registryText({ registry: { missing: "no answer" } }), "no registry of Nacos: no answer");
  });

  it("must have a size and a checksum in the manifest", () => {
    const text = (more: object): string =>
      JSON.stringify({
        format: 1,
        name: "20261121T120000Z",
        server: { version: "9.7.4" },
        startedAt: "",
        finishedAt: "",
        gtidExecuted: "",
        databases: ["nacos"],
        tables: [],
        dump: { bytes: 1, sha256: "0".repeat(64) },
        ...more,
      });
    for (const known of [{}, { registry: { missing: "no answer" } }, { registry: manifest.registry }])
      assert.doesNotThrow(() => parseManifest(text(known)));
    assert.throws(() => parseManifest(text({ registry: { bytes: 1 } })), /size or checksum of the registry is missing/);
  });
});
