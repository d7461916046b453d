import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Endpoint } from "../../kube/connections";
import { IDENTITIES, labels } from "../../contract/identities";
import { mysqlObjects } from "../../contract/objects";
import type { PodSettings } from "../../kube/pod";
import type { Scraping } from "../../kube/scraping";
import { Controller } from "./controller";
import type { Database } from "./database";

export interface ExternalMySqlArgs {
  readonly namespace: pulumi.Input<string>;
  /** DNS name under which pods reach it. */
  readonly host: string;
  readonly port: number;
  /** Certificates of the CAs that sign its certificate, PEM. */
  readonly caCertificates: string;
  /** An account that may create databases and accounts. */
  readonly user: string;
  readonly password: pulumi.Input<string>;
  /** Addresses to which network policies allow connections to it. */
  readonly cidrs: readonly string[];
  readonly apiServer: Endpoint;
  readonly scraping: Scraping;
  readonly pods: PodSettings;
  /** Node.js image, for the controller, which serves the metrics of backups. */
  readonly nodeImage: pulumi.Input<string>;
}

/** A MySQL that the stack does not run. The stack only creates its CA ConfigMap and Secret, and the controller that serves the metrics of backups. */
export class ExternalMySql extends pulumi.ComponentResource implements Database {
  readonly host: string;
  readonly port: number;
  readonly endpoint: Endpoint;
  readonly servers: readonly string[];
  readonly caConfigMap: pulumi.Output<string>;
  readonly caCertificates: pulumi.Output<string>;
  readonly administratorSecret: pulumi.Output<string>;

  constructor(name: string, args: ExternalMySqlArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nacos-platform:mysql:ExternalMySql", name, {}, opts);

    this.host = args.host;
    this.port = args.port;
    this.endpoint = { name, peers: [{ cidrs: args.cidrs }], ports: [args.port] };
    this.servers = [`${args.host}:${args.port}`];
    this.caCertificates = pulumi.output(args.caCertificates);
    this.administratorSecret = new k8s.core.v1.Secret(
      `${name}-admin`,
      {
        metadata: {
          name: mysqlObjects(name).administrator,
          namespace: args.namespace,
          labels: labels(IDENTITIES.mysql),
        },
        stringData: { "admin.json": pulumi.secret(pulumi.jsonStringify({ user: args.user, password: args.password })) },
      },
      { parent: this },
    ).metadata.name;
    this.caConfigMap = new k8s.core.v1.ConfigMap(
      `${name}-ca`,
      {
        metadata: { name: mysqlObjects(name).ca, namespace: args.namespace, labels: labels(IDENTITIES.mysql) },
        data: { "ca.crt": args.caCertificates },
      },
      { parent: this },
    ).metadata.name;
    new Controller(
      `${name}-controller`,
      {
        base: name,
        identity: { ...IDENTITIES.mysqlController, instance: name },
        namespace: args.namespace,
        pods: args.pods,
        apiServer: args.apiServer,
        scraping: args.scraping,
        image: args.nodeImage,
        settings: { servers: [], hostSuffix: "", semiSync: "preferred", failover: "manual" },
        caConfigMap: this.caConfigMap,
      },
      { parent: this },
    );
    this.registerOutputs({ caConfigMap: this.caConfigMap });
  }
}
