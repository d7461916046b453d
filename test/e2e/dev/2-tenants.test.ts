import assert from "node:assert/strict";
import { createConnection, type RowDataPacket } from "mysql2/promise";
import { parseCredentials, type Credentials } from "../../../contract/credentials";
import type { PlatformOutputs } from "../../../contract/outputs";
import { requireCluster } from "../../../sandbox/cluster/cluster";
import { apply, readSecret } from "../../../sandbox/cluster/kubectl";
import { loadSession, stackOn } from "../../../sandbox/commands/session";
import { TENANTS } from "../../../sandbox/deploy/project";
import type { Stack } from "../../../sandbox/deploy/stack";
import { waitFor } from "../../../sandbox/exec";
import { describeProviderContract } from "../../contract/mysql-provider";
import { dev, live, Live, refusal } from "../support/environments";
import { administrate } from "../support/mysql";
import { changeSettings } from "../support/stack-file";

/** What a tenant's pod runs: the client, with only what its Secret says. The host can be another. */
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

const shop = { databases: ["orders"] };
const pay = { namespace: { mode: "named", name: "payments" }, databases: ["bills"] };

describe("tenants @drill", () => {
  let environment: Live;
  let tenants: Stack;
  let platform: PlatformOutputs;
  let image: string;
  const up = (...flags: string[]) =>
    tenants.pulumi(["up", "--yes", "--skip-preview", "--non-interactive", "--suppress-progress", ...flags]);
  const secret = (key: string, namespace = "shop", name = "mysql-orders") =>
    readSecret(environment.kubectl, namespace, name, key);
  const exists = async (...object: string[]) =>
    (await environment.kubectl(["get", ...object, "--ignore-not-found", "--output=name"])) !== "";

  /** Writes the stack file anew, with these keys. */
  async function configure(settings: Record<string, unknown>): Promise<void> {
    await tenants.prepare();
    changeSettings(tenants.configFile, (config) => {
      for (const [key, value] of Object.entries(settings))
        config[`nacos-tenants:${key}`] = value as Record<string, unknown>;
    });
  }

  before(async () => {
    environment = await live(dev);
    const cluster = requireCluster(dev.cluster);
    const session = loadSession(cluster);
    tenants = stackOn(cluster, session, dev.stack, TENANTS);
    platform = await environment.stack.outputs<PlatformOutputs>();
    image = session.images.mysql.ref;
    await apply(
      environment.kubectl,
      JSON.stringify({
        apiVersion: "v1",
        kind: "List",
        items: ["payments", "stranger"].map((name) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } })),
      }),
    );
  });

  after(async () => {
    await configure({ deletable: ["shop"] });
    await up();
    await tenants.prepare();
    await environment.kubectl(["delete", "namespace", "payments", "stranger", "--wait=false"]);
  });

  /** Logs in to MySQL from outside the cluster. */
  const login = (username: string, password: string, database?: string) =>
    createConnection({
      host: "127.0.0.1",
      port: environment.ports.mysql,
      user: username,
      password,
      database,
      ssl: { rejectUnauthorized: false },
    });

  async function query(statement: string): Promise<RowDataPacket[]> {
    const connection = await login(await secret("username"), await secret("password"), await secret("database"));
    try {
      return (await connection.query<RowDataPacket[]>(statement))[0];
    } finally {
      await connection.end();
    }
  }

  /** A pod that sleeps, in a namespace with a Secret. It keeps to Pod Security `restricted`. */
  async function startClient(namespace: string, secretName: string): Promise<void> {
    const container = {
      name: "client",
      image,
      command: ["sleep", "infinity"],
      volumeMounts: [{ name: "database", mountPath: "/database" }],
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
    };
    await apply(
      environment.kubectl,
      JSON.stringify({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "client", namespace },
        spec: {
          terminationGracePeriodSeconds: 1,
          securityContext: { runAsNonRoot: true, runAsUser: 999, seccompProfile: { type: "RuntimeDefault" } },
          containers: [container],
          volumes: [{ name: "database", secret: { secretName } }],
        },
      }),
    );
    await environment.kubectl([
      "--namespace",
      namespace,
      "wait",
      "--for=condition=Ready",
      "pod/client",
      "--timeout=90s",
    ]);
  }

  const inClient = (namespace: string, script: string, ...args: string[]) =>
    environment.kubectl(["--namespace", namespace, "exec", "client", "--", "bash", "-ec", script, "client", ...args]);
  const askMySql = (namespace: string, ...host: string[]) => inClient(namespace, QUESTION, ...host);
  /** Opens a TCP connection to Nacos' service, and closes it. */
  const reachNacos = (namespace: string) =>
    inClient(
      namespace,
      'timeout 4 bash -c "exec 3<>/dev/tcp/$1/8848"',
      `${platform.nacos.services.client}.${platform.namespace}.svc.cluster.local`,
    );
  const succeeds = (work: Promise<unknown>) =>
    work.then(
      () => true,
      () => false,
    );

  it("get a namespace, and databases with an account that may do everything there and nothing elsewhere", async () => {
    await configure({ tenants: { shop, pay } });
    await up();
    assert.ok(await exists("--namespace", "shop", "resourcequota/tenant"));
    await query("CREATE TABLE items (id INT PRIMARY KEY, text VARCHAR(20))");
    await query("INSERT INTO items VALUES (1, 'kept')");
    await query("ALTER TABLE items ADD COLUMN more INT");
    await assert.rejects(query("SELECT 1 FROM nacos.users"), /denied/);
    await assert.rejects(query("SELECT 1 FROM bills.items"), /denied/);
    await assert.rejects(query("CREATE DATABASE another"), /denied/);
  });

  it("have their Secrets in their namespaces, and none in the platform's", async () => {
    assert.equal(await secret("database"), "orders");
    assert.equal(await secret("database", "payments", "mysql-bills"), "bills");
    assert.ok(!(await exists("--namespace", platform.namespace, "secret/mysql-orders")));
  });

  it("reach MySQL, over TLS that is verified with the Secret's CA, and Nacos, from pods in their namespace", async () => {
    await startClient("shop", "mysql-orders");
    await waitFor("the tenant's pod to reach MySQL", 30, () => succeeds(askMySql("shop")));
    const primary = await secret("host");
    for (const host of [primary, primary.replace(/^mysql/, "mysql-readers")])
      assert.equal(await askMySql("shop", host), "kept\n");
    await waitFor("the tenant's pod to reach Nacos", 30, () => succeeds(reachNacos("shop")));
  });

  it("reach both from a namespace that they had before", async () => {
    await startClient("payments", "mysql-bills");
    await waitFor("the pod to reach MySQL", 30, async () =>
      /items' doesn't exist/.test(await refusal(askMySql("payments"))),
    );
    await waitFor("the pod to reach Nacos", 30, () => succeeds(reachNacos("payments")));
  });

  it("are the only ones: a pod in another namespace reaches neither, even with the Secret", async () => {
    const { data } = JSON.parse(
      await environment.kubectl(["--namespace", "shop", "get", "secret", "mysql-orders", "-o", "json"]),
    ) as { data: Record<string, string> };
    await apply(
      environment.kubectl,
      JSON.stringify({ apiVersion: "v1", kind: "Secret", metadata: { name: "stolen", namespace: "stranger" }, data }),
    );
    await startClient("stranger", "stolen");
    assert.match(await refusal(askMySql("stranger")), /ERROR 2003 .*Can't connect to MySQL server/); // it knows the address, and gets no answer
    assert.equal(await succeeds(reachNacos("stranger")), false);
  });

  it("are unchanged in a second preview and in a refresh", async () => {
    await tenants.preview("--expect-no-changes", "--refresh");
  });

  it("accept a new password in place", async () => {
    const before = await secret("password");
    await up(
      "--replace",
      "urn:pulumi:dev::nacos-tenants::nacos-platform:tenants:Tenant$nacos-platform:tenants:Database$random:index/randomPassword:RandomPassword::orders-password",
    );
    assert.notEqual(await secret("password"), before);
    assert.equal((await query("SELECT text FROM items"))[0].text, "kept");
  });

  it("keep the rows of a database that is taken out, and find them when it is put back; its account is deleted", async () => {
    const [username, password] = [await secret("username"), await secret("password")];
    await configure({ tenants: { shop: {}, pay } });
    await up();
    await assert.rejects(login(username, password), /Access denied/);
    assert.ok(!(await exists("--namespace", "shop", "secret/mysql-orders")));
    assert.equal(await administrate(environment, "SELECT text FROM orders.items"), "kept");
    await tenants.preview("--expect-no-changes");

    await configure({ tenants: { shop, pay } });
    assert.match(await up(), /taken over, with their rows, because MySQL has them already: database orders/);
    assert.equal((await query("SELECT text FROM items"))[0].text, "kept");
    await tenants.preview("--expect-no-changes");
  });

  it("keep the account of a database that moves to another tenant", async () => {
    const before = await secret("password");
    await configure({ tenants: { shop: {}, pay: { ...pay, databases: ["bills", "orders"] } } });
    await up();
    assert.equal(await secret("password", "payments"), before);
    await configure({ tenants: { shop, pay } });
    await up();
    assert.equal(await secret("password"), before);
  });

  it("are not deleted with claims in their namespace: preview and update name these, and change nothing", async () => {
    await apply(
      environment.kubectl,
      JSON.stringify({
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { name: "data-0", namespace: "shop" },
        spec: {
          storageClassName: "embedded-local",
          accessModes: ["ReadWriteOnce"],
          resources: { requests: { storage: "1Gi" } },
        },
      }),
    );
    const refused = /namespace shop would be deleted with PersistentVolumeClaim data-0\..*nacos-tenants:deletable/;
    for (const changed of [{ pay }, { pay, shop: { ...shop, namespace: { mode: "named", name: "stranger" } } }]) {
      await configure({ tenants: changed });
      assert.match(await refusal(tenants.preview()), refused);
    }
    await configure({ tenants: { pay } });
    assert.match(await refusal(up()), refused);
    assert.equal((await query("SELECT text FROM items"))[0].text, "kept"); // with its account and its Secret
    await configure({ tenants: { shop, pay } });
    await up();
    await tenants.preview("--expect-no-changes");
  });

  it("are not destroyed without the program, and not with it either while there are claims", async () => {
    assert.match(await refusal(tenants.pulumi(["destroy", "--yes", "--non-interactive"])), /--run-program/);
    assert.match(
      await refusal(tenants.pulumi(["destroy", "--yes", "--non-interactive", "--run-program"])),
      /would be deleted with PersistentVolumeClaim data-0/,
    );
    assert.ok(await exists("namespace/shop"));
  });

  it("are deleted with them if the stack consents, and find their rows when they are put back", async () => {
    await configure({ tenants: { pay }, deletable: ["shop"] });
    await up();
    assert.ok(!(await exists("namespace/shop")));
    await configure({ tenants: { shop, pay } });
    await up();
    assert.equal((await query("SELECT text FROM items"))[0].text, "kept");
  });

  it("are previewed without MySQL, and the preview says what it does not know", async () => {
    await configure({ endpoint: "127.0.0.1:1", tenants: { shop: { databases: ["orders", "stocks"] }, pay } });
    const said = await tenants.preview();
    assert.match(said, /mysql:index:User stocks-user/);
    assert.match(
      said,
      /MySQL at 127\.0\.0\.1:1 is unreachable: ECONNREFUSED\. It may already have databases bills, orders, stocks;/,
    );
  });

  it("are refused without their platform, or in another stack's namespace, and nothing is changed", async () => {
    await configure({ platform: "organization/nacos-platform/nowhere", tenants: { shop, pay } });
    assert.match(
      await refusal(up()),
      /the platform's stack organization\/nacos-platform\/nowhere cannot be read \(unknown stack/,
    );
    await configure({ tenants: { shop, pay, other: { namespace: { mode: "named", name: platform.namespace } } } });
    assert.match(
      await refusal(up()),
      /tenants\.other\.namespace\.name is namespace nacos-dev, which belongs to the platform/,
    );
    await configure({ tenants: { shop, pay, stranger: {} } });
    assert.match(await refusal(tenants.preview()), /namespace stranger exists, and no stack has created it/);
    await configure({ tenants: { shop, pay } });
    await tenants.preview("--expect-no-changes");
  });

  /** The account with which Pulumi makes databases and accounts. */
  const administrator = async (): Promise<Credentials> =>
    parseCredentials(await secret("admin.json", platform.namespace, platform.secrets.mysqlAdministrator));

  it("are refused at once if MySQL does not accept the password, and nothing is changed", async () => {
    const { user, password } = await administrator();
    const setPassword = (value: string) =>
      administrate(environment, `ALTER USER '${user}'@'%' IDENTIFIED BY '${value}'`);
    await setPassword("another");
    try {
      assert.match(await refusal(up()), new RegExp(`refuses the password of ${user}`));
    } finally {
      await setPassword(password);
    }
    await tenants.preview("--expect-no-changes");
  });

  describeProviderContract(async () => ({
    host: "127.0.0.1",
    port: environment.ports.mysql,
    ...(await administrator()),
    tls: "skip-verify",
  }));
});
