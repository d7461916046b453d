import { ApiError, type KubernetesApi } from "../../clients/kubernetes/api";
import { OBJECTS, POD_NAME_LABEL } from "../../contract/objects";
import type { Declaration, DeclarationStore } from "./topology";

export function leasePath(namespace: string): string {
  return `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${OBJECTS.lease}`;
}

interface ServiceObject {
  metadata: { resourceVersion: string };
  spec: { selector?: Record<string, string> };
}

/** The writer Service. The pod that it selects is the primary, so the decision also routes the clients. */
export class WriterService implements DeclarationStore {
  private readonly path: string;

  /** @param lease that must be held to declare a primary. */
  constructor(private readonly api: KubernetesApi, namespace: string, private readonly lease: { readonly isHeld: boolean }) {
    this.path = `/api/v1/namespaces/${namespace}/services/${OBJECTS.writerService}`;
  }

  async read(): Promise<Declaration> {
    const { metadata, spec } = await this.api.get<ServiceObject>(this.path);
    const primary = spec.selector?.[POD_NAME_LABEL];
    if (primary === undefined) throw new Error(`Service ${OBJECTS.writerService} selects no pod by its name; \`pulumi up\` fixes it`);
    return { primary, version: metadata.resourceVersion };
  }

  async write(primary: string, since: Declaration): Promise<void> {
    if (!this.lease.isHeld) throw new Error("the lease is no longer held: another process may decide. Check `status`, then try again.");
    try {
      await this.api.patch(this.path, { metadata: { resourceVersion: since.version }, spec: { selector: { [POD_NAME_LABEL]: primary } } });
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 409) throw error;
      throw new Error("the writer Service has changed meanwhile: another process has decided. Check `status`.", { cause: error });
    }
  }
}
