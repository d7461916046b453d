import assert from "node:assert/strict";
import { BootstrapAccounts, clientOptions, initSql } from "../../../../components/mysql/bootstrap-accounts";
import { IDENTITIES } from "../../../../contract/identities";
import { record, settle, type Recording, type Tree } from "../../../support/recorder";

const SECRET = "kubernetes:core/v1:Secret";
const PASSWORD = "random:index/randomPassword:RandomPassword";

describe("MySQL's accounts", () => {
  const passwords = {
    root: "ROOT",
    probe: "PROBE",
    tls: "TLS",
    monitor: "MONITOR",
    control: "CONTROL",
    replication: "REPLICATION",
    admin: "ADMIN",
    restore: "RESTORE",
  };
  const sql = initSql(passwords).split("\n");

  it("are created by statements that may be repeated, one per line, without the binary log", () => {
    assert.deepEqual(sql, [
      "SET sql_log_bin=0;",
      "ALTER USER 'root'@'localhost' IDENTIFIED BY 'ROOT';",
      "CREATE USER IF NOT EXISTS 'probe'@'localhost' IDENTIFIED BY 'PROBE';",
      "ALTER USER 'probe'@'localhost' IDENTIFIED BY 'PROBE';",
      "GRANT SELECT ON performance_schema.replication_connection_status TO 'probe'@'localhost';",
      "GRANT SELECT ON performance_schema.replication_applier_status TO 'probe'@'localhost';",
      "GRANT SELECT ON performance_schema.replication_applier_status_by_worker TO 'probe'@'localhost';",
      "CREATE USER IF NOT EXISTS 'platform_tls'@'localhost' IDENTIFIED BY 'TLS';",
      "ALTER USER 'platform_tls'@'localhost' IDENTIFIED BY 'TLS';",
      "GRANT CONNECTION_ADMIN ON *.* TO 'platform_tls'@'localhost';",
      "CREATE USER IF NOT EXISTS 'monitor'@'localhost' IDENTIFIED BY 'MONITOR';",
      "ALTER USER 'monitor'@'localhost' IDENTIFIED BY 'MONITOR';",
      "GRANT PROCESS, REPLICATION CLIENT ON *.* TO 'monitor'@'localhost';",
      "GRANT SELECT ON performance_schema.* TO 'monitor'@'localhost';",
      "CREATE USER IF NOT EXISTS 'platform_control'@'%' IDENTIFIED BY 'CONTROL' REQUIRE SSL;",
      "ALTER USER 'platform_control'@'%' IDENTIFIED BY 'CONTROL' REQUIRE SSL;",
      "GRANT RELOAD, PROCESS, SHUTDOWN, REPLICATION CLIENT, REPLICATION_SLAVE_ADMIN, SYSTEM_VARIABLES_ADMIN, CONNECTION_ADMIN, SYSTEM_USER, CLONE_ADMIN, BACKUP_ADMIN, REPLICATION SLAVE ON *.* TO 'platform_control'@'%';",
      "GRANT SELECT ON performance_schema.* TO 'platform_control'@'%';",
      "CREATE USER IF NOT EXISTS 'replica'@'%' IDENTIFIED BY 'REPLICATION' REQUIRE SSL;",
      "ALTER USER 'replica'@'%' IDENTIFIED BY 'REPLICATION' REQUIRE SSL;",
      "GRANT REPLICATION SLAVE ON *.* TO 'replica'@'%';",
      "CREATE USER IF NOT EXISTS 'platform_admin'@'%' IDENTIFIED BY 'ADMIN' REQUIRE SSL;",
      "ALTER USER 'platform_admin'@'%' IDENTIFIED BY 'ADMIN' REQUIRE SSL;",
      "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES, SHOW VIEW, TRIGGER, EVENT, RELOAD, PROCESS, REPLICATION CLIENT, REPLICATION SLAVE, CREATE USER, CREATE ROLE, DROP ROLE ON *.* TO 'platform_admin'@'%' WITH GRANT OPTION;",
      "GRANT ROLE_ADMIN, APPLICATION_PASSWORD_ADMIN ON *.* TO 'platform_admin'@'%' WITH GRANT OPTION;",
      "CREATE USER IF NOT EXISTS 'restore'@'%' IDENTIFIED BY 'RESTORE' REQUIRE SSL;",
      "ALTER USER 'restore'@'%' IDENTIFIED BY 'RESTORE' REQUIRE SSL;",
      "GRANT ALL PRIVILEGES ON *.* TO 'restore'@'%';",
      "",
    ]);
  });

  it("that log in remotely must use TLS, in every statement", () => {
    const remote = sql.filter((line) => /^(CREATE|ALTER) USER .*@'%'/.test(line));
    assert.equal(remote.length, 8);
    assert.deepEqual(
      remote.filter((line) => !line.endsWith(" REQUIRE SSL;")),
      [],
    );
  });

  it("log in over the socket inside the pod, and remotely over TLS with a verified server name", () => {
    assert.equal(
      clientOptions({ user: "probe", password: "x" }),
      "[client]\nuser=probe\npassword=x\nsocket=/run/mysqld/mysqld.sock\ndefault-character-set=utf8mb4\n[mysql]\nconnect-timeout=5\n",
    );
    assert.equal(
      clientOptions({ user: "a", password: "x", server: { host: "mysql.x.svc", port: 3306 } }),
      "[client]\nuser=a\npassword=x\nhost=mysql.x.svc\nport=3306\nprotocol=TCP\nssl-mode=VERIFY_IDENTITY\nssl-ca=/ca/ca.crt\ndefault-character-set=utf8mb4\n[mysql]\nconnect-timeout=5\n",
    );
  });
});

describe("BootstrapAccounts", () => {
  let recording: Recording<BootstrapAccounts>;
  before(
    async () =>
      (recording = await record(
        () =>
          new BootstrapAccounts("accounts", {
            base: "mysql",
            identity: { ...IDENTITIES.mysql, instance: "mysql" },
            namespace: "nacos-x",
            host: "mysql.x.svc",
            protect: true,
          }),
      )),
  );

  const roles = ["admin", "control", "monitor", "probe", "replication", "restore", "root", "tls"];
  const password = (role: string): string => `password-of-accounts-${role}-password`;
  const data = (name: string): Tree => recording.one(SECRET, name).inputs.stringData;

  it("creates a password of 32 letters and digits for each account, protected because servers need it at their start", () => {
    const passwords = recording.all(PASSWORD);
    assert.deepEqual(
      passwords.map((r) => r.name).sort(),
      roles.map((role) => `accounts-${role}-password`),
    );
    for (const { inputs, protect, name } of passwords)
      assert.deepEqual([inputs, protect], [{ length: 32, special: false }, true], name);
  });

  it("puts each password only into the Secret of its reader and that of the servers", () => {
    const holders = (text: string): string[] =>
      recording
        .all(SECRET)
        .filter((r) => JSON.stringify(r.inputs.stringData).includes(text))
        .map((r) => r.inputs.metadata.name as unknown as string)
        .sort();
    assert.deepEqual(Object.fromEntries(roles.map((role) => [role, holders(password(role))])), {
      admin: ["mysql-admin", "mysql-init"],
      control: ["mysql-control", "mysql-init"],
      monitor: ["mysql-init", "mysql-monitor"],
      probe: ["mysql-init", "mysql-probe"],
      replication: ["mysql-control", "mysql-init"],
      restore: ["mysql-init", "mysql-restore"],
      root: ["mysql-init", "mysql-root"],
      tls: ["mysql-init", "mysql-probe"],
    });
  });

  it("gives each reader its file, and sends all of them as secrets", () => {
    assert.deepEqual(data("mysql-root"), { username: "root", password: password("root") });
    assert.deepEqual(data("mysql-restore"), {
      "credentials.json": JSON.stringify({ user: "restore", password: password("restore") }),
      "client.cnf": clientOptions({
        user: "restore",
        password: password("restore"),
        server: { host: "mysql.x.svc", port: 3306 },
      }),
    });
    assert.deepEqual(data("mysql-probe"), {
      "probe.cnf": clientOptions({ user: "probe", password: password("probe") }),
      "tls.cnf": clientOptions({ user: "platform_tls", password: password("tls") }),
    });
    assert.deepEqual(data("mysql-monitor"), {
      "monitor.cnf": clientOptions({ user: "monitor", password: password("monitor") }),
    });
    assert.deepEqual(data("mysql-control"), {
      "control.json": JSON.stringify({ user: "platform_control", password: password("control") }),
      "replication.json": JSON.stringify({ user: "replica", password: password("replication") }),
    });
    assert.deepEqual(data("mysql-admin"), {
      "admin.json": JSON.stringify({ user: "platform_admin", password: password("admin") }),
    });
    const passwords = Object.fromEntries(roles.map((role) => [role, password(role)]));
    assert.deepEqual(data("mysql-init"), { "init.sql": initSql(passwords as Parameters<typeof initSql>[0]) });
    const secrets = recording.all(SECRET);
    assert.equal(secrets.length, 7);
    for (const { name, secretInputs } of secrets) assert.deepEqual(secretInputs, ["stringData"], name);
  });

  it("outputs the names of the Secrets, which are not secret", async () => {
    const { result } = recording;
    const outputs = [
      result.rootSecret,
      result.probeSecret,
      result.controlSecret,
      result.adminSecret,
      result.monitorSecret,
      result.restoreSecret,
      result.initSecret,
    ];
    assert.deepEqual(
      await Promise.all(outputs.map((output) => settle(output))),
      ["root", "probe", "control", "admin", "monitor", "restore", "init"].map((role) => ({
        value: `mysql-${role}`,
        secret: false,
      })),
    );
  });
});
