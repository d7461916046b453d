import assert from "node:assert/strict";
import { clientOptions, initSql } from "../../../components/mysql/accounts";
import { MySql, mysqlFootprint, type MySqlArgs } from "../../../components/mysql/mysql";
import { items, record, settle, type Recording, type Tree } from "../../support/recorder";

const resources = { requests: { cpu: "200m", memory: "512Mi" }, limits: { cpu: "1", memory: "1Gi" } };
const args: MySqlArgs = {
  namespace: "nacos-x", serviceDomain: "nacos-x.svc.cluster.local", priorityClassName: "nacos-x-platform",
  image: "mysql:8.4.7", resources, storageGiB: 5, storageClass: "fast", maxConnections: 30, binlogRetentionHours: 24, protect: false,
};
const SECRET = "kubernetes:core/v1:Secret";
const STATEFUL_SET = "kubernetes:apps/v1:StatefulSet";

describe("MySQL's accounts", () => {
  const passwords = { root: "ROOT", runtime: "RUNTIME", schema: "SCHEMA", probe: "PROBE" };

  it("are made by statements that may be repeated, one a line, outside the binary log", () => {
    assert.equal(initSql(passwords), [
      "SET sql_log_bin=0;",
      "CREATE DATABASE IF NOT EXISTS `nacos` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;",
      "ALTER USER 'root'@'localhost' IDENTIFIED BY 'ROOT';",
      "CREATE USER IF NOT EXISTS 'nacos'@'%' IDENTIFIED BY 'RUNTIME' REQUIRE SSL;",
      "ALTER USER 'nacos'@'%' IDENTIFIED BY 'RUNTIME' REQUIRE SSL;",
      "GRANT SELECT, INSERT, UPDATE, DELETE ON `nacos`.* TO 'nacos'@'%';",
      "CREATE USER IF NOT EXISTS 'nacos_schema'@'%' IDENTIFIED BY 'SCHEMA' REQUIRE SSL;",
      "ALTER USER 'nacos_schema'@'%' IDENTIFIED BY 'SCHEMA' REQUIRE SSL;",
      "GRANT SELECT, INSERT, UPDATE, CREATE, ALTER, INDEX, REFERENCES ON `nacos`.* TO 'nacos_schema'@'%';",
      "GRANT ALL PRIVILEGES ON `nacos\\_schema\\_check`.* TO 'nacos_schema'@'%';",
      "CREATE USER IF NOT EXISTS 'probe'@'localhost' IDENTIFIED BY 'PROBE';",
      "ALTER USER 'probe'@'localhost' IDENTIFIED BY 'PROBE';",
      "",
    ].join("\n"));
  });

  it("log in over the socket inside the pod and over TLS from elsewhere", () => {
    assert.equal(clientOptions({ user: "probe", password: "x" }),
      "[client]\nuser=probe\npassword=x\nsocket=/run/mysqld/mysqld.sock\ndefault-character-set=utf8mb4\n[mysql]\nconnect-timeout=5\n");
    assert.equal(clientOptions({ user: "a", password: "x", host: "mysql.x.svc" }),
      "[client]\nuser=a\npassword=x\nhost=mysql.x.svc\nport=3306\nprotocol=TCP\nssl-mode=REQUIRED\ndefault-character-set=utf8mb4\n[mysql]\nconnect-timeout=5\n");
  });
});

describe("MySql", () => {
  const made = (more: Partial<MySqlArgs> = {}): Promise<Recording<MySql>> => record(() => new MySql("mysql", { ...args, ...more }));
  const pod = async (): Promise<Tree> => (await made()).one(STATEFUL_SET).inputs.spec.template.spec;

  it("registers exactly what it consists of", async () => {
    const { resources: registered } = await made();
    assert.deepEqual(registered.map((r) => `${r.type.split(":").at(-1)} ${r.name}`).sort(), [
      "Accounts mysql-accounts",
      "ConfigMap mysql-config",
      "ConfigMap mysql-scripts",
      "MySql mysql",
      "RandomPassword mysql-accounts-probe-password",
      "RandomPassword mysql-accounts-root-password",
      "RandomPassword mysql-accounts-runtime-password",
      "RandomPassword mysql-accounts-schema-password",
      "Secret mysql-accounts-init",
      "Secret mysql-accounts-probe",
      "Secret mysql-accounts-root",
      "Secret mysql-accounts-runtime",
      "Secret mysql-accounts-schema",
      "Service mysql-headless",
      "Service mysql-service",
      "ServiceAccount mysql-service-account",
      "StatefulSet mysql-server",
      "StorageClass mysql-storage-class",
    ]);
    assert.deepEqual(registered.filter((r) => r.read).map((r) => r.name), ["mysql-storage-class"]);
  });

  it("sends every Secret's data as a secret", async () => {
    const secrets = (await made()).all(SECRET);
    assert.equal(secrets.length, 5);
    for (const secret of secrets) assert.deepEqual(secret.secretInputs, ["stringData"], secret.name);
  });

  it("keeps each account's password to the Secret of its reader", async () => {
    const recording = await made();
    const data = (name: string): Tree => recording.one(SECRET, name).inputs.stringData;
    assert.deepEqual(data("mysql-root"), { username: "root", password: "password-of-mysql-accounts-root-password" });
    assert.deepEqual(data("mysql-runtime"), { username: "nacos", password: "password-of-mysql-accounts-runtime-password" });
    assert.deepEqual(Object.keys(data("mysql-schema")), ["client.cnf"]);
    assert.deepEqual(Object.keys(data("mysql-probe")), ["probe.cnf"]);
    assert.deepEqual(Object.keys(data("mysql-init")), ["init.sql"]);
  });

  it("makes passwords of 32 letters and digits", async () => {
    for (const password of (await made()).all("random:index/randomPassword:RandomPassword")) {
      assert.deepEqual(password.inputs, { length: 32, special: false });
    }
  });

  it("keeps its volume when the pod, the set or the stack goes", async () => {
    const { spec } = (await made()).one(STATEFUL_SET).inputs;
    assert.deepEqual(spec.persistentVolumeClaimRetentionPolicy, { whenDeleted: "Retain", whenScaled: "Retain" });
    assert.deepEqual(spec.volumeClaimTemplates, [{
      metadata: { name: "data" },
      spec: { accessModes: ["ReadWriteOnce"], storageClassName: "fast", resources: { requests: { storage: "5Gi" } } },
    }]);
  });

  it("runs without privileges, on a read-only root", async () => {
    const spec = await pod();
    assert.deepEqual(spec.securityContext, {
      runAsNonRoot: true, runAsUser: 999, runAsGroup: 999, fsGroup: 999, fsGroupChangePolicy: "OnRootMismatch", seccompProfile: { type: "RuntimeDefault" },
    });
    assert.deepEqual(spec.containers[0].securityContext, {
      allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, runAsNonRoot: true, capabilities: { drop: ["ALL"] },
    });
    assert.equal(spec.automountServiceAccountToken, false);
    assert.equal(spec.enableServiceLinks, false);
  });

  it("probes by a query, and gives a recovery half an hour", async () => {
    const { startupProbe, readinessProbe, livenessProbe } = (await pod()).containers[0];
    assert.deepEqual(readinessProbe.exec.command, ["bash", "/scripts/check-mysql.sh", "ready"]);
    assert.deepEqual(livenessProbe.exec.command, ["bash", "/scripts/check-mysql.sh", "alive"]);
    assert.equal(Number(startupProbe.periodSeconds) * Number(startupProbe.failureThreshold), 1800);
  });

  it("has no password in environment, arguments or ConfigMaps", async () => {
    const recording = await made();
    const shown = JSON.stringify([recording.one(STATEFUL_SET).inputs, ...recording.all("kubernetes:core/v1:ConfigMap").map((r) => r.inputs)]);
    assert.ok(!shown.includes("password-of-"));
  });

  it("rolls the pod when my.cnf changes, and only then", async () => {
    const mark = async (more: Partial<MySqlArgs>): Promise<unknown> =>
      (await made(more)).one(STATEFUL_SET).inputs.spec.template.metadata.annotations["nacos-platform/config"];
    assert.equal(await mark({}), await mark({ storageGiB: 6 }));
    assert.notEqual(await mark({}), await mark({ maxConnections: 31 }));
  });

  it("protects the set and the passwords where asked to", async () => {
    const recording = await made({ protect: true });
    const isProtected = recording.resources.filter((r) => r.protect).map((r) => r.type.split(":").at(-1));
    assert.deepEqual(isProtected.sort(), ["RandomPassword", "RandomPassword", "RandomPassword", "RandomPassword", "StatefulSet"]);
    assert.ok((await made()).resources.every((r) => !r.protect));
  });

  it("has one Service for clients and one for stable names", async () => {
    const recording = await made();
    const headless = recording.one("kubernetes:core/v1:Service", "mysql-headless").inputs.spec;
    assert.deepEqual([headless.clusterIP, headless.publishNotReadyAddresses], ["None", true]);
    const client = recording.one("kubernetes:core/v1:Service", "mysql").inputs.spec;
    assert.deepEqual(items(client.ports).map((p) => p.port), [3306]);
    assert.deepEqual(client.selector, { "app.kubernetes.io/name": "mysql", "app.kubernetes.io/component": "server" });
    assert.deepEqual(await settle(recording.result.address), { value: "mysql.nacos-x.svc.cluster.local:3306", secret: false });
  });

  it("asks for what its footprint says", async () => {
    assert.deepEqual((await pod()).containers[0].resources, mysqlFootprint(args).containers.mysql);
  });
});
