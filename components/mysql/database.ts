import type { Endpoint } from "../../kube/connections";
import type * as pulumi from "@pulumi/pulumi";

/** What the rest of the platform knows of MySQL, wherever it runs. */
export interface Database {
  /** DNS name at which clients in the cluster find the primary. Its certificate is made out to this name. */
  readonly host: string;
  readonly port: number;
  /** What pods connect to. */
  readonly endpoint: Endpoint;
  /** Each server's `host:port`; backups choose among them. */
  readonly servers: readonly string[];
  /** Services of the stack's own servers; absent if MySQL is external. */
  readonly services?: { readonly client: pulumi.Output<string>; readonly readers: pulumi.Output<string>; readonly headless: pulumi.Output<string> };
  /** ConfigMap with `ca.crt`, for clients that check whom they talk to. */
  readonly caConfigMap: pulumi.Output<string>;
  /** What is in it, PEM: pods of other namespaces cannot mount it. */
  readonly caCertificates: pulumi.Output<string>;
  /** Secret with `admin.json`: `user` and `password` of the account that makes databases and accounts. */
  readonly administratorSecret: pulumi.Output<string>;
}
