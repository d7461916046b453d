import { ApiError, type KubernetesApi } from "../kubernetes/api";
import type { Credentials } from "./server";
import type { Declaration, DeclarationStore } from "./topology";

/** What the stack tells the controller and `ops` of its servers; the ConfigMap `mysql-topology` carries it. */
export interface Settings {
  readonly namespace: string;
  /** Pods of the servers, in order; none where MySQL is external. */
  readonly servers: readonly string[];
  /** DNS suffix of the pods: `<pod>.<hostSuffix>`. */
  readonly hostSuffix: string;
  readonly semiSync: "required" | "preferred";
  readonly failover: "manual" | "automatic";
  /** How often the servers close their binary logs, so that they can be copied outside; absent where nobody copies them. */
  readonly rotateLogsSeconds?: number;
}

/** Names of the objects in the namespace. */
export const OBJECTS = {
  settings: "mysql-topology",
  writerService: "mysql",
  lease: "mysql-controller",
  /** Secret with `control.json` and `replication.json`. */
  accounts: "mysql-control",
  /** Secret with `admin.json`, of the account with which Pulumi makes accounts. */
  administrator: "mysql-admin",
  ca: "mysql-ca",
  /** Secret with `username` and `password` of Nacos' account. */
  runtime: "mysql-runtime",
  /** Secret with `username` and `password` of Nacos' administrator. */
  nacosAdmin: "nacos-admin",
  /** Secret with `token`, `identityKey` and `identityValue` of Nacos' servers. */
  nacosAuth: "nacos-auth",
} as const;

/** The CronJobs of backups: `ops` makes its Jobs from them. */
export const BACKUP_CRON_JOBS = { backup: "mysql-backup", verify: "mysql-verify", restore: "mysql-restore" } as const;

/** Annotation of Nacos' pods: another password of its account, another mark. */
export const PASSWORD_MARK = "nacos-platform/database-account";

/** Annotation of Nacos' pods: another token key or server identity, another mark. */
export const AUTH_MARK = "nacos-platform/authentication";

/** Under this name the API server notes what operators' commands changed. */
export const FIELD_MANAGER = "nacos-platform-ops";

/** Port of the controller's health and metrics. */
export const CONTROLLER_PORT = 8080;

/** Label by which the writer Service selects one pod. Kubernetes itself puts it on every pod of a StatefulSet. */
export const POD_NAME_LABEL = "statefulset.kubernetes.io/pod-name";

export function leasePath(namespace: string): string {
  return `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${OBJECTS.lease}`;
}

/**
 * Gives the servers the passwords of the stack, which they take over at their start: all at the same time, and the
 * controller with them. One by one hangs, as a server with the new passwords and the others would not let each other in.
 */
export function restartTogether(namespace: string): string {
  return `kubectl --namespace ${namespace} delete pods --selector 'app.kubernetes.io/name=mysql,app.kubernetes.io/component in (server,controller)'`;
}

/** An account as its Secret carries it. */
export function parseCredentials(json: string): Credentials {
  return JSON.parse(json) as Credentials;
}

interface ServiceObject {
  metadata: { resourceVersion: string };
  spec: { selector?: Record<string, string> };
}

/** The writer Service: whom it selects is the primary, so that the decision and the clients' way are one. */
export class WriterService implements DeclarationStore {
  private readonly path: string;

  /** @param lease without which nothing is declared. */
  constructor(private readonly api: KubernetesApi, namespace: string, private readonly lease: { readonly isHeld: boolean }) {
    this.path = `/api/v1/namespaces/${namespace}/services/${OBJECTS.writerService}`;
  }

  async read(): Promise<Declaration> {
    const { metadata, spec } = await this.api.get<ServiceObject>(this.path);
    const primary = spec.selector?.[POD_NAME_LABEL];
    if (primary === undefined) throw new Error(`Service ${OBJECTS.writerService} selects no pod by its name; \`pulumi up\` puts it right`);
    return { primary, version: metadata.resourceVersion };
  }

  async write(primary: string, since: Declaration): Promise<void> {
    if (!this.lease.isHeld) throw new Error("the lease is not held any more: somebody else may decide. Look at `status`, then try again.");
    try {
      await this.api.patch(this.path, { metadata: { resourceVersion: since.version }, spec: { selector: { [POD_NAME_LABEL]: primary } } });
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 409) throw error;
      throw new Error("the writer Service has changed meanwhile: somebody else has decided. Look at `status`.", { cause: error });
    }
  }
}
