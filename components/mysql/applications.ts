import * as k8s from "@pulumi/kubernetes";
import * as mysql from "@pulumi/mysql";
import * as pulumi from "@pulumi/pulumi";
import { IDENTITIES, labels } from "../../contract/identities";
import { randomPassword } from "../../kube/password";
import { DatabaseAccount } from "./database-account";
import type { Database } from "./database";

/** What an application may do in its own database, tables and their migration included. */
const PRIVILEGES = ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "INDEX", "REFERENCES"];

export interface ApplicationsArgs {
  readonly namespace: pulumi.Input<string>;
  /** Name of each application, of its database and of its account. */
  readonly names: readonly string[];
  readonly provider: mysql.Provider;
  /** The servers, where they are the stack's own: accounts go with them. */
  readonly servers?: pulumi.Resource;
  readonly database: Pick<Database, "host" | "port" | "caCertificates">;
}

/**
 * A database for each application, and an account that may do everything in it and nothing elsewhere. A name that is
 * taken out of the configuration loses its account; its database stays.
 */
export class Applications extends pulumi.ComponentResource {
  /** By application: the Secret with `host`, `port`, `database`, `username`, `password`, and `ca.crt` to check the server by. */
  readonly secrets: Readonly<Record<string, pulumi.Output<string>>>;

  constructor(name: string, args: ApplicationsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nacos-platform:mysql:Applications", name, {}, opts);

    this.secrets = Object.fromEntries(args.names.map((application) => [application, this.makeApplication(`${name}-${application}`, application, args)]));
    this.registerOutputs({ secrets: this.secrets });
  }

  private makeApplication(name: string, application: string, { namespace, provider, servers, database: { host, port, caCertificates } }: ApplicationsArgs): pulumi.Output<string> {
    const own = { parent: this };
    const password = randomPassword(`${name}-password`, own).result;
    const database = new mysql.Database(`${name}-database`, {
      name: application,
      defaultCharacterSet: "utf8mb4",
      defaultCollation: "utf8mb4_0900_ai_ci",
    }, { ...own, provider, deletedWith: servers, retainOnDelete: true });
    new DatabaseAccount(name, {
      user: application, host: "%", password, role: `${application}_owner`, privileges: [{ database: application, privileges: PRIVILEGES }], provider, deletedWith: servers,
    }, { ...own, dependsOn: database });
    return new k8s.core.v1.Secret(`${name}-secret`, {
      metadata: { name: `mysql-app-${application}`, namespace, labels: labels(IDENTITIES.mysql) },
      stringData: { host, port: String(port), database: application, username: application, password, "ca.crt": caCertificates },
    }, own).metadata.name;
  }
}
