import * as pulumi from "@pulumi/pulumi";
import { ApiError, type KubernetesApi } from "../clients/kubernetes/api";
import { apiOfContext, askingHook } from "./cluster-api";
import { UpdateRefusal } from "./update-refusal";

/**
 * Checks that the cluster has these kinds of objects, which somebody has to install.
 *
 * @param instead what to do if not, as a sentence
 * @returns a warning if the question was not answered
 * @throws UpdateRefusal if one is missing.
 */
export async function requireKinds(
  api: Pick<KubernetesApi, "get">,
  apiVersion: string,
  kinds: readonly string[],
  instead: string,
): Promise<string | undefined> {
  let found: readonly string[] = [];
  try {
    const { resources } = await api.get<{ resources: readonly { kind: string }[] }>(`/apis/${apiVersion}`);
    found = resources.map(({ kind }) => kind);
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404))
      return `could not check if the cluster has ${kinds.join(" and ")} of ${apiVersion}: ${(error as Error).message}`;
  }
  const missing = kinds.filter((kind) => !found.includes(kind));
  if (missing.length > 0)
    throw new UpdateRefusal(
      "MONITORING_KINDS_MISSING",
      `the cluster has no ${missing.join(" and no ")} of ${apiVersion}. ${instead}`,
    );
  return undefined;
}

/** A hook of objects of these kinds that stops preview and update if the cluster does not have them. */
export function kindsServed(
  apiVersion: string,
  kinds: readonly string[],
  kubeContext: string,
  instead: string,
): pulumi.ResourceHook {
  return askingHook(`check if the cluster has the kinds of ${apiVersion}`, async () => {
    const warning = await requireKinds(apiOfContext(kubeContext), apiVersion, kinds, instead);
    if (warning !== undefined) void pulumi.log.warn(warning);
  });
}
