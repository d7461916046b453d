import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { AccountsSettings } from "../../../../contract/account-settings";
import { clientOptions } from "../../../../components/mysql/bootstrap-accounts";
import { PlatformAccounts, type PlatformAccountsArgs } from "../../../../components/mysql/platform-accounts";
import { PODS } from "../../../support/pods";
import { record, settle, type Recording } from "../../../support/recorder";

const SERVER = { host: "mysql.x.svc", port: 3306 };
const SECRET = "kubernetes:core/v1:Secret";

function made(more: Partial<PlatformAccountsArgs>): Promise<Recording<PlatformAccounts>> {
  return record(
    () =>
      new PlatformAccounts("accounts", {
        namespace: "nacos-x",
        kubeContext: "my-cluster",
        pods: PODS,
        nodeImage: "node:24",
        database: {
          ...SERVER,
          endpoint: { name: "mysql", peers: [{ pods: { app: "mysql" } }], ports: [3306] },
          administratorSecret: pulumi.output("mysql-admin"),
          caConfigMap: pulumi.output("mysql-ca"),
        },
        ...more,
      }),
  );
}

function settingsOf(recording: Recording<PlatformAccounts>): AccountsSettings {
  return JSON.parse(
    recording.one("kubernetes:core/v1:ConfigMap", "mysql-accounts").inputs.data["settings.json"] as unknown as string,
  ) as AccountsSettings;
}

describe("what Nacos and the platform's Jobs have in MySQL", () => {
  let recording: Recording<PlatformAccounts>;
  before(async () => (recording = await made({ restoreSecret: pulumi.output("mysql-restore") })));

  const passwordOf = (role: string): string => `password-of-accounts-${role}-password`;

  it("is a database, and three accounts with no more privileges than they need", () => {
    assert.deepEqual(settingsOf(recording), {
      namespace: "nacos-x",
      owner: "nacos-platform/dev",
      server: SERVER,
      database: "nacos",
      accounts: [
        {
          user: "nacos",
          privileges: [{ database: "nacos", privileges: ["SELECT", "INSERT", "UPDATE", "DELETE"] }],
          keepsPrevious: true,
        },
        {
          user: "nacos_schema",
          privileges: [
            { database: "nacos", privileges: ["SELECT", "INSERT", "UPDATE", "CREATE", "ALTER", "INDEX", "REFERENCES"] },
            {
              database: "nacosscratch",
              privileges: ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "INDEX", "REFERENCES"],
            },
          ],
        },
        {
          user: "backup",
          privileges: [
            { database: "*", privileges: ["SELECT", "SHOW VIEW", "TRIGGER", "EVENT", "REPLICATION CLIENT", "RELOAD"] },
          ],
        },
      ],
    });
  });

  it("includes, on an external server, an account for restores, no RELOAD, and a check of its connections", async () => {
    const settings = settingsOf(await made({ connections: 80 }));
    assert.equal(settings.connections, 80);
    assert.deepEqual(
      settings.accounts.map(({ user }) => user),
      ["nacos", "nacos_schema", "backup", "restore"],
    );
    assert.ok(!JSON.stringify(settings).includes("RELOAD"));
  });

  it("is created by a Job that has the passwords of the administrator and of the accounts, and the CAs", () => {
    const { spec } = recording.one("kubernetes:batch/v1:Job", "mysql-accounts").inputs.spec.template as unknown as {
      spec: { containers: { image: string; command: string[]; env?: unknown }[]; volumes: unknown[] };
    };
    assert.deepEqual(
      spec.containers.map(({ image, command, env }) => [image, command, env]),
      [["node:24", ["node", "/code/accounts.js"], undefined]],
    );
    assert.deepEqual(spec.volumes, [
      { name: "code", configMap: { name: "mysql-accounts-code" } },
      { name: "settings", configMap: { name: "mysql-accounts" } },
      { name: "passwords", secret: { secretName: "mysql-accounts", defaultMode: 0o440 } },
      { name: "administrator", secret: { secretName: "mysql-admin", defaultMode: 0o440 } },
      { name: "ca", configMap: { name: "mysql-ca" } },
    ]);
    assert.deepEqual(recording.one(SECRET, "mysql-accounts").inputs.stringData, {
      nacos: passwordOf("runtime"),
      nacos_schema: passwordOf("schema"),
      backup: passwordOf("backup"),
    });
  });

  it("is created again for another password, and reveals nothing of it", () => {
    const [mark] = recording.resources.filter((r) => r.name === "accounts-mark");
    assert.deepEqual(
      [mark.inputs.keepers, mark.secretInputs],
      [{ nacos: passwordOf("runtime"), nacos_schema: passwordOf("schema"), backup: passwordOf("backup") }, ["keepers"]],
    );
  });

  it("gives each reader its file as a secret, and not before MySQL accepts the password", () => {
    const data = (name: string): unknown => recording.one(SECRET, name).inputs.stringData;
    assert.deepEqual(data("mysql-runtime"), { username: "nacos", password: passwordOf("runtime") });
    assert.deepEqual(data("mysql-schema"), {
      "credentials.json": JSON.stringify({ user: "nacos_schema", password: passwordOf("schema") }),
    });
    assert.deepEqual(data("mysql-backup"), {
      "credentials.json": JSON.stringify({ user: "backup", password: passwordOf("backup") }),
      "client.cnf": clientOptions({ user: "backup", password: passwordOf("backup"), server: SERVER }),
    });
    for (const { name, secretInputs, dependsOn } of recording.all(SECRET)) {
      assert.deepEqual(secretInputs, ["stringData"], name);
      assert.equal(dependsOn.includes("accounts-end"), name !== "accounts-passwords", name);
    }
    const carriers = recording.resources.filter((r) => r.secretInputs.length > 0 && r.type !== SECRET);
    assert.deepEqual(
      [...new Set(carriers.map((r) => `${r.type.split(":").at(-1)}: ${r.secretInputs.join()}`))],
      ["RandomId: keepers"],
    );
  });

  it("marks Nacos' password with a text that changes with it, but is not derived from it", async () => {
    const [mark] = recording.resources.filter((r) => r.name === "accounts-runtime-mark");
    assert.deepEqual(mark.inputs, { byteLength: 4, keepers: { password: passwordOf("runtime") } });
    assert.equal((await settle(recording.result.runtimeMark)).secret, false);
  });

  it("has passwords of 32 letters and digits, each only for its reader and the Job", () => {
    const passwords = recording.all("random:index/randomPassword:RandomPassword");
    assert.deepEqual(
      passwords.map((r) => r.name).sort(),
      ["backup", "runtime", "schema"].map((role) => `accounts-${role}-password`),
    );
    for (const { inputs, name } of passwords) {
      assert.deepEqual(inputs, { length: 32, special: false }, name);
      const holders = recording
        .all(SECRET)
        .filter((r) => JSON.stringify(r.inputs.stringData).includes(`password-of-${name}`));
      assert.deepEqual(holders.map((r) => r.name).sort(), [name.replace("-password", ""), "accounts-passwords"].sort());
    }
  });
});
