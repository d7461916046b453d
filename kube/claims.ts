import * as pulumi from "@pulumi/pulumi";
import { memoryBytes, GIB } from "../contract/quantity";
import { ifThere } from "../clients/kubernetes/api";
import { boundClaims, classesWithoutGrowth, growClaims, isTakenAway, requested, type Claim } from "../clients/kubernetes/claims";
import { apiOfContext } from "./cluster-api";

/** On a StatefulSet: what its servers' claims are to be. Its claim template has that too, and is left alone once it is made. */
const SIZE = "nacos-platform/claims-gib";
const CLASS = "nacos-platform/claims-class";

export interface ClaimsArgs {
  /** Section of the configuration that has `storageGiB` and `storageClass`. */
  readonly section: "mysql" | "nacos";
  /** Name of the StatefulSet in the cluster. */
  readonly statefulSet: string;
  /** Size of each server's claim, in GiB. */
  readonly storageGiB: number;
  readonly storageClass: string;
  /** Context of the kubeconfig. */
  readonly kubeContext: string;
}

interface ClaimSpec {
  readonly storageClassName: string;
  readonly resources: { readonly requests: { readonly storage: string } };
}

interface Inputs {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: { readonly replicas: number; readonly volumeClaimTemplates: readonly { readonly spec: ClaimSpec }[] };
}

/** Claims as Pulumi's state or the program has them. */
export interface Claims {
  readonly storageGiB: number;
  readonly storageClass: string;
}

/** Those that are there, with their volumes. */
export interface Found {
  readonly claims: readonly Claim[];
  /** Of their StorageClasses, those that let no volume grow. */
  readonly rigid: readonly string[];
}

const ofSpec = ({ storageClassName, resources }: ClaimSpec): Claims => ({ storageGiB: memoryBytes(resources.requests.storage) / GIB, storageClass: storageClassName });

function ofSet({ metadata: { annotations = {} }, spec: { volumeClaimTemplates: [{ spec }] } }: Inputs): Claims {
  const made = ofSpec(spec);
  return { storageGiB: Number(annotations[SIZE] ?? made.storageGiB), storageClass: annotations[CLASS] ?? made.storageClass };
}

/**
 * What stands against other claims than there are, or undefined.
 *
 * @param key configuration key of their size
 * @param former as of the last update; undefined if there was none
 */
export function claimsProblem(key: string, classKey: string, former: Claims | undefined, wanted: Claims, { claims, rigid }: Found): string | undefined {
  const set = (name: string, value: string | number) => `pulumi config set --path nacos-platform:${name} ${value}`;
  if (former !== undefined && wanted.storageClass !== former.storageClass) {
    return `${classKey} is ${wanted.storageClass}, and the claims are of ${former.storageClass}: no claim changes its class. Set it back: ${set(classKey, former.storageClass)}`;
  }
  const sizes = claims.map((claim) => requested(claim) / GIB);
  if (former !== undefined && wanted.storageGiB < former.storageGiB && sizes.some((size) => size > wanted.storageGiB)) {
    return `${key} is ${wanted.storageGiB}, and the claims have ${former.storageGiB}: no volume becomes smaller. Set it back: ${set(key, former.storageGiB)}`;
  }
  const smaller = claims.filter((_, i) => sizes[i] < wanted.storageGiB);
  if (smaller.length > 0 && rigid.length > 0 && wanted.storageGiB > (former?.storageGiB ?? 0)) {
    const names = smaller.map(({ metadata }) => metadata.name).join(", ");
    return `${key} is ${wanted.storageGiB}, and ${names} cannot become larger: StorageClass ${rigid.join(", ")} does not say allowVolumeExpansion: true. Set it back: ${set(key, former?.storageGiB ?? Math.min(...sizes))}. docs/volumes.md says more`;
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
export function growingClaims({ section, statefulSet, kubeContext }: ClaimsArgs): pulumi.ResourceHook {
  return new pulumi.ResourceHook(`let the claims of ${statefulSet} grow`, async ({ oldInputs, newInputs }) => {
    const { metadata: { name, namespace, annotations = {} }, spec: { replicas } } = newInputs as Inputs;
    const api = apiOfContext(kubeContext);
    const { storageGiB, storageClass } = ofSet(newInputs as Inputs);
    const wanted = { namespace, name, replicas, storageGiB, manager: annotations["pulumi.com/patchFieldManager"] };
    if (pulumi.runtime.isDryRun() && oldInputs !== undefined && (await isTakenAway(api, wanted))) {
      throw new Error(`StatefulSet ${name} is not there: an update broke off while its claims grew, and ConfigMap ${name}-growing has it. Its servers run, and are not replaced until it is back. Leave ${section}.storageGiB as it is, and run: pulumi up --refresh`);
    }
    const claims = await boundClaims(api, wanted);
    const rigid = await classesWithoutGrowth(api, claims.filter((claim) => requested(claim) < storageGiB * GIB));
    const problem = claimsProblem(`${section}.storageGiB`, `${section}.storageClass`, oldInputs && ofSet(oldInputs as Inputs), { storageGiB, storageClass }, { claims, rigid });
    if (problem !== undefined) throw new Error(problem);
    if (rigid.length > 0) void pulumi.log.warn(`claims of ${section} are smaller than ${section}.storageGiB, and StorageClass ${rigid.join(", ")} lets them not grow`);
    else if (!pulumi.runtime.isDryRun()) await growClaims(api, wanted, (progress) => void pulumi.log.info(progress));
  }, { onDryRun: true });
}

/** A hook of a claim that is a resource of its own, which the provider lets grow. The same stops preview and update. */
export function growingClaim(key: string, classKey: string, kubeContext: string): pulumi.ResourceHook {
  return new pulumi.ResourceHook(`look whether the claim of ${key} may change`, async ({ oldInputs, newInputs }) => {
    const { metadata: { name, namespace }, spec } = newInputs as { metadata: { name: string; namespace: string }; spec: ClaimSpec };
    const [former, wanted] = [ofSpec((oldInputs as { spec: ClaimSpec }).spec), ofSpec(spec)];
    if (former.storageGiB === wanted.storageGiB && former.storageClass === wanted.storageClass) return;
    const api = apiOfContext(kubeContext);
    const claim = await ifThere(api.get<Claim>(`/api/v1/namespaces/${namespace}/persistentvolumeclaims/${name}`));
    if (claim !== undefined && claim.status?.capacity === undefined) {
      throw new Error(`${key} is ${wanted.storageGiB}, and claim ${name} has no volume yet that could change. Make a backup first: npm run ops -- mysql backup --stack ${pulumi.getStack()}`);
    }
    const claims = claim === undefined ? [] : [claim];
    const problem = claimsProblem(key, classKey, former, wanted, { claims, rigid: await classesWithoutGrowth(api, claims) });
    if (problem !== undefined) throw new Error(problem);
  }, { onDryRun: true });
}
