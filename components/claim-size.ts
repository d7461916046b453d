import * as pulumi from "@pulumi/pulumi";
import { memoryBytes } from "../config/quantity";
import { ifThere } from "../ops/kubernetes/api";
import { apiOfContext } from "./cluster-api";

export interface ClaimSizeArgs {
  /** Configuration key of the size, for the message. */
  readonly key: string;
  readonly namespace: pulumi.Input<string>;
  /** Name in the cluster of the StatefulSet whose claims they are. */
  readonly statefulSet: string;
  readonly storageGiB: number;
  /** Context of the kubeconfig. */
  readonly kubeContext: string;
}

/** What is there of a StatefulSet that is to have claims of another size. */
export interface Found {
  /** Whether the StatefulSet is there. Its servers may run without it. */
  readonly statefulSet: boolean;
  /** Sizes of its claims, in bytes. */
  readonly claims: readonly number[];
}

/**
 * What is wrong with another size of the claims, or undefined. Kubernetes changes no claim of a StatefulSet, and Pulumi would
 * replace the set, end all servers at once and leave the claims as they were: it may only note what was done by hand.
 */
export function sizeProblem(key: string, former: number, wanted: number, found: Found): string | undefined {
  if (wanted === former) return undefined;
  const claimed = `${key} is ${wanted}, and the servers' claims were made with ${former}`;
  if (wanted < former) return `${claimed}: no volume becomes smaller. Set it back: pulumi config set --path nacos-platform:${key} ${former}`;
  const isGrown = !found.statefulSet && found.claims.length > 0 && found.claims.every((bytes) => bytes >= memoryBytes(`${wanted}Gi`));
  return isGrown ? undefined : `${claimed}: Kubernetes changes none of them. docs/volumes.md has the way to grow them by hand; until then: pulumi config set --path nacos-platform:${key} ${former}`;
}

/** The size with which the claims of a StatefulSet were made. Another one stops preview and update, before anything is changed. */
export function claimSize(name: string, { key, namespace, statefulSet, storageGiB, kubeContext }: ClaimSizeArgs, opts: pulumi.CustomResourceOptions): pulumi.Stash {
  const hook = new pulumi.ResourceHook(`look for other sizes of ${key}`, async ({ oldInputs, newInputs }) => {
    const [former, wanted] = [oldInputs, newInputs].map((inputs) => (inputs as { input: { namespace: string; storageGiB: number } }).input);
    const api = apiOfContext(kubeContext);
    const isThere = (await ifThere(api.get(`/apis/apps/v1/namespaces/${former.namespace}/statefulsets/${statefulSet}`))) !== undefined;
    const { items } = await api.get<{ items: readonly { metadata: { name: string }; spec: { resources: { requests: { storage: string } } } }[] }>(`/api/v1/namespaces/${former.namespace}/persistentvolumeclaims`);
    const own = items.filter((claim) => new RegExp(`^data-${statefulSet}-\\d+$`).test(claim.metadata.name));
    const problem = sizeProblem(key, former.storageGiB, wanted.storageGiB, { statefulSet: isThere, claims: own.map((claim) => memoryBytes(claim.spec.resources.requests.storage)) });
    if (problem !== undefined) throw new Error(problem);
  }, { onDryRun: true });
  return new pulumi.Stash(name, { input: { namespace, storageGiB } }, { ...opts, hooks: { beforeUpdate: [hook] } });
}
