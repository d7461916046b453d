import type { Dns } from "./dns";

/** Version of {@link PlatformOutputs}. It rises if a field is renamed, removed or changes its meaning, but not with a new field. */
export const OUTPUTS_VERSION = 1;

/** Destination of connections in network policies: pods of the platform's namespace, or addresses. */
export interface Destination {
  /** Labels that select the pods; absent if the stack does not run the server. */
  readonly pods?: Readonly<Record<string, string>>;
  /** Absent if the stack runs the server. */
  readonly cidrs?: readonly string[];
  /** TCP ports. */
  readonly ports: readonly number[];
}

/** Where clients outside the cluster connect to. */
export interface ExposedClients {
  /** Service of type NodePort or LoadBalancer. */
  readonly service: string;
  /** Ports of the nodes or of the load balancer. The second is the first + 1000, because clients compute it. */
  readonly ports: readonly [http: number, grpc: number];
}

/** The outputs of a platform stack, for other projects (StackReference). Names and addresses, never a secret. */
export interface PlatformOutputs {
  readonly version: number;
  /** Namespace that contains everything. */
  readonly namespace: string;
  /** Context of the kubeconfig for the stack's cluster. */
  readonly kubeContext: string;
  /** Where pods send DNS queries. Absent in the outputs of releases that knew only one place. */
  readonly dns?: Dns;
  /** Addresses of Nacos, inside the cluster. */
  readonly nacos: {
    /** Dotted numbers: "3.1.2". */
    readonly version: string;
    /** Number of servers; the smallest one if an autoscaler sets it. */
    readonly replicas: number;
    readonly clientAddress: string;
    readonly grpcAddress: string;
    readonly consoleAddress: string;
    readonly services: { readonly client: string; readonly headless: string; readonly console: string };
    readonly destination: Destination;
    /** Absent if clients outside the cluster do not reach Nacos. */
    readonly exposedClients?: ExposedClients;
    /** URL of the console outside the cluster; absent if it has none. */
    readonly consoleUrl?: string;
  };
  /** Addresses of MySQL, for clients inside the cluster. */
  readonly mysql: {
    /** DNS name of the primary. Its certificate contains this name. */
    readonly host: string;
    readonly port: number;
    /** Nacos' database. */
    readonly database: string;
    /** CAs that sign the servers' certificates, PEM. */
    readonly caCertificates: string;
    /** Services of the servers that the stack runs; absent if MySQL is external. */
    readonly services?: { readonly client: string; readonly readers: string; readonly headless: string };
    readonly destination: Destination;
  };
  /** Names of Secrets in the namespace: `kubectl get secret NAME`. */
  readonly secrets: {
    readonly nacosAdmin: string;
    readonly nacosAuth: string;
    /** Absent if MySQL is external. */
    readonly mysqlRoot?: string;
    /** `admin.json`, with `user` and `password` of the account that creates databases and accounts. */
    readonly mysqlAdministrator: string;
    readonly mysqlRuntime: string;
  };
}
