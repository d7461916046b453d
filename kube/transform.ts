/**
 * Changes the arguments of a resource before it is made, for what nobody foresaw: pull secrets, sidecars, annotations. It is
 * given what would be made, and returns what is made instead. Names and selectors are not its to change.
 */
export type Transform<T> = (args: T) => T;

/** The arguments of a resource as they are made. */
export function transformed<T>(transform: Transform<T> | undefined, args: T): T {
  return transform === undefined ? args : transform(args);
}
