import { X509Certificate } from "node:crypto";
import * as net from "node:net";
import * as tls from "node:tls";
import type { ServerAddress } from "./address";
import type { Metric } from "../prometheus";

/** Warnings begin this long before a certificate expires. An update renews it in its last 60 days. */
const WARNING_DAYS = 30;
const DAY_MS = 86_400_000;
/** How often the controller checks the certificates. Each check is a connection without a login, which MySQL counts as aborted. */
const LOOK_MS = 300_000;
/** The same for a server that did not answer. */
const RETRY_MS = 15_000;
const ANSWER_MS = 3000;
const RUNBOOK = "docs/runbooks/mysql-certificates.md";

/** When the certificates that a server presents expire. */
export interface CertificateEnds {
  readonly server: Date;
  /** When the CA that signed it expires; undefined if that CA is not in the bundle that clients trust. */
  readonly ca: Date | undefined;
}

/** A server that presents a certificate. */
export interface Certified {
  readonly name: string;
  certificates(): Promise<CertificateEnds>;
}

/** @param bundle CAs that clients trust, PEM. */
export function endsOf(certificate: X509Certificate, bundle: string): CertificateEnds {
  const signers = (bundle.match(/-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs) ?? [])
    .map((pem) => new X509Certificate(pem))
    .filter((ca) => certificate.checkIssued(ca) && certificate.verify(ca.publicKey))
    .map((ca) => Date.parse(ca.validTo));
  return {
    server: new Date(certificate.validTo),
    ca: signers.length === 0 ? undefined : new Date(Math.max(...signers)),
  };
}

/**
 * The certificate that a server presents now, trusted or not. The only thing that is sent is the request to encrypt.
 *
 * @throws if it presents none within seconds.
 */
export function presentedCertificate({ host, port }: ServerAddress): Promise<X509Certificate> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port });
    const end = (error: Error | undefined, certificate?: X509Certificate): void => {
      clearTimeout(timer);
      socket.destroy();
      if (certificate === undefined) reject(error ?? new Error("the server presents no certificate"));
      else resolve(certificate);
    };
    const timer = setTimeout(
      () => end(new Error(`the server presents no certificate within ${ANSWER_MS / 1000} s`)),
      ANSWER_MS,
    );
    let greeting = Buffer.alloc(0);
    socket.on("error", end).on("close", () => end(undefined));
    socket.on("data", (data) => {
      greeting = Buffer.concat([greeting, data]);
      if (greeting.length < 5 || greeting.length < 4 + greeting.readUIntLE(0, 3)) return;
      if (greeting[4] === 0xff)
        return end(new Error(`the server refuses connections: ${greeting.subarray(7).toString()}`));
      socket.removeAllListeners("data");
      socket.write(sslRequest());
      // Trust is not checked here: an expired certificate is exactly what this looks for.
      const encrypted = tls.connect({ socket, rejectUnauthorized: false }, () =>
        end(undefined, encrypted.getPeerX509Certificate()),
      );
      encrypted.on("error", end);
    });
  });
}

/** MySQL's SSL request packet: capabilities (4.1 protocol, TLS, authentication by plugins), packet size, character set. */
function sslRequest(): Buffer {
  const packet = Buffer.alloc(4 + 32);
  packet.writeUIntLE(32, 0, 3);
  packet[3] = 1; // the packet's number: the greeting is 0
  packet.writeUInt32LE(0x0000_0200 | 0x0000_0800 | 0x0008_0000, 4);
  packet.writeUInt32LE(0x0100_0000, 8);
  packet[12] = 45; // utf8mb4
  return packet;
}

/** What an operator should know about certificates. Servers with the same problem share one line. */
export function certificateProblems(ends: ReadonlyMap<string, CertificateEnds>, now: number): string[] {
  const lines = new Map<string, string[]>();
  const note = (line: string | undefined, server: string): void => {
    if (line !== undefined) lines.set(line, [...(lines.get(line) ?? []), server]);
  };
  for (const [server, { server: end, ca }] of ends) {
    note(ending("the certificate of %", end, "new connections", now), server);
    if (ca === undefined)
      note(
        `the certificate of % is signed by a CA that clients do not trust: run \`pulumi up --refresh\`, see ${RUNBOOK}`,
        server,
      );
    else note(ending("the CA's certificate", ca, "new connections to every server", now), server);
  }
  return [...lines].map(([line, servers]) => line.replace("%", servers.join(", ")));
}

function ending(what: string, end: Date, fails: string, now: number): string | undefined {
  const days = Math.floor((end.getTime() - now) / DAY_MS);
  if (days >= WARNING_DAYS) return undefined;
  const date = end.toISOString().slice(0, 16).replace("T", " ");
  if (end.getTime() <= now)
    return `${what} expired on ${date} UTC, and ${fails} fail: \`pulumi up\` renews it, see ${RUNBOOK}`;
  return `${what} expires on ${date} UTC: any update until then (\`pulumi up\`) renews it, see ${RUNBOOK}`;
}

/** Checks the servers' certificates regularly, for metrics and problems. */
export class CertificateWatch {
  private readonly seen = new Map<string, CertificateEnds>();
  private readonly looked = new Map<string, number>();

  constructor(private readonly servers: readonly Certified[]) {}

  /** Checks now, and regularly from then on. */
  start(): void {
    void this.look();
    setInterval(() => void this.look(), RETRY_MS).unref();
  }

  /** Checks the servers that are due. If a server does not answer, the certificate that it presented last still counts. */
  async look(now = Date.now()): Promise<void> {
    const due = this.servers.filter(({ name }) => now - (this.looked.get(name) ?? -Infinity) >= LOOK_MS);
    await Promise.all(
      due.map(async (server) => {
        const ends = await server.certificates().catch(() => undefined);
        if (ends === undefined) return;
        this.seen.set(server.name, ends);
        this.looked.set(server.name, now);
      }),
    );
  }

  /** In the servers' order, so that the messages stay the same. */
  private get ends(): Map<string, CertificateEnds> {
    return new Map(
      this.servers.flatMap(({ name }) => {
        const ends = this.seen.get(name);
        return ends === undefined ? [] : [[name, ends] as const];
      }),
    );
  }

  problems(now = Date.now()): string[] {
    return certificateProblems(this.ends, now);
  }

  metrics(): Metric[] {
    const metric = (name: string, help: string, end: (ends: CertificateEnds) => Date | undefined): Metric[] =>
      [...this.ends].flatMap(([server, ends]) => {
        const date = end(ends);
        return date === undefined ? [] : [{ name, help, labels: { server }, value: date.getTime() / 1000 }];
      });
    return [
      ...metric(
        "certificate_not_after_timestamp_seconds",
        "When the certificate that the server presents expires.",
        ({ server }) => server,
      ),
      ...metric(
        "ca_certificate_not_after_timestamp_seconds",
        "When the certificate of the CA expires that signed the server's certificate.",
        ({ ca }) => ca,
      ),
    ];
  }
}
