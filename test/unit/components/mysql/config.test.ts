import assert from "node:assert/strict";
import { ConfigError } from "../../../../config";
import { validate } from "../../../../schema";

type Settings = Record<string, unknown>;

const least = { environment: "dev", kubeContext: "my-cluster", nacos: { storageClass: "fast" } };

/** What is wrong with these settings, one line each. */
function errors(settings: Settings, written?: Settings): string[] {
  const values = Object.entries(settings).map(([key, value]) => [
    `nacos-platform:${key}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  try {
    validate({
      project: "nacos-platform",
      stack: "dev",
      values: Object.fromEntries(values) as Record<string, string>,
      isSecret: written && (() => true),
      written,
    });
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message
      .split("\n")
      .slice(1)
      .map((line) => line.trim());
  }
  return [];
}

const mysql = (more: Settings): Settings => ({ ...least, mysql: { storageClass: "fast", ...more } });

describe("the configuration of an external MySQL", () => {
  const external = {
    mode: "external",
    host: "db.example.com",
    caCertificates: "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    user: "admin",
    password: "hunter2",
  };
  const faults = (more: Settings) =>
    errors(mysql(more), { "nacos-platform:mysql": { ...more, password: { secure: "v1:abc" } } });

  it("requires its keys", () => {
    assert.deepEqual(
      faults({ mode: "external" }).map((line) => line.split(";")[0]),
      ["host", "caCertificates", "user", "password"].map((key) => `nacos-platform:mysql.${key} is not set`),
    );
    assert.deepEqual(faults(external), []);
    assert.match(
      faults({ ...external, caCertificates: "/etc/ca.pem" }).join(),
      /mysql.caCertificates is "\/etc\/ca.pem"; allowed: one or more certificates in PEM/,
    );
  });

  it("has no keys of servers, and servers have none of its keys", () => {
    assert.deepEqual(faults({ ...external, servers: 3 }), [
      "nacos-platform:mysql.servers is not valid here; allowed: with mysql.mode cluster only; fix: pulumi config rm --path 'nacos-platform:mysql.servers'",
    ]);
    assert.match(
      errors(mysql({ mode: "cluster", host: "db.example.com" })).join(),
      /mysql.host is not valid here; allowed: with mysql.mode external only; fix:/,
    );
  });

  it("is recognized if the mode is missing or mistyped, and then only the mode is reported", () => {
    assert.deepEqual(errors(mysql({ host: "db.example.com", port: 3307 })), [
      "nacos-platform:mysql.mode is not set; allowed: cluster, external; keys of external are set; fix: pulumi config set --path nacos-platform:mysql.mode external",
    ]);
    assert.deepEqual(errors(mysql({ ...external, mode: "externl" })), [
      'nacos-platform:mysql.mode is "externl"; allowed: cluster, external; fix: pulumi config set --path nacos-platform:mysql.mode external',
    ]);
    assert.match(
      errors(mysql({ mode: "elsewhere" })).join(),
      /fix: pulumi config set --path nacos-platform:mysql.mode cluster$/,
    );
  });
});

describe("keys of previous versions", () => {
  it("are refused with their new names", () => {
    const found = errors({
      ...mysql({ replicas: 2, backup: { s3: { endpoint: "https://hunter2" }, throwaway: {} } }),
      access: { mysqlCidrs: ["10.0.0.0/8"] },
    });
    assert.deepEqual(found, [
      "nacos-platform:mysql.replicas has another name now; allowed: mysql.servers, which counts the primary too: one more; fix: set it under that name in Pulumi.dev.yaml (an encrypted value can be moved unchanged), then remove this key: pulumi config rm --path 'nacos-platform:mysql.replicas'",
      "nacos-platform:mysql.backup.s3 has another name now; allowed: mysql.backup.offsite; fix: set it under that name in Pulumi.dev.yaml (an encrypted value can be moved unchanged), then remove this key: pulumi config rm --path 'nacos-platform:mysql.backup.s3'",
      "nacos-platform:mysql.backup.throwaway has another name now; allowed: mysql.backup.scratch; fix: set it under that name in Pulumi.dev.yaml (an encrypted value can be moved unchanged), then remove this key: pulumi config rm --path 'nacos-platform:mysql.backup.throwaway'",
      "nacos-platform:access.mysqlCidrs has another name now; allowed: mysql.cidrs, with mysql.mode external; fix: set it under that name in Pulumi.dev.yaml (an encrypted value can be moved unchanged), then remove this key: pulumi config rm --path 'nacos-platform:access.mysqlCidrs'",
    ]);
  });

  it("are refused with an explanation, if they have no successor", () => {
    assert.deepEqual(errors(mysql({ applications: ["orders"], endpoint: "127.0.0.1:13306" })), [
      "nacos-platform:mysql.applications is no longer a key: databases, and who may reach them, belong to the project nacos-tenants: docs/tenants.md; allowed: nothing; fix: pulumi config rm --path 'nacos-platform:mysql.applications'",
      "nacos-platform:mysql.endpoint is no longer a key: a Job in the cluster creates the accounts, and an update needs no connection to MySQL; allowed: nothing; fix: pulumi config rm --path 'nacos-platform:mysql.endpoint'",
    ]);
  });
});
