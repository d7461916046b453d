import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import * as tls from "node:tls";
import {
  certificateProblems,
  CertificateWatch,
  endsOf,
  presentedCertificate,
  type CertificateEnds,
} from "../../../../runtime/mysql-controller/certificates";

/** What MySQL says first; its content does not matter here. */
const GREETING = Buffer.concat([Buffer.from([6, 0, 0, 0, 10]), Buffer.from("9.7.4")]);
const NOW = Date.parse("2030-01-01T00:00:00Z");
const inDays = (days: number): Date => new Date(NOW + days * 86_400_000);
const all = (ends: CertificateEnds): Map<string, CertificateEnds> =>
  new Map(["mysql-0", "mysql-1"].map((server) => [server, ends]));

describe("the servers' certificates", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "certificates-"));
  const read = (file: string): string => fs.readFileSync(path.join(folder, file), "utf8");
  const servers: net.Server[] = [];

  const openssl = (...args: string[]): void => void execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

  before(() => {
    for (const name of ["ca", "other"])
      openssl(
        "req",
        "-x509",
        ...key,
        "-keyout",
        `${name}.key`,
        "-out",
        `${name}.crt`,
        "-days",
        "20",
        "-subj",
        `/CN=${name}`,
      );
    openssl("req", "-x509", "-key", "ca.key", "-out", "renewed.crt", "-days", "40", "-subj", "/CN=ca");
    openssl("req", ...key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=mysql");
    openssl(
      "x509",
      "-req",
      "-in",
      "server.csr",
      "-CA",
      "ca.crt",
      "-CAkey",
      "ca.key",
      "-days",
      "-1",
      "-out",
      "server.crt",
    );
  });

  after(() => {
    for (const server of servers) server.close();
    fs.rmSync(folder, { recursive: true });
  });

  async function listening(connected: (socket: net.Socket) => void): Promise<{ host: string; port: number }> {
    const server = net.createServer(connected);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return { host: "127.0.0.1", port: (server.address() as net.AddressInfo).port };
  }

  it("are read as they are presented, without a login, even one that has expired", async () => {
    let asked: Buffer = Buffer.alloc(0);
    const address = await listening((socket) => {
      socket.write(GREETING);
      socket.on("readable", () => {
        const request = asked.length === 0 ? (socket.read(36) as Buffer | null) : null; // what follows is TLS already
        if (request === null) return;
        asked = request;
        socket.removeAllListeners("readable");
        new tls.TLSSocket(socket, { isServer: true, key: read("server.key"), cert: read("server.crt") }).on(
          "error",
          () => undefined,
        );
      });
    });
    const seen = await presentedCertificate(address);
    assert.equal(seen.fingerprint256, new X509Certificate(read("server.crt")).fingerprint256);
    assert.ok(Date.parse(seen.validTo) < Date.now());
    assert.deepEqual(
      [asked.length, asked.readUIntLE(0, 3), asked[3], asked.readUInt32LE(4) & 0x800],
      [36, 32, 1, 0x800],
    );
  });

  it("are missed with the server's reason, or with the end of the connection", async () => {
    const refusal = Buffer.concat([Buffer.from([0, 0, 0, 0, 0xff, 0x10, 0x04]), Buffer.from("Too many connections")]);
    refusal.writeUIntLE(refusal.length - 4, 0, 3);
    await assert.rejects(
      presentedCertificate(await listening((socket) => socket.end(refusal))),
      /^Error: the server refuses connections: Too many connections$/,
    );
    await assert.rejects(
      presentedCertificate(await listening((socket) => socket.end())),
      /^Error: the server presents no certificate$/,
    );
    await assert.rejects(presentedCertificate({ host: "127.0.0.1", port: 1 }), /ECONNREFUSED/);
  });

  it("end when they say, and with the CA that signed them; of two certificates of the same CA the later one counts", () => {
    const certificate = new X509Certificate(read("server.crt"));
    const end = (file: string): Date => new Date(new X509Certificate(read(file)).validTo);
    assert.deepEqual(endsOf(certificate, read("other.crt") + read("ca.crt")), {
      server: end("server.crt"),
      ca: end("ca.crt"),
    });
    assert.deepEqual(endsOf(certificate, read("renewed.crt") + read("ca.crt")), {
      server: end("server.crt"),
      ca: end("renewed.crt"),
    });
    assert.deepEqual(endsOf(certificate, read("other.crt")), { server: end("server.crt"), ca: undefined });
  });

  it("are no problem a month before the end", () => {
    assert.deepEqual(certificateProblems(all({ server: inDays(30), ca: inDays(30) }), NOW), []);
  });

  it("are a problem from then on, reported once for all servers, with the fix", () => {
    assert.deepEqual(certificateProblems(all({ server: new Date(inDays(30).getTime() - 1), ca: inDays(400) }), NOW), [
      "the certificate of mysql-0, mysql-1 expires on 2030-01-30 23:59 UTC: any update until then (`pulumi up`) renews it, see docs/runbooks/mysql-certificates.md",
    ]);
    assert.deepEqual(certificateProblems(all({ server: inDays(400), ca: inDays(1) }), NOW), [
      "the CA's certificate expires on 2030-01-02 00:00 UTC: any update until then (`pulumi up`) renews it, see docs/runbooks/mysql-certificates.md",
    ]);
  });

  it("are a problem on the day itself, with what fails", () => {
    const ends = new Map([
      ["mysql-0", { server: inDays(0), ca: inDays(-1) }],
      ["mysql-1", { server: inDays(400), ca: inDays(-1) }],
    ]);
    assert.deepEqual(certificateProblems(ends, NOW), [
      "the certificate of mysql-0 expired on 2030-01-01 00:00 UTC, and new connections fail: `pulumi up` renews it, see docs/runbooks/mysql-certificates.md",
      "the CA's certificate expired on 2029-12-31 00:00 UTC, and new connections to every server fail: `pulumi up` renews it, see docs/runbooks/mysql-certificates.md",
    ]);
  });

  it("are a problem if clients do not trust their CA", () => {
    assert.deepEqual(certificateProblems(new Map([["mysql-0", { server: inDays(400), ca: undefined }]]), NOW), [
      "the certificate of mysql-0 is signed by a CA that clients do not trust: run `pulumi up --refresh`, see docs/runbooks/mysql-certificates.md",
    ]);
  });

  it("are measured for each server, by what it presented last", async () => {
    let [answers, looks] = [false, 0];
    const certificates = (ends: CertificateEnds) => () => {
      looks++;
      return answers ? Promise.resolve(ends) : Promise.reject(new Error("connect ECONNREFUSED"));
    };
    const watch = new CertificateWatch([
      { name: "mysql-0", certificates: certificates({ server: new Date(5000), ca: new Date(9000) }) },
      { name: "mysql-1", certificates: certificates({ server: new Date(6000), ca: undefined }) },
    ]);
    await watch.look(0);
    assert.deepEqual([watch.metrics(), watch.problems(0), looks], [[], [], 2]);
    const times = [
      [1, true, 4],
      [299_999, true, 4],
      [300_001, false, 6],
      [300_002, false, 8],
    ] as const; // one that did not answer is due at once
    for (const [now, answer, asked] of times) {
      answers = answer;
      await watch.look(now);
      assert.equal(looks, asked);
      assert.deepEqual(
        watch.metrics().map(({ name, labels, value }) => [name, labels, value]),
        [
          ["certificate_not_after_timestamp_seconds", { server: "mysql-0" }, 5],
          ["certificate_not_after_timestamp_seconds", { server: "mysql-1" }, 6],
          ["ca_certificate_not_after_timestamp_seconds", { server: "mysql-0" }, 9],
        ],
      );
      assert.equal(watch.problems(0).length, 3); // one for the servers, one for the CA, one for its want
    }
  });
});
