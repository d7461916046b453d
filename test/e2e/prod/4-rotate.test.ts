import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { createConnection } from "mysql2/promise";
import { openForward } from "../../../clients/kubernetes/forward";
import { kubeconfigFrom } from "../../../clients/kubernetes/kubeconfig";
import { connect } from "../../../clients/mysql/connect";
import { pause } from "../../../clients/pause";
import { checkToken, signIn as nacosSignIn } from "../../../ops/secrets/nacos-access";
import { readSecret } from "../../../sandbox/cluster/kubectl";
import { waitFor } from "../../../sandbox/exec";
import { live, Live, prod } from "../support/environments";
import { NacosClient } from "../support/nacos-client";
import { ops, whole } from "../support/ops";
import { changeSettings } from "../support/stack-file";

describe("the rotation of Nacos' secrets in prod @drill", () => {
  let environment: Live;

  before(async () => {
    environment = await live(prod);
  });

  const password = () => readSecret(environment.kubectl, environment.outputs.namespace, "mysql-runtime", "password");

  const members = ["nacos-0", "nacos-1", "nacos-2"];

  /** Rotates one of Nacos' own secrets and returns what was said. */
  function rotateSecret(secret: string, ...words: string[]): Promise<string> {
    return ops(
      environment,
      "secrets",
      "rotate",
      "--secret",
      secret,
      ...words,
      "--",
      "--yes",
      "--non-interactive",
      "--suppress-progress",
    );
  }

  async function podIds(): Promise<string[]> {
    return (
      await environment.kubectl([
        "--namespace",
        environment.outputs.namespace,
        "get",
        "pods",
        "--selector",
        "app.kubernetes.io/component=server,app.kubernetes.io/name=nacos",
        "-o",
        "jsonpath={.items[*].metadata.uid}",
      ])
    ).split(" ");
  }

  /** When the members' containers started. */
  async function startTimes(): Promise<string[]> {
    const path = "jsonpath={.items[*].status.containerStatuses[0].state.running.startedAt}";
    return (
      await environment.kubectl(["--namespace", environment.outputs.namespace, "get", "pods", ...members, "-o", path])
    ).split(" ");
  }

  /** Calls `use` with the URL of one member, which only that pod answers. */
  async function onMember<T>(pod: string, use: (url: string) => Promise<T>): Promise<T> {
    const server = await openForward(kubeconfigFrom(environment.kubeconfig), {
      listen: 0,
      namespace: environment.outputs.namespace,
      to: { pod },
      port: 8848,
    });
    try {
      return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    } finally {
      server.close();
    }
  }

  async function signIn(word: string): Promise<void> {
    const connection = await createConnection({
      host: "127.0.0.1",
      port: environment.ports.mysql,
      user: "nacos",
      password: word,
      ssl: { rejectUnauthorized: false },
    });
    connection.destroy();
  }

  /** The issuer of the certificate that the primary presents. */
  async function issuer(): Promise<string> {
    const connection = await connect({
      host: "127.0.0.1",
      port: environment.ports.mysql,
      user: "nacos",
      password: await password(),
      ssl: { rejectUnauthorized: false },
      connectTimeout: 10_000,
    });
    try {
      const { stream } = (connection as unknown as { connection: { stream: TLSSocket } }).connection;
      return String(stream.getPeerCertificate().issuer.CN);
    } finally {
      connection.destroy();
    }
  }

  it("of the password for MySQL is noticed by no client that reads and publishes, with a new CA at the same time, and makes the old password invalid", async () => {
    const before = await password();
    assert.equal(await issuer(), "nacos-platform MySQL CA 1");
    changeSettings(environment.stack.configFile, (config) => {
      config["nacos-platform:mysql"].caGeneration = 2;
    });
    const nacos = await NacosClient.signedIn(environment);
    const failures: string[] = [];
    let [rounds, over] = [0, false];
    const using = (async () => {
      for (; !over; rounds++) {
        const published = await nacos.publish("rotation", String(rounds)).catch(String);
        const read = await nacos.read("shared").catch(String);
        for (const answer of [published, read]) {
          if (typeof answer === "string" || answer.status !== 200)
            failures.push(`round ${rounds}: ${JSON.stringify(answer)}`);
        }
      }
    })();
    const previous = await podIds();
    const isInUse = async () => (await podIds()).some((id) => previous.includes(id));
    let connections = 0;
    // As the pools of servers that have not restarted yet do, with the only password that they know.
    const connecting = (async () => {
      for (; !over && (await isInUse()); await pause(1000)) {
        const refused = await signIn(before).then(() => undefined, String);
        if (refused === undefined) connections++;
        else if (refused.includes("Access denied") && (await isInUse()))
          failures.push(`a connection with the old password: ${refused}`);
      }
    })();
    const said = await rotateSecret("mysql-runtime").finally(() => (over = true));
    await Promise.all([using, connecting]);
    assert.ok(connections > 20, String(connections));
    assert.match(said, /the old one is no longer valid/);
    console.log(`      ${rounds} times published and read`);
    assert.ok(rounds > 20);
    assert.deepEqual(failures, []);
    assert.notEqual(await password(), before);
    await signIn(await password());
    await assert.rejects(signIn(before), /Access denied/);
    // MySQL's servers load the new certificate without a restart; Nacos' servers have trusted both CAs since they started.
    await waitFor(
      "MySQL's certificate to be issued by the new CA",
      240,
      async () => (await issuer()) === "nacos-platform MySQL CA 2",
    );
    assert.deepEqual(await nacos.publish("rotation", "over"), { status: 200, body: "true" });
    await whole(environment);
  });

  it("of the administrator's password leaves no server with the old one, and restarts none", async () => {
    const { namespace, secrets } = environment.outputs;
    const [before, started] = [
      await readSecret(environment.kubectl, namespace, secrets.nacosAdmin, "password"),
      await startTimes(),
    ];
    assert.match(await rotateSecret("nacos-admin"), /Nacos' administrator has a new password/);
    assert.deepEqual(await startTimes(), started);
    for (const pod of members) {
      await onMember(pod, async (url) => {
        await assert.rejects(nacosSignIn(url, "nacos", before), /it answers the login with \d+/);
        await nacosSignIn(
          url,
          "nacos",
          await readSecret(environment.kubectl, namespace, secrets.nacosAdmin, "password"),
        );
      });
    }
  });

  it("of the token key and of the servers' identity restarts all servers at once, and none of them refuses another", async () => {
    const { namespace, secrets } = environment.outputs;
    const password = await readSecret(environment.kubectl, namespace, secrets.nacosAdmin, "password");
    const login = await onMember("nacos-0", (url) => nacosSignIn(url, "nacos", password));
    assert.match(await rotateSecret("nacos-token", "--window"), /no token of the old one is valid/);
    for (const pod of members)
      await onMember(pod, (url) => assert.rejects(checkToken(url, login), { message: "it answers a token with 403" }));
    const times = (await startTimes()).map((time) => Date.parse(time));
    assert.ok(Math.max(...times) - Math.min(...times) < 30_000, `the servers started at ${times.join(", ")}`);
    assert.match(await rotateSecret("nacos-identity", "--window"), /has the new identity, and sees all others/);
    const nacos = await NacosClient.signedIn(environment);
    assert.deepEqual(await nacos.publish("rotation", "with new keys"), { status: 200, body: "true" });
    for (const pod of members) {
      await waitFor(`${pod} to have what was published`, 20, () =>
        NacosClient.onMember(
          environment,
          pod,
          async (member) => (await member.read("rotation")).body === "with new keys",
        ),
      );
    }
  });

  it("is neither undone nor repeated by the next update", async () => {
    assert.match(await environment.stack.up(), /Resources:\n\s+\d+ unchanged\n/);
  });
});
