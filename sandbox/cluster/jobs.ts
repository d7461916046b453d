/** What `kubectl get jobs -o json` prints. */
export interface JobList {
  items: Job[];
}

interface Job {
  metadata: { namespace: string; name: string; creationTimestamp: string; ownerReferences?: { uid: string }[] };
  status: { conditions?: { type: string }[] };
}

/** The Jobs that have failed, as "namespace/name". Of a CronJob's Jobs only the newest counts: Kubernetes keeps failed ones long after others succeeded. */
export function failedJobs({ items }: JobList): string[] {
  const newest = new Map<string, Job>();
  for (const job of [...items].sort(byAge))
    newest.set(job.metadata.ownerReferences?.[0]?.uid ?? `${job.metadata.namespace}/${job.metadata.name}`, job);
  return [...newest.values()]
    .filter(({ status }) => status.conditions?.some(({ type }) => type === "Failed") === true)
    .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
}

const byAge = (one: Job, other: Job) =>
  Date.parse(one.metadata.creationTimestamp) - Date.parse(other.metadata.creationTimestamp);
