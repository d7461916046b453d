/** A value that depends on a resource which does not exist yet. */
export const UNKNOWN = Symbol("unknown at preview");

/** Whether a rule has met an unknown value in this process. */
export const met = { unknown: false };

/**
 * The value under `path`: `undefined` if a step is absent or null, `UNKNOWN` if a step is not known yet.
 *
 * Pulumi passes a proxy to policies. The proxy throws on an unknown value, and Pulumi turns that into one advisory message
 * for the whole resource. With this function, the rest of the resource stays under the mandatory rule at preview. Unknown
 * values are evaluated at the update: Pulumi then runs the policies again, just before it creates each resource.
 */
export function at(value: unknown, ...path: string[]): unknown {
  let current = value;
  for (const step of path) {
    if (current === UNKNOWN) return UNKNOWN;
    if (typeof current !== "object" || current === null) return undefined;
    try {
      current = (current as Record<string, unknown>)[step];
    } catch (error) {
      if (!isUnknownValueError(error)) throw error;
      met.unknown = true;
      return UNKNOWN;
    }
  }
  return current ?? undefined;
}

/** The elements of the list under `path`, each possibly `UNKNOWN`; none if the list is absent or itself unknown. */
export function items(value: unknown, ...path: string[]): unknown[] {
  const list = at(value, ...path);
  return Array.isArray(list) ? Array.from({ length: list.length }, (_, index) => at(list, String(index))) : [];
}

/** The keys and values of the map under `path`, each value possibly `UNKNOWN`. */
export function entries(value: unknown, ...path: string[]): [key: string, value: unknown][] {
  const map = at(value, ...path);
  return typeof map === "object" && map !== null ? Object.keys(map).map((key) => [key, at(map, key)]) : [];
}

/** The string under `path`, or `undefined` if it is absent, unknown or not a string. */
export function text(value: unknown, ...path: string[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === "string" ? found : undefined;
}

/** A name that is not known yet, in messages. No name in Kubernetes can look like this. */
export const NOT_YET_KNOWN = "(unknown)";

/** The name under `path`; "" if there is none. */
export function nameIn(value: unknown, ...path: string[]): string {
  return at(value, ...path) === UNKNOWN ? NOT_YET_KNOWN : (text(value, ...path) ?? "");
}

/** A value as a message quotes it. */
export function quote(value: unknown): string {
  if (value === UNKNOWN) return NOT_YET_KNOWN;
  return value === undefined ? "not set" : JSON.stringify(value);
}

// The class is internal to @pulumi/policy, which exports it without types.
function isUnknownValueError(error: unknown): boolean {
  return error instanceof Error && "unknownTypeSentinel" in error;
}
