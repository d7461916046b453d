import type { Endpoint } from "../../kube/connections";
import type * as pulumi from "@pulumi/pulumi";

/** What the rest of the platform knows of MySQL, in both modes. */
export interface Database {
  /** DNS name under which clients in the cluster reach the primary. Its certificate contains this name. */
  readonly host: string;
  readonly port: number;
  /** What pods connect to. */
  readonly endpoint: Endpoint;
  /** `host:port` of each server. Backups choose one of them. */
  readonly servers: readonly string[];
  /** Services of the servers that the stack runs; absent if MySQL is external. */
  readonly services?: {
    readonly client: pulumi.Output<string>;
    readonly readers: pulumi.Output<string>;
    readonly headless: pulumi.Output<string>;
  };
  /** ConfigMap with `ca.crt`, with which clients verify the server's certificate. */
  readonly caConfigMap: pulumi.Output<string>;
  /** Its content, PEM: pods of other namespaces cannot mount the ConfigMap. */
  readonly caCertificates: pulumi.Output<string>;
  /** Secret with `admin.json`: `user` and `password` of the account that creates databases and accounts. */
  readonly administratorSecret: pulumi.Output<string>;
}
