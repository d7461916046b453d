export type Props = Record<string, unknown>;

/** A copy of `props` with the value under the dotted `path` set, or taken out when `value` is undefined. */
export function changed(props: Props, path: string, value: unknown): Props {
  // The fixtures share parts, which structuredClone would go on sharing.
  const copy = JSON.parse(JSON.stringify(props)) as Props;
  const steps = path.split(".");
  const last = steps.pop() as string;
  let parent = copy;
  for (const step of steps) {
    parent[step] ??= {};
    parent = parent[step] as Props;
  }
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return copy;
}
