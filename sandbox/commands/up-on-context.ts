import { apiOf } from "../../clients/kubernetes/kubeconfig";
import { contextTarget, findContext } from "../deploy/context-target";
import { isOwn, namespaceUid, recordedCluster, requireConsent } from "../deploy/own-cluster";
import { requireStack } from "../deploy/overlay";
import { Stack } from "../deploy/stack";
import { platformConfig } from "../deploy/topology";
import { Options } from "../options";
import { progress } from "../progress";
import { ensurePulumi } from "../toolchain/pulumi";

/** Deploys a stack to an existing cluster that a kubeconfig context names. Starts nothing. */
export async function upOnContext(options: Options, context: string): Promise<void> {
  requireStack(options.stack);
  const { kubeContext, namespace, mysql } = platformConfig(options.stack); // first, because a refused stack file must leave nothing in the backend
  const place = findContext(context);
  const tools = await ensurePulumi();
  const target = contextTarget(place, tools);
  const { server, backend } = target;
  const stack = new Stack(target, tools, options.stack);
  const recorded = await recordedCluster(stack);
  const [ofNamespace, cluster] = await Promise.all(
    [recorded?.namespace.name ?? namespace, "kube-system"].map((name) => namespaceUid(apiOf(target.kubeconfig), name)),
  );
  const found = { namespace: ofNamespace, cluster };
  const whereabouts = { stack: options.stack, context, server, kubeContext, backend, recorded, found };
  if (!isOwn(whereabouts)) await requireConsent(whereabouts);
  progress(
    `deploying stack "${options.stack}" to context "${context}", cluster ${server}, with the state in ${backend}`,
  );
  await stack.prepare();
  await stack.up();
  console.log(
    `\nStack "${options.stack}" is deployed to ${server} (context "${context}"). Its tenants are a separate project: ${mysql.mode === "cluster" ? `npm run ops -- mysql tunnel --stack ${options.stack} -- ` : ""}pulumi -C tenants up --stack ${options.stack} --policy-pack ../policy-pack`,
  );
}
