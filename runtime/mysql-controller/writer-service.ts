import { ApiError, type KubernetesApi } from "../../clients/kubernetes/api";
import { mysqlObjects, POD_NAME_LABEL } from "../../contract/objects";
import { Refusal } from "../../contract/refusal";
import type { Declaration, DeclarationStore } from "./topology";

/** @param name of the MySQL */
export function leasePath(namespace: string, name: string): string {
  return `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${mysqlObjects(name).lease}`;
}

interface ServiceObject {
  metadata: { resourceVersion: string };
  spec: { selector?: Record<string, string> };
}

/** The writer Service. The pod that it selects is the primary, so the decision also routes the clients. */
export class WriterService implements DeclarationStore {
  private readonly path: string;

  /**
   * @param set the MySQL
   * @param lease that must be held to declare a primary.
   */
  constructor(
    private readonly api: KubernetesApi,
    private readonly set: { readonly namespace: string; readonly name: string },
    private readonly lease: { readonly isHeld: boolean },
  ) {
    this.path = `/api/v1/namespaces/${set.namespace}/services/${mysqlObjects(set.name).writerService}`;
  }

  async read(): Promise<Declaration> {
    const { metadata, spec } = await this.api.get<ServiceObject>(this.path);
    const primary = spec.selector?.[POD_NAME_LABEL];
    if (primary === undefined)
      throw new Refusal(
        "MYSQL_PRIMARY_NOT_DECLARED",
        `Service ${mysqlObjects(this.set.name).writerService} selects no pod by its name: somebody has changed its selector`,
      );
    return { primary, version: metadata.resourceVersion };
  }

  async write(primary: string, since: Declaration): Promise<void> {
    if (!this.lease.isHeld)
      throw new Refusal(
        "MYSQL_LEASE_LOST",
        "the lease is no longer held: another process may decide. Check `status`, then try again.",
      );
    try {
      await this.api.patch(this.path, {
        metadata: { resourceVersion: since.version },
        spec: { selector: { [POD_NAME_LABEL]: primary } },
      });
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 409) throw error;
      throw new Refusal(
        "MYSQL_LEASE_LOST",
        "the writer Service has changed meanwhile: another process has decided. Check `status`.",
        { cause: error },
      );
    }
  }
}
