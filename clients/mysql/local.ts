import type { SslOptions } from "mysql2";

/** Whether an endpoint, `host:port`, is an address on this machine: the beginning of a tunnel. */
export function isLocal(endpoint: string): boolean {
  return endpoint.startsWith("127.0.0.1:");
}

/**
 * How a client checks a server at an endpoint. A tunnel is trusted: its end is the pod, or where an operator has put it.
 * Any other server has to prove by its certificate that it has the endpoint's name.
 *
 * @param caCertificates of the CAs that sign the server's certificate, PEM; none: those that Node.js knows
 */
export function tlsAt(endpoint: string, caCertificates?: string): SslOptions {
  return isLocal(endpoint) ? { rejectUnauthorized: false } : { ca: caCertificates, verifyIdentity: true };
}
