import { cidrs, everywhere, labels } from "../../config/fields";
import { group } from "../../config/groups";

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
  clientNamespaceLabels: labels({
    description: "Namespaces that carry all these labels may reach Nacos' client and console ports. No other may.",
    default: everywhere<Readonly<Record<string, string>>>({ "nacos-client": "true" }),
  }),
});
