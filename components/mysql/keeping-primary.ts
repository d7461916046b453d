import * as pulumi from "@pulumi/pulumi";
import { ifThere } from "../../clients/kubernetes/api";
import { POD_NAME_LABEL } from "../../contract/objects";
import { apiOfContext, askingHook } from "../../kube/cluster-api";
import { UpdateRefusal } from "../../kube/update-refusal";

/** The reason why these servers cannot be all that are left, or undefined if the primary is one of them. */
export function primaryProblem(
  primary: string | undefined,
  servers: readonly string[],
  stack: string,
): UpdateRefusal | undefined {
  if (primary === undefined || servers.includes(primary)) return undefined;
  return new UpdateRefusal(
    "MYSQL_PRIMARY_WOULD_BE_REMOVED",
    `mysql.servers is ${servers.length}, and ${primary} is the primary, which would be removed. Switch over first: npm run ops -- mysql switchover --stack ${stack} --server ${servers[0]}`,
  );
}

/**
 * A hook of what names or creates the servers. If the primary would not be one of them, preview and update stop before
 * anything is changed.
 *
 * @param service the writer Service, whose selector names the primary.
 */
export function keepingPrimary(service: string, servers: readonly string[], kubeContext: string): pulumi.ResourceHook {
  return askingHook(`check if ${service} keeps its primary`, async ({ newInputs }) => {
    const { namespace } = (newInputs as { metadata: { namespace: string } }).metadata;
    const found = await ifThere(
      apiOfContext(kubeContext).get<{ spec: { selector?: Record<string, string> } }>(
        `/api/v1/namespaces/${namespace}/services/${service}`,
      ),
    );
    const problem = primaryProblem(found?.spec.selector?.[POD_NAME_LABEL], servers, pulumi.getStack());
    if (problem !== undefined) throw problem;
  });
}
