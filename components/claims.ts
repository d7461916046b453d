import * as pulumi from "@pulumi/pulumi";
import { memoryBytes, GIB } from "../config/quantity";
import { classesWithoutGrowth, growClaims, smallerClaims } from "../ops/kubernetes/claims";
import { apiOfContext } from "./cluster-api";

/** On a StatefulSet: what its servers' claims are to be. Its claim template has that too, and is left alone once it is made. */
const SIZE = "nacos-platform/claims-gib";
const CLASS = "nacos-platform/claims-class";

export interface ClaimsArgs {
  /** Section of the configuration that has `storageGiB` and `storageClass`. */
  readonly section: "mysql" | "nacos";
  /** Size of each server's claim, in GiB. */
  readonly storageGiB: number;
  readonly storageClass: string;
  /** Context of the kubeconfig. */
  readonly kubeContext: string;
}

interface Inputs {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: { readonly volumeClaimTemplates: readonly { readonly spec: { readonly storageClassName: string; readonly resources: { readonly requests: { readonly storage: string } } } }[] };
}

interface Claims {
  readonly storageGiB: number;
  readonly storageClass: string;
}

/** The claims of a StatefulSet as Pulumi's state or the program has them. */
function claimsOf({ metadata: { annotations = {} }, spec: { volumeClaimTemplates: [{ spec }] } }: Inputs): Claims {
  return {
    storageGiB: annotations[SIZE] === undefined ? memoryBytes(spec.resources.requests.storage) / GIB : Number(annotations[SIZE]),
    storageClass: annotations[CLASS] ?? spec.storageClassName,
  };
}

/** What is wrong with other claims than the servers have, whatever their class allows; or undefined. */
export function claimsProblem(section: string, former: Claims, wanted: Claims): string | undefined {
  const setBack = (key: string, value: string | number) => `Set it back: pulumi config set --path nacos-platform:${section}.${key} ${value}`;
  if (wanted.storageClass !== former.storageClass) {
    return `${section}.storageClass is ${wanted.storageClass}, and the servers' claims are of ${former.storageClass}: no claim changes its class. ${setBack("storageClass", former.storageClass)}`;
  }
  if (wanted.storageGiB < former.storageGiB) {
    return `${section}.storageGiB is ${wanted.storageGiB}, and the servers' claims have ${former.storageGiB}: no volume becomes smaller. ${setBack("storageGiB", former.storageGiB)}`;
  }
  return undefined;
}

/** Annotations of a StatefulSet that note its claims. */
export function claimsNoted({ storageGiB, storageClass }: ClaimsArgs): Record<string, string> {
  return { [SIZE]: String(storageGiB), [CLASS]: storageClass };
}

/**
 * A hook of a StatefulSet that lets the claims of its servers grow, while these run, before the set itself is changed.
 * Claims that would become smaller, or whose class lets no volume grow, stop preview and update before anything is changed.
 */
export function growingClaims({ section, kubeContext }: ClaimsArgs): pulumi.ResourceHook {
  return new pulumi.ResourceHook(`let the claims of ${section} grow`, async ({ oldInputs, newInputs }) => {
    const { metadata: { name, namespace } } = newInputs as Inputs;
    const wanted = claimsOf(newInputs as Inputs);
    const problem = oldInputs && claimsProblem(section, claimsOf(oldInputs as Inputs), wanted);
    if (problem !== undefined) throw new Error(problem);
    const api = apiOfContext(kubeContext);
    const claims = { namespace, name, storageGiB: wanted.storageGiB };
    const smaller = await smallerClaims(api, claims);
    const rigid = await classesWithoutGrowth(api, smaller);
    if (rigid.length > 0) {
      throw new Error(`${section}.storageGiB is ${wanted.storageGiB}, and ${smaller.map(({ metadata }) => metadata.name).join(", ")} cannot become larger: StorageClass ${rigid.join(", ")} does not say allowVolumeExpansion: true. Set it back, or see docs/volumes.md`);
    }
    if (!pulumi.runtime.isDryRun()) await growClaims(api, claims, (progress) => void pulumi.log.info(progress));
  }, { onDryRun: true });
}
