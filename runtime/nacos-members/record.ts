import { MEMBERS_KEYS, membersConfigMap, type MembersSettings } from "../../contract/members";
import { ifThere, type KubernetesApi } from "../../clients/kubernetes/api";
import type { Membership } from "./steps";

/** The membership as the cluster records it. */
export interface Recorded extends Membership {
  /** Whether the members have formed Raft groups together at some time. */
  readonly formed: boolean;
  /** State of the ConfigMap that was read. */
  readonly resourceVersion: string;
}

/** The ConfigMap with the number of members. The stack creates it without data. */
export interface RecordObject {
  readonly metadata: { readonly resourceVersion: string };
  readonly data?: Readonly<Record<string, string>>;
}

interface StatefulSet {
  readonly spec: { readonly replicas: number };
}

/** The membership that these two objects record. @throws Error if the ConfigMap has something else. */
export function recordedOf(statefulSet: string, { spec }: StatefulSet, { metadata, data }: RecordObject): Recorded {
  // The stack has just created it: all pods that are wanted form the cluster together.
  const members = Number(data?.[MEMBERS_KEYS.members] ?? spec.replicas);
  if (!Number.isInteger(members) || members < 1)
    throw new Error(`ConfigMap ${membersConfigMap(statefulSet)} has no number of members: ${JSON.stringify(data)}`);
  return {
    members,
    wanted: spec.replicas,
    formed: data?.[MEMBERS_KEYS.formed] === "true",
    resourceVersion: metadata.resourceVersion,
  };
}

/** The StatefulSet's replicas, and the ConfigMap with the number of members. */
export class MembershipRecord {
  constructor(
    private readonly api: Pick<KubernetesApi, "get" | "patch">,
    private readonly settings: Pick<MembersSettings, "namespace" | "statefulSet">,
  ) {}

  /** @throws Error if the API server does not answer, or has not both objects. */
  async read(): Promise<Recorded> {
    const { statefulSet, namespace } = this.settings;
    const set = await this.api.get<StatefulSet>(`/apis/apps/v1/namespaces/${namespace}/statefulsets/${statefulSet}`);
    const map = await this.api.get<RecordObject>(this.configMap);
    const recorded = recordedOf(statefulSet, set, map);
    if (map.data?.[MEMBERS_KEYS.members] === undefined) await this.write(recorded, { members: recorded.members });
    return recorded;
  }

  /** Records a step. @throws ApiError with status 409 if another server has recorded one since. */
  async write(
    { resourceVersion }: Recorded,
    { members, formed }: { members?: number; formed?: boolean },
  ): Promise<void> {
    const data = {
      ...(members === undefined ? {} : { [MEMBERS_KEYS.members]: String(members) }),
      ...(formed === undefined ? {} : { [MEMBERS_KEYS.formed]: String(formed) }),
    };
    await this.api.patch(this.configMap, { metadata: { resourceVersion }, data });
  }

  /** Whether the StatefulSet has a pod with this ordinal. */
  async hasPod(ordinal: number): Promise<boolean> {
    const { statefulSet, namespace } = this.settings;
    const pod = this.api.get(`/api/v1/namespaces/${namespace}/pods/${statefulSet}-${ordinal}`);
    return (await ifThere(pod)) !== undefined;
  }

  private get configMap(): string {
    const { statefulSet, namespace } = this.settings;
    return `/api/v1/namespaces/${namespace}/configmaps/${membersConfigMap(statefulSet)}`;
  }
}
