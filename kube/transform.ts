/**
 * Changes the arguments of a resource before it is created, for what the component has no option for: pull secrets, sidecars,
 * annotations. It must not change names and selectors.
 */
export type Transform<T> = (args: T) => T;

/** The arguments of a resource after the transform, if there is one. */
export function transformed<T>(transform: Transform<T> | undefined, args: T): T {
  return transform === undefined ? args : transform(args);
}
