import assert from "node:assert/strict";
import type { TLSSocket } from "node:tls";
import { createConnection } from "mysql2/promise";
import { connect } from "../../../ops/mysql/connect";
import { readSecret } from "../../../sandbox/cluster/kubectl";
import { waitFor } from "../../../sandbox/exec";
import { live, Live, prod } from "../support/environments";
import { NacosClient } from "../support/nacos-client";
import { ops, whole } from "../support/ops";
import { changeSettings } from "../support/stack-file";

describe("the rotation of Nacos' password in prod @drill", () => {
  let environment: Live;

  before(async () => {
    environment = await live(prod);
  });

  const password = () => readSecret(environment.kubectl, environment.outputs.namespace, "mysql-runtime", "password");

  async function signIn(word: string): Promise<void> {
    const connection = await createConnection({ host: "127.0.0.1", port: environment.ports.mysql, user: "nacos", password: word, ssl: { rejectUnauthorized: false } });
    connection.destroy();
  }

  /** Who signed the certificate that the primary shows. */
  async function issuer(): Promise<string> {
    const connection = await connect({ host: "127.0.0.1", port: environment.ports.mysql, user: "nacos", password: await password(), ssl: { rejectUnauthorized: false }, connectTimeout: 10_000 });
    try {
      const { stream } = (connection as unknown as { connection: { stream: TLSSocket } }).connection;
      return String(stream.getPeerCertificate().issuer.CN);
    } finally {
      connection.destroy();
    }
  }

  it("is noticed by nobody who reads and publishes, with a new authority for certificates at the same time, and leaves the old one of no use", async () => {
    const before = await password();
    assert.equal(await issuer(), "nacos-platform MySQL authority 1");
    changeSettings(environment.stack.configFile, (config) => {
      config["nacos-platform:mysql"].certificateAuthority = 2;
    });
    const nacos = await NacosClient.signedIn(environment);
    const failures: string[] = [];
    let [rounds, over] = [0, false];
    const using = (async () => {
      for (; !over; rounds++) {
        const published = await nacos.publish("rotation", String(rounds)).catch(String);
        const read = await nacos.read("shared").catch(String);
        for (const answer of [published, read]) {
          if (typeof answer === "string" || answer.status !== 200) failures.push(`round ${rounds}: ${JSON.stringify(answer)}`);
        }
      }
    })();
    const said = await ops(environment, "secrets", "rotate", "--", "--yes", "--non-interactive", "--suppress-progress").finally(() => (over = true));
    await using;
    assert.match(said, /the old one is of no use any more/);
    console.log(`      ${rounds} times published and read`);
    assert.ok(rounds > 20);
    assert.deepEqual(failures, []);
    assert.notEqual(await password(), before);
    await signIn(await password());
    await assert.rejects(signIn(before), /Access denied/);
    // Servers take the new certificate without a restart; Nacos' servers have trusted both since they started.
    await waitFor("MySQL's certificate to be the new authority's", 240, async () => (await issuer()) === "nacos-platform MySQL authority 2");
    assert.deepEqual(await nacos.publish("rotation", "over"), { status: 200, body: "true" });
    await whole(environment);
  });

  it("is not undone, nor made again, by the next update", async () => {
    assert.match(await environment.stack.up(), /Resources:\n\s+\d+ unchanged\n/);
  });
});
