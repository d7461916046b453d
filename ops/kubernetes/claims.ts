import { GIB, memoryBytes } from "../../config/quantity";
import { pause } from "../pause";
import { ifThere, type KubernetesApi } from "./api";

/** As much of a claim as says how large it is, and may become. */
export interface Claim {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly storageClassName?: string; readonly resources: { readonly requests: { readonly storage: string } } };
  readonly status?: { readonly capacity?: { readonly storage?: string }; readonly conditions?: readonly { readonly type: string; readonly message?: string }[] };
}

/** The claims `data` of a StatefulSet's servers, and the size that they are to have. */
export interface ClaimsOf {
  readonly namespace: string;
  /** Name of the StatefulSet. */
  readonly name: string;
  readonly storageGiB: number;
}

interface Metadata {
  readonly name: string;
  readonly namespace: string;
  readonly labels?: object;
  readonly annotations?: object;
  readonly managedFields?: readonly { readonly manager: string; readonly operation: string; readonly subresource?: string }[];
}

interface StatefulSet {
  readonly metadata: Metadata;
  readonly spec: { readonly volumeClaimTemplates: readonly Claim[] };
}

/** A claim whose volume has not grown for so long never will. */
const STALLED_MS = 900_000;
const POLL_MS = 1000;

const requested = ({ spec }: Claim): number => memoryBytes(spec.resources.requests.storage);

/** The claims that are there and smaller than they are to be. */
export async function smallerClaims(api: KubernetesApi, { namespace, name, storageGiB }: ClaimsOf): Promise<Claim[]> {
  const { items } = await api.get<{ items: readonly Claim[] }>(`/api/v1/namespaces/${namespace}/persistentvolumeclaims`);
  return items.filter((claim) => new RegExp(`^data-${name}-\\d+$`).test(claim.metadata.name) && requested(claim) < storageGiB * GIB);
}

/** Names of the claims' StorageClasses that let no volume grow. */
export async function classesWithoutGrowth(api: KubernetesApi, claims: readonly Claim[]): Promise<string[]> {
  const names = [...new Set(claims.map(({ spec }) => spec.storageClassName ?? ""))];
  const classes = await Promise.all(names.map((name) => ifThere(api.get<{ allowVolumeExpansion?: boolean }>(`/apis/storage.k8s.io/v1/storageclasses/${name}`))));
  return names.filter((_, i) => classes[i]?.allowVolumeExpansion !== true);
}

/**
 * Lets the claims of a StatefulSet grow while its servers run, and gives the set itself the new size, for servers to come.
 * Broken off anywhere, it goes on when it is called again.
 *
 * @throws Error with the claim and its own reason if a volume does not grow.
 */
export async function growClaims(api: KubernetesApi, wanted: ClaimsOf, tell: (progress: string) => void): Promise<void> {
  const path = `/api/v1/namespaces/${wanted.namespace}/persistentvolumeclaims`;
  const growing = (await smallerClaims(api, wanted)).map(({ metadata }) => metadata.name);
  for (const claim of growing) await api.patch(`${path}/${claim}`, { spec: { resources: { requests: { storage: `${wanted.storageGiB}Gi` } } } });
  if (growing.length > 0) tell(`${growing.join(", ")}: growing to ${wanted.storageGiB} GiB`);
  await Promise.all((await allClaims(api, wanted)).map((claim) => grown(api, `${path}/${claim}`, wanted.storageGiB)));
  await resizeTemplate(api, wanted);
}

async function allClaims(api: KubernetesApi, wanted: ClaimsOf): Promise<string[]> {
  return (await smallerClaims(api, { ...wanted, storageGiB: Infinity })).map(({ metadata }) => metadata.name);
}

async function grown(api: KubernetesApi, path: string, storageGiB: number): Promise<void> {
  const deadline = Date.now() + STALLED_MS;
  for (;;) {
    const { metadata, status } = await api.get<Claim>(path);
    if (memoryBytes(status?.capacity?.storage ?? "0") >= storageGiB * GIB) return;
    if (status?.capacity === undefined) return; // no volume yet: it gets one of that size
    if (Date.now() > deadline) {
      const reasons = status.conditions?.map(({ type, message }) => [type, message].filter((text) => text !== undefined && text !== "").join(": ")) ?? [];
      throw new Error(`${metadata.name}: its volume has ${status.capacity.storage} and does not grow to ${storageGiB}Gi: ${reasons.join("; ") || `kubectl describe pvc ${metadata.name} may say why`}. The next update goes on waiting`);
    }
    await pause(POLL_MS);
  }
}

/**
 * Kubernetes changes no claim template. So the set is taken away, which leaves its servers running, and made again, whereupon
 * it takes them over. Until that is done, the new one is kept in a ConfigMap.
 */
async function resizeTemplate(api: KubernetesApi, { namespace, name, storageGiB }: ClaimsOf): Promise<void> {
  const set = `/apis/apps/v1/namespaces/${namespace}/statefulsets/${name}`;
  const maps = `/api/v1/namespaces/${namespace}/configmaps`;
  const kept = `${name}-growing`;
  const found = await ifThere(api.get<StatefulSet>(set));
  if (found !== undefined) {
    if (requested(found.spec.volumeClaimTemplates[0]) >= storageGiB * GIB) return void (await ifThere(api.delete(`${maps}/${kept}`)));
    await ifThere(api.delete(`${maps}/${kept}`)); // of an earlier attempt
    await api.create(maps, { metadata: { name: kept }, data: { "statefulset.json": JSON.stringify(resized(found, storageGiB)) } });
    await api.delete(set, "Orphan");
    while ((await ifThere(api.get(set))) !== undefined) await pause(POLL_MS);
  }
  const content = await ifThere(api.get<{ data: Readonly<Record<string, string>> }>(`${maps}/${kept}`));
  if (content === undefined) return; // there is no set yet
  const made = JSON.parse(content.data["statefulset.json"]) as { readonly manager: string; readonly object: object };
  await api.apply(set, made.manager, made.object);
  await ifThere(api.delete(`${maps}/${kept}`));
}

/** A set of the same servers whose claims are larger, and whom it belongs to: Pulumi's own name, by which it applies changes. */
function resized({ metadata: { name, namespace, labels, annotations, managedFields = [] }, spec }: StatefulSet, storageGiB: number): { manager: string; object: object } {
  const owner = managedFields.find(({ operation, subresource = "" }) => operation === "Apply" && subresource === "");
  if (owner === undefined) throw new Error(`StatefulSet ${name} was not made by Pulumi: nobody has applied it`);
  const volumeClaimTemplates = spec.volumeClaimTemplates.map(({ metadata: template, spec: claim }) => ({
    metadata: { name: template.name },
    spec: { ...claim, resources: { ...claim.resources, requests: { storage: `${storageGiB}Gi` } } },
  }));
  return { manager: owner.manager, object: { apiVersion: "apps/v1", kind: "StatefulSet", metadata: { name, namespace, labels, annotations }, spec: { ...spec, volumeClaimTemplates } } };
}
