/** Stands for a value that depends on a resource which does not exist yet. */
export const UNKNOWN = Symbol("unknown at preview");

/**
 * The value under `path`: `undefined` when a step is absent or null, `UNKNOWN` when a step is not known yet.
 *
 * Pulumi hands policies a proxy that throws on an unknown value, and turns the throw into one advisory remark for the
 * whole resource. Reading through this function keeps the rest of the resource under the mandatory rule at preview;
 * what is unknown is judged at the update, when Pulumi runs the policies again just before each resource is made.
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
      return UNKNOWN;
    }
  }
  return current ?? undefined;
}

/** The elements of the list under `path`, each possibly `UNKNOWN`; none when the list is absent or itself unknown. */
export function items(value: unknown, ...path: string[]): unknown[] {
  const list = at(value, ...path);
  return Array.isArray(list) ? Array.from({ length: list.length }, (_, index) => at(list, String(index))) : [];
}

/** The keys and values of the map under `path`, each value possibly `UNKNOWN`. */
export function entries(value: unknown, ...path: string[]): [key: string, value: unknown][] {
  const map = at(value, ...path);
  return typeof map === "object" && map !== null ? Object.keys(map).map((key) => [key, at(map, key)]) : [];
}

/** The string under `path`, or `undefined` when it is absent, unknown or something else. */
export function text(value: unknown, ...path: string[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === "string" ? found : undefined;
}

/** A value as a message quotes it. */
export function quote(value: unknown): string {
  return value === undefined ? "not set" : JSON.stringify(value);
}

// The class is internal to @pulumi/policy, which exports it without types.
function isUnknownValueError(error: unknown): boolean {
  return error instanceof Error && "unknownTypeSentinel" in error;
}
