import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { labels, type Identity } from "../../contract/identities";
import { mysqlObjects } from "../../contract/objects";

export interface TlsArgs {
  /** Name of this MySQL in the cluster: the certificate contains the names of its Services. */
  readonly base: string;
  readonly identity: Identity;
  readonly namespace: pulumi.Input<string>;
  /** DNS suffix of the namespace's Services. */
  readonly serviceDomain: string;
  /** Number of the current CA, which signs. Raising it by one changes the CA; clients trust the next CA beforehand. */
  readonly caGeneration: number;
}

const CA_HOURS = 10 * 365 * 24;
const CERTIFICATE_HOURS = 365 * 24;
/** An update renews a certificate that expires within this time. */
const RENEWAL_HOURS = 60 * 24;
/** The same for a CA, so that no certificate that it signs outlives it. */
const CA_RENEWAL_HOURS = CERTIFICATE_HOURS + RENEWAL_HOURS;

/**
 * The servers' certificate, signed by a CA of the stack. Clients and servers trust three CAs: the current, the next and the
 * previous CA. So a change of the CA interrupts no connection, even if a client or a server has not loaded the new
 * CAs yet.
 *
 * An update also renews a CA's certificate before it expires. The CA keeps its key and name, so that the old and the new
 * certificate both validate everything that the CA has signed. Only another number changes the key.
 */
export class Tls extends pulumi.ComponentResource {
  /** Secret with `tls.crt`, `tls.key` and the CAs' `ca.crt`. */
  readonly serverSecret: pulumi.Output<string>;
  /** ConfigMap with `ca.crt`, for clients. */
  readonly caConfigMap: pulumi.Output<string>;
  /** Its content, PEM. */
  readonly caCertificates: pulumi.Output<string>;

  constructor(name: string, args: TlsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nacos-platform:mysql:Tls", name, {}, opts);

    const own = { parent: this };
    const metadata = { namespace: args.namespace, labels: labels(args.identity) };
    const signing = this.makeCa(name, args.caGeneration);
    const next = this.makeCa(name, args.caGeneration + 1);
    const former = args.caGeneration === 1 ? [] : [this.makeCa(name, args.caGeneration - 1)];
    const bundle = pulumi.concat(...[signing, next, ...former].map(({ certPem }) => certPem));

    const key = new tls.PrivateKey(`${name}-key`, { algorithm: "ECDSA", ecdsaCurve: "P256" }, own);
    const request = new tls.CertRequest(
      `${name}-request`,
      {
        privateKeyPem: key.privateKeyPem,
        subject: { commonName: args.base, organization: "nacos-platform" },
        dnsNames: [args.base, `${args.base}-readers`, `*.${args.base}-headless`].map(
          (host) => `${host}.${args.serviceDomain}`,
        ),
      },
      own,
    );
    const certificate = new tls.LocallySignedCert(
      `${name}-certificate`,
      {
        certRequestPem: request.certRequestPem,
        caPrivateKeyPem: signing.keyPem,
        caCertPem: signing.certPem,
        validityPeriodHours: CERTIFICATE_HOURS,
        earlyRenewalHours: RENEWAL_HOURS,
        allowedUses: ["digital_signature", "server_auth", "client_auth"],
      },
      own,
    );

    this.serverSecret = new k8s.core.v1.Secret(
      `${name}-server`,
      {
        metadata: { ...metadata, name: `${args.base}-tls` },
        type: "kubernetes.io/tls",
        stringData: { "tls.crt": certificate.certPem, "tls.key": key.privateKeyPem, "ca.crt": bundle },
      },
      own,
    ).metadata.name;
    this.caConfigMap = new k8s.core.v1.ConfigMap(
      `${name}-ca`,
      { metadata: { ...metadata, name: mysqlObjects(args.base).ca }, data: { "ca.crt": bundle } },
      own,
    ).metadata.name;
    this.caCertificates = bundle;
    this.registerOutputs({ serverSecret: this.serverSecret, caConfigMap: this.caConfigMap });
  }

  private makeCa(name: string, number: number): { keyPem: pulumi.Output<string>; certPem: pulumi.Output<string> } {
    const key = new tls.PrivateKey(
      `${name}-ca-${number}-key`,
      { algorithm: "ECDSA", ecdsaCurve: "P256" },
      { parent: this },
    );
    const certificate = new tls.SelfSignedCert(
      `${name}-ca-${number}`,
      {
        privateKeyPem: key.privateKeyPem,
        isCaCertificate: true,
        subject: { commonName: `nacos-platform MySQL CA ${number}`, organization: "nacos-platform" },
        validityPeriodHours: CA_HOURS,
        earlyRenewalHours: CA_RENEWAL_HOURS,
        allowedUses: ["cert_signing", "crl_signing"],
      },
      { parent: this },
    );
    return { keyPem: key.privateKeyPem, certPem: certificate.certPem };
  }
}
