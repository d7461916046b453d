import { post, type Calls } from "./nacos-http";

/** What somebody has created a namespace with. */
export interface Namespace {
  readonly id: string;
  readonly name: string;
  readonly description: string;
}

export const CREATE_NAMESPACE: Calls = {
  old: post("/nacos/v1/console/namespaces"),
  new: post("/nacos/v3/admin/core/namespace"),
};

export function namespaceForm({ id, name, description }: Namespace): Record<string, string> {
  // 3.x requires the first and uses the second, 2.x knows only the second.
  return { namespaceId: id, customNamespaceId: id, namespaceName: name, namespaceDesc: description };
}
