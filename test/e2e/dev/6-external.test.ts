import assert from "node:assert/strict";
import * as fs from "node:fs";
import type { AddressInfo, Server } from "node:net";
import * as path from "node:path";
import { openForward } from "../../../clients/kubernetes/forward";
import { kubeconfigFrom } from "../../../clients/kubernetes/kubeconfig";
import { requireCluster } from "../../../sandbox/cluster/cluster";
import { readSecret } from "../../../sandbox/cluster/kubectl";
import { loadSession } from "../../../sandbox/commands/session";
import { Stack } from "../../../sandbox/deploy/stack";
import { embeddedTarget, type Target } from "../../../sandbox/deploy/target";
import { waitFor } from "../../../sandbox/exec";
import { checkout } from "../../../sandbox/paths";
import { dev, live, Live, refusal, temporaryFolder } from "../support/environments";
import { managedMySql, type ManagedMySql } from "../support/managed-mysql";
import { NacosClient } from "../support/nacos-client";
import { ops } from "../support/ops";

const NAMESPACE = "external";

describe("a stack with an external MySQL @drill", () => {
  let environment: Live;
  let managed: ManagedMySql;
  let stack: Stack;
  const forwards: Server[] = [];
  let folder: string;
  let project: string;

  const forward = async (namespace: string, to: { service: string }, port: number): Promise<number> => {
    const server = await openForward(kubeconfigFrom(environment.kubeconfig), { listen: 0, namespace, to, port });
    forwards.push(server);
    return (server.address() as AddressInfo).port;
  };

  /** The dev cluster, with a configuration of this test's own. */
  const targetOf = (): Target => {
    const cluster = requireCluster(dev.cluster);
    const { images, tools } = loadSession(cluster);
    const target = embeddedTarget(cluster, images, tools);
    const { host, port, caCertificates, user, password } = managed;
    return {
      ...target,
      dir: folder,
      project,
      pulumi: { ...target.pulumi, PULUMI_BACKEND_URL: `file://${project}` },
      config: () => ({
        "nacos-platform:environment": "dev",
        "nacos-platform:kubeContext": cluster.context,
        "nacos-platform:namespace": NAMESPACE,
        "nacos-platform:mysql": {
          image: images.mysql.ref,
          storageClass: "embedded-local",
          mode: "external",
          host,
          port,
          caCertificates,
          user,
        },
        "nacos-platform:nacos": {
          image: images.nacos.ref,
          storageClass: "embedded-local",
          resources: { limits: { cpu: "2" } },
        },
        "nacos-platform:images": {
          node: images.node.ref,
          mysqldExporter: images["mysqld-exporter"].ref,
          rclone: images.rclone.ref,
        },
      }),
      secrets: () => ({ "nacos-platform:mysql.password": password }),
    };
  };
  const up = () => stack.pulumi(["up", "--yes", "--skip-preview", "--non-interactive", "--suppress-progress"]);
  const namespaced = (...args: string[]) => environment.kubectl(["--namespace", NAMESPACE, ...args]);
  const mysql = (command: string, ...words: string[]) => ops({ ...environment, stack }, "mysql", command, ...words);

  before(async () => {
    folder = temporaryFolder(dev, "external");
    project = path.join(folder, "project");
    environment = await live(dev);
    managed = await managedMySql(dev, environment, ["--gtid-mode=ON_PERMISSIVE", "--max-connections=25"]);
    const { tools } = loadSession(requireCluster(dev.cluster));
    fs.mkdirSync(project);
    fs.copyFileSync(path.join(checkout, "Pulumi.yaml"), path.join(project, "Pulumi.yaml"));
    stack = new Stack(targetOf(), tools, "dev-external");
    await stack.prepare();
  });

  after(async () => {
    for (const server of forwards) server.close();
    fs.rmSync(folder, { recursive: true });
    await managed.delete();
  });

  it("is refused if that server is not suitable, with everything that is wrong, before anything is created there", async () => {
    const said = await refusal(up());
    assert.match(said, /cannot be used: \| - gtid_mode is ON_PERMISSIVE, .*set it to ON/);
    assert.match(said, /- max_connections is 25, and the platform may open 30 /);
    assert.doesNotMatch(await managed.owner("SHOW DATABASES; SELECT user FROM mysql.user"), /nacos|backup/);
  });

  it("runs on it, without another MySQL server", async () => {
    await managed.owner("SET GLOBAL gtid_mode = ON; SET GLOBAL max_connections = 100");
    await up();
    assert.equal(
      await namespaced("get", "statefulsets,deployments", "-o", "name"),
      "statefulset.apps/nacos\ndeployment.apps/mysql-controller\n",
    );
    const secret = (key: string) => readSecret(environment.kubectl, NAMESPACE, "nacos-admin", key);
    const ports = { ...environment.ports, nacos: await forward(NAMESPACE, { service: "nacos" }, 8848) };
    const nacos = NacosClient.with(
      { ...environment, ports },
      { username: await secret("username"), password: await secret("password") },
    );
    await waitFor(
      "Nacos to accept its administrator's login",
      60,
      async () => (await nacos.publish("greeting", "from-outside")).status === 200,
    );
    assert.equal(
      await managed.owner("SELECT DISTINCT content FROM nacos.config_info WHERE data_id = 'greeting'"),
      "from-outside",
    );
  });

  it("leaves the servers to those who run them", async () => {
    for (const command of ["status", "failover", "pause"])
      assert.match(
        await refusal(mysql(command)),
        /refused: the MySQL of stack dev-external is external: this command works only for servers that the stack runs itself/,
      );
    assert.match(await refusal(mysql("tunnel")), /no tunnel of this project leads to it/);
  });

  it("is backed up without a lock, verified, and restored", async () => {
    // Commits without a pause for a while: as long as they continue, no two snapshots agree.
    const commits = Array<string>(400).fill("INSERT INTO busy.moments VALUES (); DO SLEEP(0.05);").join("\n");
    await managed.owner("CREATE DATABASE busy; CREATE TABLE busy.moments (id INT AUTO_INCREMENT PRIMARY KEY)");
    await managed.owner(`CREATE DEFINER = '${managed.user}'@'%' VIEW busy.seen AS SELECT id FROM busy.moments`);
    const writing = managed.owner(commits);
    const said = await mysql("backup");
    await writing;
    assert.match(said, /is complete/);
    assert.match(
      await namespaced("logs", /Job (\S+) has started/.exec(said)?.[1].replace(/^/, "job/") ?? ""),
      /something was committed meanwhile, at attempt 1 of 100/,
    );
    assert.match(await mysql("verify"), /restores: \d+ tables, [1-9]\d* rows/);
    const metrics = await namespaced(
      "exec",
      "deployment/mysql-controller",
      "--",
      "node",
      "-e",
      "fetch('http://127.0.0.1:8080/metrics').then((answer) => answer.text()).then(console.log)",
    );
    assert.match(metrics, /^nacos_platform_mysql_verify_last_success_timestamp_seconds [1-9]\d+$/m);
    assert.match(metrics, /^nacos_platform_mysql_backup_failed 0$/m);
    const moment = new Date().toISOString();
    await managed.owner("UPDATE nacos.config_info SET content = 'a mistake'");
    const restore = () => mysql("restore", "--to", moment, "--in-place", "--confirm", NAMESPACE);
    assert.match(await refusal(restore()), /nothing was restored: the primary would refuse busy: .*denied/);
    assert.equal(
      await managed.owner(
        "SELECT DISTINCT content FROM nacos.config_info WHERE data_id = 'greeting'; SHOW DATABASES LIKE '%rehearsal'",
      ),
      "a mistake",
    );
    await managed.owner("GRANT SET_ANY_DEFINER ON *.* TO 'restore'@'%'");
    await restore();
    assert.equal(
      await managed.owner("SELECT DISTINCT content FROM nacos.config_info WHERE data_id = 'greeting'"),
      "from-outside",
    );
  });

  it("can change Nacos' password there, and the old one is no longer valid", async () => {
    const password = () => readSecret(environment.kubectl, NAMESPACE, "mysql-runtime", "password");
    const login = (word: string) =>
      environment.kubectl(
        [
          "--namespace",
          managed.namespace,
          "exec",
          "-i",
          managed.pod,
          "--",
          "mysql",
          "--defaults-file=/dev/stdin",
          "--execute",
          "DO 1",
        ],
        `[client]\nuser=nacos\npassword=${word}\nhost=127.0.0.1\nport=${managed.port}\nssl-mode=REQUIRED\n`,
      );
    await namespaced("wait", "--for=jsonpath={.status.availableReplicas}=1", "statefulset/nacos", "--timeout=300s"); // it has just been restored
    const before = await password();
    assert.match(
      await ops(
        { ...environment, stack },
        "secrets",
        "rotate",
        "--secret",
        "mysql-runtime",
        "--",
        "--yes",
        "--non-interactive",
        "--suppress-progress",
      ),
      /the old one is no longer valid/,
    );
    await login(await password());
    assert.match(await refusal(login(before)), /Access denied/);
  });

  it("leaves its accounts and the data when it is destroyed", async () => {
    await stack.destroy();
    assert.match(
      await managed.owner("SELECT GROUP_CONCAT(user ORDER BY user) FROM mysql.user"),
      /backup.*nacos.*restore/,
    );
    assert.equal(
      await managed.owner("SELECT DISTINCT content FROM nacos.config_info WHERE data_id = 'greeting'"),
      "from-outside",
    );
  });
});
