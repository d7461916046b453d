import { cpuMilli, memoryBytes } from "../contract/quantity";

/** Resources of a container, by the names that they have in a configuration, with what turns their amounts into numbers. */
export const MEASURES = { cpu: cpuMilli, memory: memoryBytes, ephemeralStorage: memoryBytes };
export type Resource = keyof typeof MEASURES;
export const RESOURCES = Object.keys(MEASURES) as readonly Resource[];

/** The name that Kubernetes gives a resource. */
export function resourceName<R extends Resource>(resource: R) {
  return resource === "ephemeralStorage" ? "ephemeral-storage" : (resource as Exclude<R, "ephemeralStorage">);
}

/** A rule between values of a configuration `C`. `path` and `uses` are paths without the project prefix. */
export interface Rule<C> {
  /** The key that is reported, and that the fix sets. */
  readonly path: string;
  /** Other keys that have to be valid before the rule can be evaluated. */
  readonly uses: readonly string[];
  /** @returns what is wrong, or undefined. */
  judge(config: C): Finding | undefined;
}

export interface Finding {
  readonly value: string;
  readonly allowed: string;
  /** A value that is allowed; absent for a secret. */
  readonly use?: string;
}

export interface Resources {
  readonly requests: { readonly cpu: string; readonly memory: string };
  readonly limits: { readonly cpu: string; readonly memory: string };
}

/** A container's requests are at most its limits. @param of undefined if the configuration has no such container */
export function requestsWithinLimits<C>(base: string, of: (config: C) => Resources | undefined): Rule<C>[] {
  return [requestWithinLimit(base, "cpu", of), requestWithinLimit(base, "memory", of)];
}

/** The same for one resource. */
export function requestWithinLimit<C, R extends Resource>(
  base: string,
  resource: R,
  of: (config: C) => Readonly<Record<"requests" | "limits", Readonly<Record<R, string>>>> | undefined,
): Rule<C> {
  const measure = MEASURES[resource];
  return {
    path: `${base}.requests.${resource}`,
    uses: [`${base}.limits.${resource}`],
    judge: (config) => {
      const resources = of(config);
      if (resources === undefined) return undefined;
      const [request, limit] = [resources.requests[resource], resources.limits[resource]];
      if (measure(request) <= measure(limit)) return undefined;
      return { value: request, allowed: `at most ${base}.limits.${resource}, which is ${limit}`, use: limit };
    },
  };
}
