import type { KubernetesApi } from "./api";
import { oneLine } from "./pod-trouble";

interface Event {
  readonly message?: string;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
}

/** The last warning event of an object: a probe that fails, a volume that cannot be mounted, a pod that the quota forbids. */
export async function lastWarning(api: KubernetesApi, namespace: string, object: string): Promise<string> {
  const selector = encodeURIComponent(`involvedObject.name=${object},type=Warning`);
  const { items } = await api
    .get<{ items: readonly Event[] }>(`/api/v1/namespaces/${namespace}/events?fieldSelector=${selector}`)
    .catch(() => ({ items: [] }));
  const time = ({ lastTimestamp, eventTime }: Event) => lastTimestamp ?? eventTime ?? "";
  const last = [...items].sort((one, other) => (time(one) < time(other) ? -1 : 1)).at(-1);
  return last?.message === undefined ? "" : oneLine(last.message);
}
