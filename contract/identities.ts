/** Identity of a set of pods. It selects them, and must never change for a StatefulSet. */
export interface Identity {
  /** The software: "nacos", "mysql". */
  readonly name: string;
  /** The name of the component, if the namespace may contain several; otherwise absent. */
  readonly instance?: string;
  /** Its part: "server", "schema". */
  readonly component: string;
}

/** The smallest stable set of labels that selects the pods. */
export function selectorLabels(identity: Identity): Record<string, string> {
  const { name, instance, component } = identity;
  return {
    "app.kubernetes.io/name": name,
    ...(instance === undefined ? {} : { "app.kubernetes.io/instance": instance }),
    "app.kubernetes.io/component": component,
  };
}

/** The recommended labels of Kubernetes, for everything that the stack creates. */
export function labels(identity: Identity): Record<string, string> {
  return {
    "app.kubernetes.io/instance": identity.name,
    ...selectorLabels(identity),
    "app.kubernetes.io/part-of": "nacos-platform",
    "app.kubernetes.io/managed-by": "pulumi",
  };
}

export const IDENTITIES = {
  monitoring: { name: "nacos-platform", component: "monitoring" },
  tenancy: { name: "nacos-platform", component: "tenancy" },
  mysql: { name: "mysql", component: "server" },
  mysqlController: { name: "mysql", component: "controller" },
  mysqlAccounts: { name: "mysql", component: "accounts" },
  mysqlBackup: { name: "mysql", component: "backup" },
  mysqlVerify: { name: "mysql", component: "verify" },
  mysqlRestore: { name: "mysql", component: "restore" },
  schema: { name: "nacos", component: "schema" },
  registryRestore: { name: "nacos", component: "registry-restore" },
  upgrade: { name: "nacos", component: "upgrade" },
  nacos: { name: "nacos", component: "server" },
} as const satisfies Record<string, Identity>;
