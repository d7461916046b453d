import type { SslOptions } from "mysql2";

/** Whether an endpoint, `host:port`, is an address on this machine: the local end of a tunnel. */
export function isLocal(endpoint: string): boolean {
  return endpoint.startsWith("127.0.0.1:");
}

/**
 * How a client checks a server at an endpoint. A tunnel is trusted: it ends at the pod, or at an address that an operator chose.
 * The certificate of any other server must contain the endpoint's name.
 *
 * @param caCertificates of the CAs that sign the server's certificate, PEM; none: those that Node.js trusts
 */
export function tlsAt(endpoint: string, caCertificates?: string): SslOptions {
  return isLocal(endpoint) ? { rejectUnauthorized: false } : { ca: caCertificates, verifyIdentity: true };
}
