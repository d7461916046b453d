import assert from "node:assert/strict";
import { Tls, type TlsArgs } from "../../../../components/mysql/tls";
import { IDENTITIES } from "../../../../contract/identities";
import { record, settle, type Recorded, type Recording } from "../../../support/recorder";

const args: TlsArgs = {
  base: "mysql",
  identity: { ...IDENTITIES.mysql, instance: "mysql" },
  namespace: "nacos-x",
  serviceDomain: "nacos-x.svc.cluster.local",
  caGeneration: 1,
};
const KEY = "tls:index/privateKey:PrivateKey";
const AUTHORITY = "tls:index/selfSignedCert:SelfSignedCert";
const REQUEST = "tls:index/certRequest:CertRequest";
const CERTIFICATE = "tls:index/locallySignedCert:LocallySignedCert";
const SECRET = "kubernetes:core/v1:Secret";
const CONFIG_MAP = "kubernetes:core/v1:ConfigMap";

describe("MySQL's certificates", () => {
  const made = (more: Partial<TlsArgs> = {}): Promise<Recording<Tls>> =>
    record(() => new Tls("tls", { ...args, ...more }));
  let first: Recording<Tls>;
  before(async () => (first = await made()));

  it("consist of exactly two CAs, one certificate, a Secret and a ConfigMap", () => {
    assert.deepEqual(first.resources.map((r) => `${r.type.split(":").at(-1)} ${r.name}`).sort(), [
      "CertRequest tls-request",
      "ConfigMap tls-ca",
      "LocallySignedCert tls-certificate",
      "PrivateKey tls-ca-1-key",
      "PrivateKey tls-ca-2-key",
      "PrivateKey tls-key",
      "Secret tls-server",
      "SelfSignedCert tls-ca-1",
      "SelfSignedCert tls-ca-2",
      "Tls tls",
    ]);
    assert.deepEqual(
      first.resources.filter((r) => r.name !== "tls" && r.parent !== "tls").map((r) => r.name),
      [],
    );
  });

  it("have keys of curve P-256", () => {
    assert.deepEqual(
      first.all(KEY).map((r) => r.inputs),
      Array(3).fill({ algorithm: "ECDSA", ecdsaCurve: "P256" }),
    );
  });

  it("have CAs that may only sign, for ten years, named by their number, and renewed before anything that they sign outlives them", () => {
    assert.deepEqual(
      first
        .all(AUTHORITY)
        .map((r) => r.inputs)
        .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
      [1, 2].map((number) => ({
        privateKeyPem: `key-of-tls-ca-${number}-key;`,
        isCaCertificate: true,
        subject: { commonName: `nacos-platform MySQL CA ${number}`, organization: "nacos-platform" },
        validityPeriodHours: 87_600,
        earlyRenewalHours: 10_200,
        allowedUses: ["cert_signing", "crl_signing"],
      })),
    );
  });

  it("contain the names of the writer, the readers and every server", () => {
    assert.deepEqual(first.one(REQUEST).inputs, {
      privateKeyPem: "key-of-tls-key;",
      subject: { commonName: "mysql", organization: "nacos-platform" },
      dnsNames: [
        "mysql.nacos-x.svc.cluster.local",
        "mysql-readers.nacos-x.svc.cluster.local",
        "*.mysql-headless.nacos-x.svc.cluster.local",
      ],
    });
  });

  it("are signed for a year, renewed two months early, and valid for replication between servers", () => {
    assert.deepEqual(first.one(CERTIFICATE).inputs, {
      certRequestPem: "request-of-tls-request;",
      caPrivateKeyPem: "key-of-tls-ca-1-key;",
      caCertPem: "certificate-of-tls-ca-1;",
      validityPeriodHours: 8760,
      earlyRenewalHours: 1440,
      allowedUses: ["digital_signature", "server_auth", "client_auth"],
    });
  });

  it("are in a TLS Secret for servers and, without a key, in a ConfigMap for clients, with both CAs in each", async () => {
    const caConfigMap = "certificate-of-tls-ca-1;certificate-of-tls-ca-2;";
    const secret = first.one(SECRET, "mysql-tls");
    assert.equal(secret.inputs.type, "kubernetes.io/tls");
    assert.deepEqual(secret.inputs.stringData, {
      "tls.crt": "certificate-of-tls-certificate;",
      "tls.key": "key-of-tls-key;",
      "ca.crt": caConfigMap,
    });
    assert.deepEqual(first.one(CONFIG_MAP, "mysql-ca").inputs.data, { "ca.crt": caConfigMap });
    assert.deepEqual(await settle(first.result.serverSecret), { value: "mysql-tls", secret: false });
    assert.deepEqual(await settle(first.result.caConfigMap), { value: "mysql-ca", secret: false });
    assert.deepEqual(await settle(first.result.caCertificates), { value: caConfigMap, secret: false });
  });

  it("send every private key as a secret, and nothing else", () => {
    const secrets = (r: Recorded): string => `${r.name}: ${r.secretInputs.join(", ")}`;
    assert.deepEqual(
      first.resources
        .filter((r) => r.secretInputs.length > 0)
        .map(secrets)
        .sort(),
      [
        "tls-ca-1: privateKeyPem",
        "tls-ca-2: privateKeyPem",
        "tls-certificate: caPrivateKeyPem",
        "tls-request: privateKeyPem",
        "tls-server: stringData",
      ],
    );
    const open = first.resources.filter((r) => !r.secretInputs.length);
    assert.ok(!JSON.stringify(open.map((r) => r.inputs)).includes("key-of-"));
  });

  it("change their CA with its number: the next CA, trusted beforehand, becomes the current one and keeps its name", async () => {
    const second = await made({ caGeneration: 2 });
    assert.deepEqual(
      second
        .all(AUTHORITY)
        .map((r) => r.name)
        .sort(),
      ["tls-ca-1", "tls-ca-2", "tls-ca-3"],
    );
    const before = first.all(AUTHORITY).find((r) => r.name === "tls-ca-2");
    assert.deepEqual(second.all(AUTHORITY).find((r) => r.name === "tls-ca-2")?.inputs, before?.inputs);
    assert.equal(second.one(CERTIFICATE).inputs.caPrivateKeyPem, "key-of-tls-ca-2-key;");
    assert.equal(second.one(CERTIFICATE).inputs.caCertPem, "certificate-of-tls-ca-2;");
    assert.deepEqual(second.one(CONFIG_MAP).inputs.data, {
      "ca.crt": "certificate-of-tls-ca-2;certificate-of-tls-ca-3;certificate-of-tls-ca-1;",
    });
  });

  it("remove the CA before the previous one", async () => {
    const third = await made({ caGeneration: 3 });
    assert.deepEqual(
      third
        .all(AUTHORITY)
        .map((r) => r.name)
        .sort(),
      ["tls-ca-2", "tls-ca-3", "tls-ca-4"],
    );
    assert.deepEqual(
      third.resources.filter((r) => r.protect),
      [],
    ); // a protected key could never be deleted
  });
});
