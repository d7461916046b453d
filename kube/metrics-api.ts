import * as pulumi from "@pulumi/pulumi";
import { ApiError, type KubernetesApi } from "../clients/kubernetes/api";
import { METRICS_API, type Metric } from "./autoscaling-metrics";
import { apiOfContext, askingHook } from "./cluster-api";
import { UpdateRefusal } from "./update-refusal";

type Group = (typeof METRICS_API)[Metric["type"]];

const SERVER: Record<Group, string> = {
  "metrics.k8s.io": "metrics-server",
  "custom.metrics.k8s.io": "a metrics adapter",
  "external.metrics.k8s.io": "a metrics adapter",
};

/** Why an API group serves no metrics, as it follows "API …"; or that the question was not answered. */
type Answer = { readonly fault: string } | { readonly unknown: string } | undefined;

/**
 * Asks for the resources of a group, which every account may do. Whether its APIService is available, which not every account
 * may ask, is the same question: the API server passes the request on.
 */
async function ask(api: Pick<KubernetesApi, "get">, group: Group): Promise<Answer> {
  let isRegistered = false;
  try {
    const { preferredVersion } = await api.get<{ preferredVersion: { groupVersion: string } }>(`/apis/${group}`);
    isRegistered = true;
    await api.get(`/apis/${preferredVersion.groupVersion}`);
    return undefined;
  } catch (error) {
    const { message } = error as Error;
    if (!(error instanceof ApiError)) return { unknown: message };
    if (error.status === 404) return { fault: "does not exist" };
    // Before, the fault is the API server's own.
    return isRegistered && error.status >= 500 ? { fault: `is not available: ${message}` } : { unknown: message };
  }
}

/**
 * Checks that the cluster serves what an autoscaler measures.
 *
 * @param types of the autoscaler's metrics
 * @param instead what the stack can do instead, as a sentence
 * @returns what was not answered
 * @throws UpdateRefusal if a group of metrics is missing or not available.
 */
export async function requireMetrics(
  api: Pick<KubernetesApi, "get">,
  autoscaler: string,
  types: readonly Metric["type"][],
  instead: string,
): Promise<string[]> {
  const groups = [...new Set(types.map((type) => METRICS_API[type]))];
  const answers = await Promise.all(groups.map(async (group) => ({ group, answer: await ask(api, group) })));
  const fault = answers.find(({ answer }) => answer !== undefined && "fault" in answer);
  if (fault?.answer !== undefined && "fault" in fault.answer)
    throw new UpdateRefusal(
      "AUTOSCALING_METRICS_MISSING",
      `autoscaler ${autoscaler} would never act: API ${fault.group} ${fault.answer.fault}. Install or repair ${SERVER[fault.group]}: kubectl get apiservices. ${instead}`,
    );
  return answers.flatMap(({ group, answer }) =>
    answer !== undefined && "unknown" in answer
      ? [
          `could not check if the cluster serves API ${group}, without which autoscaler ${autoscaler} never acts: ${answer.unknown}`,
        ]
      : [],
  );
}

/** A hook of an autoscaler that stops preview and update if the cluster serves no metrics for it. */
export function metricsServed(autoscaler: string, kubeContext: string, instead: string): pulumi.ResourceHook {
  return askingHook(`check if the cluster serves the metrics of autoscaler ${autoscaler}`, async ({ newInputs }) => {
    const { spec } = newInputs as { spec: { metrics: readonly { type: Metric["type"] }[] } };
    const types = spec.metrics.map(({ type }) => type);
    const unanswered = await requireMetrics(apiOfContext(kubeContext), autoscaler, types, instead);
    for (const warning of unanswered) void pulumi.log.warn(warning);
  });
}
