import * as pulumi from "@pulumi/pulumi";
import { memoryBytes, GIB } from "../contract/quantity";
import { ifThere } from "../clients/kubernetes/api";
import {
  boundClaims,
  classesWithoutGrowth,
  growClaims,
  isTakenAway,
  requested,
  type Claim,
} from "../clients/kubernetes/claims";
import { apiOfContext, askingHook } from "./cluster-api";
import { stopping, UpdateRefusal } from "./update-refusal";

/** Annotations of a StatefulSet: size and class of its servers' claims. The claim template has them too, but Pulumi ignores its changes. */
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
  /** The largest number of servers, if an autoscaler sets it: the claims of all of them grow. Default: `spec.replicas`. */
  readonly mostServers?: number;
  /** Context of the kubeconfig. */
  readonly kubeContext: string;
}

interface ClaimSpec {
  readonly storageClassName: string;
  readonly resources: { readonly requests: { readonly storage: string } };
}

interface Inputs {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly replicas: number; readonly volumeClaimTemplates: readonly { readonly spec: ClaimSpec }[] };
}

/** Claims as they are in Pulumi's state or in the program. */
export interface Claims {
  readonly storageGiB: number;
  readonly storageClass: string;
}

/** Claims as they are in the cluster. */
export interface Found {
  readonly claims: readonly Claim[];
  /** Names of their StorageClasses that do not allow volume expansion. */
  readonly rigid: readonly string[];
}

const ofSpec = ({ storageClassName, resources }: ClaimSpec): Claims => ({
  storageGiB: memoryBytes(resources.requests.storage) / GIB,
  storageClass: storageClassName,
});

function ofSet({
  metadata: { annotations = {} },
  spec: {
    volumeClaimTemplates: [{ spec }],
  },
}: Inputs): Claims {
  const made = ofSpec(spec);
  return {
    storageGiB: Number(annotations[SIZE] ?? made.storageGiB),
    storageClass: annotations[CLASS] ?? made.storageClass,
  };
}

/**
 * The reason why the claims cannot be changed, or undefined if they can. `former` are the claims of the previous update, if
 * there was one.
 *
 * @param key configuration key of the size
 */
export function claimsProblem(
  key: string,
  classKey: string,
  former: Claims | undefined,
  wanted: Claims,
  { claims, rigid }: Found,
): UpdateRefusal | undefined {
  const set = (name: string, value: string | number) => `pulumi config set --path nacos-platform:${name} ${value}`;
  if (former !== undefined && wanted.storageClass !== former.storageClass) {
    return new UpdateRefusal(
      "STORAGE_CLASS_CHANGED",
      `${classKey} is ${wanted.storageClass}, and the claims have ${former.storageClass}: the class of a claim cannot be changed. Set it back: ${set(classKey, former.storageClass)}`,
    );
  }
  const sizes = claims.map((claim) => requested(claim) / GIB);
  if (former !== undefined && wanted.storageGiB < former.storageGiB && sizes.some((size) => size > wanted.storageGiB)) {
    return new UpdateRefusal(
      "STORAGE_WOULD_SHRINK",
      `${key} is ${wanted.storageGiB}, and the claims have ${former.storageGiB}: no volume becomes smaller. Set it back: ${set(key, former.storageGiB)}`,
    );
  }
  const smaller = claims.filter((_, i) => sizes[i] < wanted.storageGiB);
  if (smaller.length > 0 && rigid.length > 0 && wanted.storageGiB > (former?.storageGiB ?? 0)) {
    const names = smaller.map(({ metadata }) => metadata.name).join(", ");
    return new UpdateRefusal(
      "STORAGE_NOT_EXPANDABLE",
      `${key} is ${wanted.storageGiB}, and ${names} cannot become larger: StorageClass ${rigid.join(", ")} does not say allowVolumeExpansion: true. Set it back: ${set(key, former?.storageGiB ?? Math.min(...sizes))}. See docs/volumes.md`,
    );
  }
  return undefined;
}

/** Annotations of a StatefulSet that record its claims. */
export function claimsNoted({ storageGiB, storageClass }: ClaimsArgs): Record<string, string> {
  return { [SIZE]: String(storageGiB), [CLASS]: storageClass };
}

/**
 * A hook of a StatefulSet that lets the claims of its running servers grow, before the set itself is changed. If claims would
 * become smaller, or their class does not allow volume expansion, preview and update stop before anything is changed.
 */
export function growingClaims({ section, statefulSet, mostServers, kubeContext }: ClaimsArgs): pulumi.ResourceHook {
  return askingHook(`let the claims of ${statefulSet} grow`, async ({ oldInputs, newInputs }) => {
    const {
      metadata: { name, namespace, annotations = {} },
      spec,
    } = newInputs as Inputs;
    const replicas = mostServers ?? spec.replicas;
    const api = apiOfContext(kubeContext);
    const { storageGiB, storageClass } = ofSet(newInputs as Inputs);
    const wanted = { namespace, name, replicas, storageGiB, manager: annotations["pulumi.com/patchFieldManager"] };
    if (pulumi.runtime.isDryRun() && oldInputs !== undefined && (await isTakenAway(api, wanted))) {
      throw new UpdateRefusal(
        "STORAGE_GROWTH_INTERRUPTED",
        `StatefulSet ${name} is missing: an update was interrupted while its claims grew, and ConfigMap ${name}-growing has a copy. Its servers run, but are not replaced if they fail. Do not change ${section}.storageGiB, and run: pulumi up --refresh`,
      );
    }
    const claims = await boundClaims(api, wanted);
    const rigid = await classesWithoutGrowth(
      api,
      claims.filter((claim) => requested(claim) < storageGiB * GIB),
    );
    const problem = claimsProblem(
      `${section}.storageGiB`,
      `${section}.storageClass`,
      oldInputs && ofSet(oldInputs as Inputs),
      { storageGiB, storageClass },
      { claims, rigid },
    );
    if (problem !== undefined) throw problem;
    if (rigid.length > 0)
      void pulumi.log.warn(
        `claims of ${section} are smaller than ${section}.storageGiB, and StorageClass ${rigid.join(", ")} does not allow volume expansion`,
      );
    else if (!pulumi.runtime.isDryRun())
      await growClaims(api, wanted, (progress) => void pulumi.log.info(progress)).catch((error: unknown) => {
        throw stopping("STORAGE_NOT_GROWN", error);
      });
  });
}

/** A hook of a claim that is a separate resource, which the provider lets grow. The same problems stop preview and update. */
export function growingClaim(key: string, classKey: string, kubeContext: string): pulumi.ResourceHook {
  return askingHook(`check if the claim of ${key} may change`, async ({ oldInputs, newInputs }) => {
    const {
      metadata: { name, namespace },
      spec,
    } = newInputs as { metadata: { name: string; namespace: string }; spec: ClaimSpec };
    const [former, wanted] = [ofSpec((oldInputs as { spec: ClaimSpec }).spec), ofSpec(spec)];
    if (former.storageGiB === wanted.storageGiB && former.storageClass === wanted.storageClass) return;
    const api = apiOfContext(kubeContext);
    const claim = await ifThere(api.get<Claim>(`/api/v1/namespaces/${namespace}/persistentvolumeclaims/${name}`));
    if (claim !== undefined && claim.status?.capacity === undefined) {
      throw new UpdateRefusal(
        "STORAGE_CLAIM_WITHOUT_VOLUME",
        `${key} is ${wanted.storageGiB}, and claim ${name} has no volume yet. Make a backup first: npm run ops -- mysql backup --stack ${pulumi.getStack()}`,
      );
    }
    const claims = claim === undefined ? [] : [claim];
    const problem = claimsProblem(key, classKey, former, wanted, {
      claims,
      rigid: await classesWithoutGrowth(api, claims),
    });
    if (problem !== undefined) throw problem;
  });
}
