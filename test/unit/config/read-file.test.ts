import assert from "node:assert/strict";
import { type PlatformConfig, readFile } from "../../../schema";

type Settings = Record<string, unknown>;

/** A stack file of dev with these settings. */
function file({ mysql, nacos }: { readonly mysql?: Settings; readonly nacos?: Settings }): PlatformConfig {
  const backup = { offsite: { endpoint: "https://s3.example.com", bucket: "nacos-backups" } };
  const settings = {
    environment: "dev",
    kubeContext: "my-cluster",
    mysql: { storageClass: "fast", backup, ...mysql },
    nacos: { storageClass: "fast", ...nacos },
  };
  return readFile(
    "dev",
    Object.fromEntries(Object.entries(settings).map(([key, value]) => [`nacos-platform:${key}`, value])),
  );
}

describe("configuration, for code that deploys nothing", () => {
  it("is read if only rules refuse its values", () => {
    assert.equal(file({ nacos: { replicas: 5, databasePoolSize: 100 } }).nacos.replicas, 5);
    const other = file({ mysql: { replicas: 2, host: "db.example.com", mode: "cluster", unheard: 1 } });
    assert.equal(other.mysql.mode, "cluster");
  });

  it("is refused if a value is invalid", () => {
    assert.throws(() => file({ nacos: { replicas: "many" } }), /nacos\.replicas is "many"/);
  });
});
