export type Values = Readonly<Record<string, unknown>>;

/** Keys at the top whose value stands for keys of sections, by what they stand for. */
export type Shorthands = Readonly<Record<string, (value: string) => Values>>;

/** The values with what shorthands stand for. What a section sets itself replaces it. */
export function expanded(values: Values, shorthands: Shorthands): Values {
  return Object.entries(shorthands).reduce((all, [key, meaning]) => {
    const value = values[key];
    return typeof value === "string" ? (completed(all, meaning(value)) as Values) : all;
  }, values);
}

/** What is given, with defaults for what is not. */
function completed(given: unknown, defaults: unknown): unknown {
  if (given === undefined) return defaults;
  if (!isObject(given) || !isObject(defaults)) return given;
  return {
    ...given,
    ...Object.fromEntries(Object.entries(defaults).map(([key, value]) => [key, completed(given[key], value)])),
  };
}

function isObject(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
