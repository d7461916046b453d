/** Version of {@link PlatformOutputs}. It rises when a field is renamed, removed or means something else; a new field leaves it. */
export const OUTPUTS_VERSION = 1;

/** Where connections to a server go, as network policies see it: pods of the platform's namespace, or addresses. */
export interface Destination {
  /** Labels that select the pods; absent if the server runs elsewhere. */
  readonly pods?: Readonly<Record<string, string>>;
  /** Absent if the server's pods are the stack's own. */
  readonly cidrs?: readonly string[];
  /** TCP. */
  readonly ports: readonly number[];
}

/** The outputs of a platform stack, by which other projects find it (StackReference). Names and addresses, never a secret. */
export interface PlatformOutputs {
  readonly version: number;
  /** Namespace that holds everything. */
  readonly namespace: string;
  /** Context of the kubeconfig that leads to the stack's cluster. */
  readonly kubeContext: string;
  /** Where Nacos is found, inside the cluster. */
  readonly nacos: {
    /** Dotted numbers: "3.1.2". */
    readonly version: string;
    readonly replicas: number;
    readonly clientAddress: string;
    readonly grpcAddress: string;
    readonly consoleAddress: string;
    readonly services: { readonly client: string; readonly headless: string; readonly console: string };
    readonly destination: Destination;
  };
  /** Where MySQL is found, from inside the cluster. */
  readonly mysql: {
    /** DNS name of the primary. Its certificate is made out to this name. */
    readonly host: string;
    readonly port: number;
    /** Nacos' own database. */
    readonly database: string;
    /** CAs that sign the servers' certificates, PEM. */
    readonly caCertificates: string;
    /** Services of the stack's own servers; absent if MySQL is external. */
    readonly services?: { readonly client: string; readonly readers: string; readonly headless: string };
    readonly destination: Destination;
  };
  /** Names of Secrets in the namespace: `kubectl get secret NAME`. */
  readonly secrets: {
    readonly nacosAdmin: string;
    readonly nacosAuth: string;
    /** Absent if MySQL is external. */
    readonly mysqlRoot?: string;
    /** `admin.json`, with `user` and `password` of the account that makes databases and accounts. */
    readonly mysqlAdministrator: string;
    readonly mysqlRuntime: string;
  };
}
