import assert from "node:assert/strict";
import { once } from "node:events";
import * as net from "node:net";
import { createConnection, type RowDataPacket } from "mysql2/promise";
import { requireCluster } from "../../../sandbox/cluster/cluster";
import { apply, readSecret } from "../../../sandbox/cluster/kubectl";
import { loadSession } from "../../../sandbox/commands/session";
import { waitFor } from "../../../sandbox/exec";
import { describeProviderContract } from "../../contract/mysql-provider";
import { dev, live, Live, refusal } from "../support/environments";
import { administrate } from "../support/mysql";
import { ops } from "../support/ops";
import { changeSettings } from "../support/stack-file";

/** What an application's pod runs: the client, with only what its Secret says. The host can be another. */
const QUESTION = `
from() { cat "/database/$1"; }
mysql --defaults-file=/dev/stdin --connect-timeout=4 --batch --skip-column-names --execute 'SELECT text FROM items' "$(from database)" <<END
[client]
host=\${1:-$(from host)}
port=$(from port)
user=$(from username)
password=$(from password)
ssl-mode=VERIFY_IDENTITY
ssl-ca=/database/ca.crt
END
`;

/** A free port on 127.0.0.1. */
async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  server.close();
  return port;
}

describe("databases for applications @drill", () => {
  let environment: Live;
  const up = (...flags: string[]) => environment.stack.pulumi(["up", "--yes", "--skip-preview", "--non-interactive", "--suppress-progress", ...flags]);
  const secret = (key: string) => readSecret(environment.kubectl, environment.outputs.namespace, "mysql-app-orders", key);

  before(async () => {
    environment = await live(dev);
  });

  after(() => environment.stack.prepare());

  async function query(statement: string): Promise<RowDataPacket[]> {
    const connection = await createConnection({
      host: "127.0.0.1",
      port: environment.ports.mysql,
      user: await secret("username"),
      password: await secret("password"),
      database: await secret("database"),
      ssl: { rejectUnauthorized: false },
    });
    try {
      const [rows] = await connection.query<RowDataPacket[]>(statement);
      return rows;
    } finally {
      await connection.end();
    }
  }

  it("are created with an account that may do everything there and nothing elsewhere", async () => {
    changeSettings(environment.stack.configFile, (config) => {
      Object.assign(config["nacos-platform:mysql"], { applications: ["orders"], clientNamespaceLabels: { "mysql-client": "true" } });
    });
    await up();
    await query("CREATE TABLE items (id INT PRIMARY KEY, text VARCHAR(20))");
    await query("INSERT INTO items VALUES (1, 'kept')");
    await query("ALTER TABLE items ADD COLUMN more INT");
    await assert.rejects(query("SELECT 1 FROM nacos.users"), /denied/);
    await assert.rejects(query("CREATE DATABASE another"), /denied/);
  });

  it("are reachable for pods of namespaces with the labels, over TLS that is verified with the Secret's CA, and for no others", async () => {
    const { kubectl, outputs } = environment;
    const { mysql } = loadSession(requireCluster(dev.cluster)).images;
    const { data } = JSON.parse(await kubectl(["--namespace", outputs.namespace, "get", "secret", "mysql-app-orders", "-o", "json"])) as { data: Record<string, string> };
    const shop = (...args: string[]) => kubectl(["--namespace", "shop", ...args]);
    const ask = (...host: string[]) => shop("exec", "client", "--", "bash", "-ec", QUESTION, "ask", ...host);
    const pod = {
      terminationGracePeriodSeconds: 1,
      containers: [{ name: "client", image: mysql.ref, command: ["sleep", "infinity"], volumeMounts: [{ name: "database", mountPath: "/database" }] }],
      volumes: [{ name: "database", secret: { secretName: "database" } }],
    };
    await apply(kubectl, JSON.stringify({
      apiVersion: "v1",
      kind: "List",
      items: [
        { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } },
        { apiVersion: "v1", kind: "Secret", metadata: { name: "database", namespace: "shop" }, data },
        { apiVersion: "v1", kind: "Pod", metadata: { name: "client", namespace: "shop" }, spec: pod },
      ],
    }));
    try {
      await shop("wait", "--for=condition=Ready", "pod/client", "--timeout=60s");
      assert.match(await refusal(ask()), /ERROR 2003 .*Can't connect to MySQL server/); // it knows the address, and gets no answer
      await kubectl(["label", "namespace", "shop", "mysql-client=true"]);
      await waitFor("an admitted namespace to reach MySQL", 30, () => ask().then(() => true, () => false));
      const writer = await secret("host");
      for (const host of [writer, writer.replace(/^mysql/, "mysql-readers")]) assert.equal(await ask(host), "kept\n");
    } finally {
      await kubectl(["delete", "namespace", "shop", "--wait=false"]);
    }
  });

  it("are unchanged in a second preview and in a refresh", async () => {
    await environment.stack.preview("--expect-no-changes", "--refresh");
  });

  it("accept a new password in place", async () => {
    const before = await secret("password");
    const urn = "urn:pulumi:dev::nacos-platform::nacos-platform:mysql:Applications$random:index/randomPassword:RandomPassword::applications-orders-password";
    await up("--replace", urn);
    assert.notEqual(await secret("password"), before);
    assert.equal((await query("SELECT text FROM items"))[0].text, "kept");
  });

  it("stay with their rows when their application is removed, and its account is deleted", async () => {
    const [username, password] = [await secret("username"), await secret("password")];
    await environment.stack.prepare(); // the configuration without it
    await up();
    const connecting = createConnection({ host: "127.0.0.1", port: environment.ports.mysql, user: username, password, ssl: { rejectUnauthorized: false } });
    await assert.rejects(connecting, /Access denied/);
    await administrate(environment, "SELECT text FROM orders.items");
    await environment.stack.preview("--expect-no-changes");
  });

  it("are previewed without MySQL", async () => {
    changeSettings(environment.stack.configFile, (config) => {
      Object.assign(config["nacos-platform:mysql"], { endpoint: "127.0.0.1:1", applications: ["orders"] });
    });
    try {
      assert.match(await environment.stack.preview(), /mysql:index:User/);
    } finally {
      await environment.stack.prepare();
    }
  });

  /** Runs `work` while MySQL has another password than the stack for the account that creates accounts. */
  async function withAnotherPassword(work: () => Promise<void>): Promise<void> {
    const statements = await readSecret(environment.kubectl, environment.outputs.namespace, "mysql-init", "init.sql");
    const known = /ALTER USER 'platform_admin'@'%' IDENTIFIED BY '\w+' REQUIRE SSL;/.exec(statements)?.[0] ?? "";
    await administrate(environment, "ALTER USER 'platform_admin'@'%' IDENTIFIED BY 'another' REQUIRE SSL");
    try {
      await work();
    } finally {
      await administrate(environment, known);
    }
  }

  it("are refused at once if MySQL does not accept the password, and nothing is changed", async () => {
    await withAnotherPassword(async () => assert.match(await refusal(up()), /refuses the password of platform_admin/));
    await environment.stack.preview("--expect-no-changes");
  });

  it("are created through a tunnel that is open while a command runs, and no command runs if the tunnel cannot log in", async () => {
    const port = await freePort();
    changeSettings(environment.stack.configFile, (config) => {
      config["nacos-platform:mysql"].endpoint = `127.0.0.1:${port}`;
    });
    // MySQL's greeting contains its version.
    const tunnel = () => ops(environment, "mysql", "tunnel", "--", "bash", "-c", `head --bytes=20 < /dev/tcp/127.0.0.1/${port}; echo ran`);
    try {
      assert.match(await tunnel(), /\d+\.\d+\.\d+.*ran/s);
      await assert.rejects(once(net.connect(port, "127.0.0.1"), "connect"), /ECONNREFUSED/);
      await withAnotherPassword(async () => {
        const said = await refusal(tunnel());
        assert.match(said, /^refused: MySQL .* refuses the password of platform_admin/m);
        assert.doesNotMatch(said, /^ran$/m);
      });
    } finally {
      await environment.stack.prepare();
    }
  });

  describeProviderContract(async () => {
    const { kubectl, outputs, ports } = environment;
    const statements = await readSecret(kubectl, outputs.namespace, "mysql-init", "init.sql");
    const password = /ALTER USER 'platform_admin'@'%' IDENTIFIED BY '(\w+)'/.exec(statements)?.[1] ?? "";
    return { host: "127.0.0.1", port: ports.mysql, user: "platform_admin", password, tls: "skip-verify" };
  });
});
