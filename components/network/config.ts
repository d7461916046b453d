import { cidrs, everywhere, group, labels } from "../../config/fields";

/** Every key below `nacos-platform:access`. */
export const access = group({
  monitoringNamespaceLabels: labels({
    description: "Namespaces that carry all these labels may reach the ports of metrics. No other may.",
    default: everywhere<Readonly<Record<string, string>>>({ "kubernetes.io/metadata.name": "monitoring" }),
  }),
  apiServerCidrs: cidrs({
    description: "Where MySQL's controller may look for the API server, as network policies see it: behind its Service. Narrow it to the API server's addresses.",
    default: everywhere<readonly string[]>(["0.0.0.0/0"]),
  }),
  mysqlCidrs: cidrs({
    description: "Where an external MySQL may be, as network policies see it. Narrow it to the database's addresses.",
    default: everywhere<readonly string[]>(["0.0.0.0/0"]),
  }),
  objectStoreCidrs: cidrs({
    description: "Where the store of `mysql.backup.s3` may be, as network policies see it. Narrow it to the store's addresses.",
    default: everywhere<readonly string[]>(["0.0.0.0/0"]),
  }),
  objectStoreNamespaceLabels: labels({
    description: "Where that store may be inside the cluster: namespaces that carry all these labels.",
    default: everywhere<Readonly<Record<string, string>>>({ "kubernetes.io/metadata.name": "object-store" }),
  }),
  clientNamespaceLabels: labels({
    description: "Namespaces that carry all these labels may reach Nacos' client and console ports. No other may.",
    default: everywhere<Readonly<Record<string, string>>>({ "nacos-client": "true" }),
  }),
  mysqlClientNamespaceLabels: labels({
    description: "Namespaces that carry all these labels may reach the stack's MySQL servers: where the pods of `mysql.applications` run. No other may. Without it none may, and an application's database is reached through a port-forward alone. An external MySQL has its own rules.",
    default: everywhere<Readonly<Record<string, string>>>({}),
    example: '{"mysql-client":"true"}',
  }),
});
