import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { run, waitFor } from "../../../sandbox/exec";
import { presentedCertificate } from "../../../runtime/mysql-controller/certificates";
import { live, Live, prod, refusal, temporaryFolder } from "../support/environments";
import { administrate } from "../support/mysql";
import { NacosClient, type Answer } from "../support/nacos-client";
import { ops, primaryOf, whole } from "../support/ops";

interface Resource {
  readonly urn: string;
  readonly outputs: Record<string, string>;
}

interface Checkpoint {
  readonly deployment: { readonly resources: Resource[] };
}

const DAY_MS = 86_400_000;
/** Longer than an update, the delivery of a Secret to all pods and their probes take together: MySQL loads no expired certificate. */
const SHORT_MS = 270_000;
/** The least that `openssl ca` needs; `openssl x509` supports whole days only. */
const CA_CONFIG =
  "[ca]\ndefault_ca=own\n[own]\nnew_certs_dir=.\ndatabase=index\nrand_serial=yes\ndefault_md=sha256\npolicy=any\ncopy_extensions=copy\n[any]\ncommonName=supplied\norganizationName=optional\n";
const servers = ["mysql-0", "mysql-1", "mysql-2"];
const all = servers.join(", ");

/**
 * The clock is not changed. Instead, these tests change what Pulumi has recorded of a certificate: its end, or the certificate
 * itself. An update then does what it would do on that day.
 */
describe("MySQL's certificates in prod", () => {
  let environment: Live;

  before(async () => {
    environment = await live(prod);
    await whole(environment);
  });

  const namespaced = (...args: string[]) =>
    environment.kubectl(["--namespace", environment.outputs.namespace, ...args]);
  const metrics = () =>
    namespaced(
      "exec",
      "deployment/mysql-controller",
      "--",
      "node",
      "-e",
      "fetch('http://127.0.0.1:8080/metrics').then((answer) => answer.text()).then(console.log)",
    );
  const presented = () => presentedCertificate({ host: "127.0.0.1", port: environment.ports.mysql });
  const secondsOf = (certificate: X509Certificate) => Date.parse(certificate.validTo) / 1000;
  const recorded = ({ deployment }: Checkpoint, name: string) => {
    const found = deployment.resources.find(({ urn }) => urn.endsWith(`::${name}`));
    assert.ok(found !== undefined, `the state has no ${name}`);
    return found.outputs;
  };
  const state = async (...flags: string[]) =>
    JSON.parse(await environment.stack.pulumi(["stack", "export", ...flags])) as Checkpoint;

  /** Which containers run in which pods, and since when: a restart changes it. */
  const starts = (name: "mysql" | "nacos") =>
    namespaced(
      "get",
      "pods",
      "--selector",
      `app.kubernetes.io/name=${name},app.kubernetes.io/component=server`,
      "--sort-by=.metadata.name",
      "-o",
      'jsonpath={range .items[*]}{.metadata.uid} {.status.containerStatuses[*].state.running.startedAt}{"\\n"}{end}',
    );

  /** Changes what Pulumi has recorded of resources, by their names. */
  async function record(changes: Readonly<Record<string, Record<string, string>>>): Promise<void> {
    const checkpoint = await state();
    for (const [name, outputs] of Object.entries(changes)) Object.assign(recorded(checkpoint, name), outputs);
    await environment.stack.pulumi(["stack", "import"], { input: JSON.stringify(checkpoint) });
  }

  /** A certificate for the servers' key out of the stack's CA, which ends soon. */
  async function shortLived(): Promise<string> {
    const folder = temporaryFolder(prod, "certificate");
    try {
      const checkpoint = await state("--show-secrets");
      const plain = (value: unknown): string =>
        typeof value === "string" ? value : (JSON.parse((value as { plaintext: string }).plaintext) as string);
      const files = {
        "ca.conf": CA_CONFIG,
        index: "",
        "ca.key": recorded(checkpoint, "mysql-tls-ca-1-key").privateKeyPem,
        "ca.crt": recorded(checkpoint, "mysql-tls-ca-1").certPem,
        "tls.csr": recorded(checkpoint, "mysql-tls-request").certRequestPem,
      };
      for (const [file, content] of Object.entries(files))
        fs.writeFileSync(path.join(folder, file), plain(content), { mode: 0o600 });
      const end = new Date(Date.now() + SHORT_MS).toISOString().replace(/[-:T]|\.\d+/g, "");
      return await run(
        "openssl",
        [
          "ca",
          "-batch",
          "-notext",
          "-config",
          "ca.conf",
          "-cert",
          "ca.crt",
          "-keyfile",
          "ca.key",
          "-in",
          "tls.csr",
          "-enddate",
          end,
        ],
        { cwd: folder },
      );
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  }

  const eventually = (what: string, ask: () => Promise<Answer>, isSo: (answer: Answer) => boolean) =>
    waitFor(what, 180, async () => {
      const answer = await ask().catch(() => undefined);
      return answer !== undefined && isSo(answer);
    });

  it("have metrics, as each server presents them, and are reported by status", async () => {
    const certificate = await presented();
    const { certPem } = recorded(await state(), "mysql-tls-ca-1");
    const text = await metrics();
    for (const server of servers) {
      assert.ok(
        text.includes(
          `nacos_platform_mysql_certificate_not_after_timestamp_seconds{server="${server}"} ${secondsOf(certificate)}\n`,
        ),
        text,
      );
      assert.ok(
        text.includes(
          `nacos_platform_mysql_ca_certificate_not_after_timestamp_seconds{server="${server}"} ${secondsOf(new X509Certificate(certPem))}\n`,
        ),
        text,
      );
    }
    const date = new Date(certificate.validTo).toISOString().slice(0, 10);
    assert.match(
      await ops(environment, "mysql", "status"),
      new RegExp(`^certificates: the servers' expire on ${date}, their CA's on \\d{4}-`, "m"),
    );
  });

  it("are renewed by an update in their last 60 days, and the CA's in its last 14 months, while Nacos keeps working @drill", async () => {
    const before = await presented();
    const mysql = await starts("mysql");
    const nacos = await NacosClient.signedIn(environment);
    const inDays = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();
    await record({
      "mysql-tls-certificate": { validityEndTime: inDays(61) },
      "mysql-tls-ca-1": { validityEndTime: inDays(426) },
    });
    await environment.stack.preview("--expect-no-changes");
    await record({
      "mysql-tls-certificate": { validityEndTime: inDays(59) },
      "mysql-tls-ca-1": { validityEndTime: inDays(424) },
    });
    const failures: string[] = [];
    let [rounds, over] = [0, false];
    const using = (async () => {
      for (; !over; rounds++) {
        for (const answer of [
          await nacos.publish("renewal", String(rounds)).catch(String),
          await nacos.read("shared").catch(String),
        ]) {
          if (typeof answer === "string" || answer.status !== 200)
            failures.push(`round ${rounds}: ${JSON.stringify(answer)}`);
        }
      }
    })();
    try {
      await environment.stack.up();
      await waitFor(
        "the primary to present another certificate",
        240,
        async () => (await presented()).fingerprint256 !== before.fingerprint256,
      );
      await whole(environment);
    } finally {
      over = true;
      await using;
    }
    assert.ok(rounds > 20);
    assert.deepEqual(failures, []);
    assert.equal(await starts("mysql"), mysql, "a server of MySQL was started again");
    const after = await state();
    assert.ok(Date.parse(recorded(after, "mysql-tls-ca-1").validityEndTime) > Date.now() + 3640 * DAY_MS);
    assert.ok((await presented()).verify(new X509Certificate(recorded(after, "mysql-tls-ca-1").certPem).publicKey));
  });

  it("may expire: new connections are refused, there is no failover, and an update is enough to fix it @drill", async () => {
    const certificate = await shortLived();
    await record({ "mysql-tls-certificate": { certPem: certificate } });
    await environment.stack.up(); // distributes it; its recorded end is still far away
    const primary = await primaryOf(environment);
    const mysql = await starts("mysql");
    const registry = await starts("nacos");
    const status = () => refusal(ops(environment, "mysql", "status"));
    await waitFor("all servers to present it", 240, async () =>
      (await status().catch(String)).includes(`! the certificate of ${all} expires on `),
    );
    await waitFor("its end", 240, async () => (await status()).includes(`! the certificate of ${all} expired on `));
    const said = await status();
    assert.match(
      said,
      /! the certificate of mysql-0, mysql-1, mysql-2 expired on .* UTC, and new connections fail: `pulumi up` renews it, see docs\/runbooks\/mysql-certificates\.md/,
    );
    console.log(said.replace(/^/gm, "      "));

    // Replicas continue until their source is silent for three seconds. Whether that happens here is not asserted.
    const nacos = await NacosClient.signedIn(environment);
    for (const replica of servers.filter((server) => server !== primary)) {
      console.log(
        `      ${replica} receives: ${await administrate(environment, "SELECT SERVICE_STATE, LAST_ERROR_MESSAGE FROM performance_schema.replication_connection_status", replica)}`,
      );
    }
    const failed = await refusal(ops(environment, "mysql", "backup"));
    assert.match(failed, /no server is fit for a backup/);
    console.log(`      backup: ${failed.trim().split("\n").at(-1) ?? ""}`);

    // A controller that starts now reaches no server. It must not mistake that for a dead primary.
    await namespaced("delete", "pod", "--selector", "app.kubernetes.io/component=controller");
    const log = () => namespaced("logs", "--selector", "app.kubernetes.io/component=controller", "--tail=-1");
    await waitFor("the controller to report what is wrong", 120, async () =>
      (await log().catch(String)).includes(`the certificate of ${all} expired on `),
    );
    assert.match(
      await metrics(),
      /^nacos_platform_mysql_certificate_not_after_timestamp_seconds\{server="mysql-2"\} \d+$/m,
    );
    console.log(`      controller: ${(await log()).trim().split("\n").slice(-3).join("\n      ")}`);
    assert.equal(await primaryOf(environment), primary);

    // The connections of the pools end sooner or later.
    const clients = await administrate(
      environment,
      "SELECT ID FROM performance_schema.processlist WHERE USER = 'nacos'",
      primary,
    );
    for (const id of clients.split("\n")) await administrate(environment, `KILL ${id}`, primary).catch(() => undefined); // it has ended by itself
    await eventually(
      "Nacos to refuse to publish",
      () => nacos.publish("expired", "over new connections"),
      ({ status: answered }) => answered >= 500,
    );
    assert.equal((await nacos.read("shared")).status, 200);

    await record({
      "mysql-tls-certificate": { validityEndTime: new Date(new X509Certificate(certificate).validTo).toISOString() },
    });
    const updated = Date.now();
    await environment.stack.up();
    await whole(environment);
    await eventually(
      "Nacos to publish again",
      () => nacos.publish("expired", "renewed"),
      ({ status: answered }) => answered === 200,
    );
    console.log(`      everything healthy ${Math.round((Date.now() - updated) / 1000)} s after the update began`);
    assert.equal(await primaryOf(environment), primary);
    assert.equal(await starts("mysql"), mysql, "a server of MySQL was started again");
    assert.equal(await starts("nacos"), registry, "a server of Nacos was started again");
    await ops(environment, "mysql", "backup");
  });
});
