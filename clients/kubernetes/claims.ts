import { GIB, memoryBytes } from "../../contract/quantity";
import { pause } from "../pause";
import { ifThere, mayPass, type KubernetesApi } from "./api";

/** The part of a PersistentVolumeClaim that says how large it is, and how large it may become. */
export interface Claim {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly storageClassName?: string;
    readonly resources: { readonly requests: { readonly storage: string } };
  };
  readonly status?: {
    readonly capacity?: { readonly storage?: string };
    readonly conditions?: readonly { readonly type: string; readonly status?: string; readonly message?: string }[];
  };
}

/** The claims `data` of a StatefulSet's servers, and their wanted size. */
export interface ClaimsOf {
  readonly namespace: string;
  /** Name of the StatefulSet. */
  readonly name: string;
  /** Number of servers. The claims of removed servers stay as they are. */
  readonly replicas: number;
  readonly storageGiB: number;
  /** Field manager with which Pulumi applies the StatefulSet. */
  readonly manager: string;
}

interface StatefulSet {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels?: object;
    readonly annotations?: object;
  };
  readonly spec: { readonly volumeClaimTemplates: readonly Claim[] };
}

interface Kept {
  readonly data: Readonly<Record<string, string>>;
}

/** A volume that has not grown within this time never will. */
const STALLED_MS = 900_000;
/** How long the API server, or its garbage collector, may be unreachable while there is no StatefulSet. */
const AWAY_MS = 300_000;
const POLL_MS = 1000;

/** Size that a claim requests, in bytes. */
export const requested = ({ spec }: Claim): number => memoryBytes(spec.resources.requests.storage);

const isBound = ({ status }: Claim): boolean => status?.capacity !== undefined;
const setPath = ({ namespace, name }: ClaimsOf) => `/apis/apps/v1/namespaces/${namespace}/statefulsets/${name}`;
const mapsPath = ({ namespace }: ClaimsOf) => `/api/v1/namespaces/${namespace}/configmaps`;
const keptName = ({ name }: ClaimsOf) => `${name}-growing`;

/** The claims of the servers that have a volume. */
export async function boundClaims(
  api: KubernetesApi,
  { namespace, name, replicas }: Pick<ClaimsOf, "namespace" | "name" | "replicas">,
): Promise<Claim[]> {
  const { items } = await api.get<{ items: readonly Claim[] }>(
    `/api/v1/namespaces/${namespace}/persistentvolumeclaims`,
  );
  const names = Array.from({ length: replicas }, (_, ordinal) => `data-${name}-${ordinal}`);
  return items.filter((claim) => names.includes(claim.metadata.name) && isBound(claim));
}

/** Names of the claims' StorageClasses that do not allow volume expansion. */
export async function classesWithoutGrowth(api: KubernetesApi, claims: readonly Claim[]): Promise<string[]> {
  const names = [...new Set(claims.map(({ spec }) => spec.storageClassName ?? ""))];
  const classes = await Promise.all(
    names.map((name) =>
      ifThere(api.get<{ allowVolumeExpansion?: boolean }>(`/apis/storage.k8s.io/v1/storageclasses/${name}`)),
    ),
  );
  return names.filter((_, i) => classes[i]?.allowVolumeExpansion !== true);
}

/** Whether an update was interrupted after it had deleted the StatefulSet. */
export async function isTakenAway(api: KubernetesApi, of: ClaimsOf): Promise<boolean> {
  const [set, kept] = await Promise.all([
    ifThere(api.get(setPath(of))),
    ifThere(api.get(`${mapsPath(of)}/${keptName(of)}`)),
  ]);
  return set === undefined && kept !== undefined;
}

/**
 * Expands the claims of a StatefulSet while its servers run, and gives the set itself the new size, for later servers. If it
 * is interrupted anywhere, it continues when it is called again.
 *
 * @throws Error with the claim and its own reason if a volume does not grow.
 */
export async function growClaims(
  api: KubernetesApi,
  wanted: ClaimsOf,
  tell: (progress: string) => void,
): Promise<void> {
  const path = `/api/v1/namespaces/${wanted.namespace}/persistentvolumeclaims`;
  const claims = await boundClaims(api, wanted);
  const smaller = claims
    .filter((claim) => requested(claim) < wanted.storageGiB * GIB)
    .map(({ metadata }) => metadata.name);
  for (const claim of smaller)
    await api.patch(`${path}/${claim}`, { spec: { resources: { requests: { storage: `${wanted.storageGiB}Gi` } } } });
  if (smaller.length > 0) tell(`${smaller.join(", ")}: growing to ${wanted.storageGiB}Gi`);
  await Promise.all(claims.map(({ metadata }) => grown(api, `${path}/${metadata.name}`, wanted.storageGiB, tell)));
  await resizeTemplate(api, wanted);
}

async function grown(
  api: KubernetesApi,
  path: string,
  storageGiB: number,
  tell: (progress: string) => void,
): Promise<void> {
  for (const deadline = Date.now() + STALLED_MS; ; await pause(POLL_MS)) {
    const {
      metadata: { name },
      status,
    } = await api.get<Claim>(path);
    const { capacity, conditions = [] } = status ?? {};
    if (memoryBytes(capacity?.storage ?? "0") >= storageGiB * GIB) return;
    if (conditions.some(({ type, status: holds }) => type === "FileSystemResizePending" && holds === "True")) {
      return tell(`${name}: its volume has grown, and its file system will grow when its server's node mounts it`);
    }
    if (Date.now() > deadline) {
      const reasons = conditions.map(({ type, message }) =>
        [type, message].filter((text) => text !== undefined && text !== "").join(": "),
      );
      throw new Error(
        `${name}: its volume has ${capacity?.storage} and does not grow to ${storageGiB}Gi: ${reasons.join("; ") || `kubectl describe pvc ${name} may show why`}. The next update waits again`,
      );
    }
  }
}

/**
 * Kubernetes does not allow changes of a claim template. So the set is deleted without its servers, which keep running, and
 * created again; then it adopts them. Until that is done, the new set is kept in a ConfigMap.
 */
async function resizeTemplate(api: KubernetesApi, of: ClaimsOf): Promise<void> {
  const kept = `${mapsPath(of)}/${keptName(of)}`;
  const forget = () => ifThere(api.delete(kept));
  const found = await ifThere(api.get<StatefulSet>(setPath(of)));
  if (found !== undefined) {
    if (requested(found.spec.volumeClaimTemplates[0]) >= of.storageGiB * GIB) return void (await forget());
    await api.apply(setPath({ ...of, name: keptName(of) }), of.manager, resized(found, of.storageGiB, keptName(of)), {
      onlyCheck: true,
    }); // if anything refuses it, it must do so now
    await forget(); // of an earlier attempt
    await api.create(mapsPath(of), {
      metadata: { name: keptName(of) },
      data: { "statefulset.json": JSON.stringify(resized(found, of.storageGiB)) },
    });
    await insist(() => ifThere(api.delete(setPath(of), "Orphan")));
    await insist(async () => {
      if ((await ifThere(api.get(setPath(of)))) !== undefined)
        throw new Error(`StatefulSet ${of.name} is not deleted: kube-controller-manager has to orphan its pods first`);
    });
  }
  const content = await ifThere(api.get<Kept>(kept));
  if (content === undefined) return; // there is no set yet
  await insist(() => api.apply(setPath(of), of.manager, JSON.parse(content.data["statefulset.json"]) as object));
  await forget();
}

/** Tries again after errors that may pass: there is no way back while the set is deleted. */
async function insist<T>(attempt: () => Promise<T>): Promise<T> {
  for (const deadline = Date.now() + AWAY_MS; ; await pause(POLL_MS)) {
    try {
      return await attempt();
    } catch (error) {
      if (!mayPass(error) || Date.now() > deadline) throw error;
    }
  }
}

/** A set of the same servers with larger claims. */
function resized(
  { metadata: { name, namespace, labels, annotations }, spec }: StatefulSet,
  storageGiB: number,
  as = name,
): object {
  const volumeClaimTemplates = spec.volumeClaimTemplates.map(({ metadata: template, spec: claim }) => ({
    metadata: { name: template.name },
    spec: { ...claim, resources: { ...claim.resources, requests: { storage: `${storageGiB}Gi` } } },
  }));
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: as, namespace, labels, annotations },
    spec: { ...spec, volumeClaimTemplates },
  };
}
