import { PUBLIC, nameOf, type Configuration, type Details, type Found, type Selection } from "./configuration";

/** A configuration that was not published, or is not served. */
export interface Failed {
  readonly name: string;
  readonly reason: string;
}

export interface Comparison {
  /** What a restore would publish, with the md5 of what exists now; undefined if there is none. */
  readonly publish: readonly { readonly then: Configuration; readonly md5Now?: string }[];
  /** What was found, one line each. */
  readonly lines: readonly string[];
  /** One line about all. */
  readonly summary: string;
  /** What differs and cannot be restored. */
  readonly refused: readonly Failed[];
}

const DETAILS: Readonly<Record<keyof Details, string>> = {
  type: "type",
  appName: "application",
  description: "description",
  use: "use",
  effect: "effect",
  schema: "schema",
  tags: "tags",
  encryptedDataKey: "encryption key",
};

/** Nacos encrypts the content of these itself when they are published, if it has the plugin of their algorithm. */
const ENCRYPTED = /^cipher-/;

/**
 * Compares what was with what is.
 *
 * @param isThree whether the servers that run are of 3.x
 */
export function compare({ namespace }: Selection, then: Found, now: Found, isThree: boolean): Comparison {
  const serving = namespace !== PUBLIC ? namespace : isThree ? PUBLIC : "";
  const wanted = withoutTwins(then.configurations);
  const live = new Map(now.configurations.filter(({ tenant }) => tenant === serving).map((one) => [keyOf(one), one]));
  const was = new Set(wanted.map(keyOf));
  const newer = [...live.values()].filter((one) => !was.has(keyOf(one))).map((one) => nameOf(namespace, one));
  const equal: string[] = [];
  const refused: Failed[] = [];
  const changed: string[] = [];
  const missing: string[] = [];
  const publish: { then: Configuration; md5Now?: string }[] = [];
  for (const one of wanted) {
    const name = nameOf(namespace, one);
    const current = live.get(keyOf(one));
    const difference = current === undefined ? "missing" : differenceOf(one, current);
    const reason = difference === undefined ? undefined : problemOf(one, isThree);
    if (difference === undefined) equal.push(name);
    else if (reason !== undefined) refused.push({ name, reason });
    else {
      (current === undefined ? missing : changed).push(`${name}: ${difference}`);
      publish.push({ then: one, md5Now: current?.md5 });
    }
  }
  const counts = Object.entries({
    missing,
    changed,
    "cannot be restored": refused,
    "did not exist then": newer,
    equal,
  });
  return {
    publish,
    lines: [
      ...equal.map((name) => `${name}: equal`),
      ...newer.map((name) => `${name}: did not exist then, is left as it is`),
      ...refused.map(({ name, reason }) => `${name}: differs and cannot be restored: ${reason}`),
      ...changed,
      ...missing,
    ],
    summary: counts
      .filter(([, found]) => found.length > 0)
      .map(([kind, found]) => `${found.length} ${kind}`)
      .join(", "),
    refused,
  };
}

/** What differs, with both checksums of the content, or undefined. */
function differenceOf(then: Configuration, now: Configuration): string | undefined {
  const differing = (Object.keys(DETAILS) as (keyof Details)[]).filter((key) => then[key] !== now[key]);
  const named = differing.map((key) => DETAILS[key]).join(", ");
  if (then.md5 !== now.md5)
    return `changed, md5 is ${now.md5} and was ${then.md5}${named === "" ? "" : `; other ${named}`}; last modified ${now.modified} UTC`;
  return named === "" ? undefined : `changed, same content, other ${named}; last modified ${now.modified} UTC`;
}

function problemOf({ dataId, encryptedDataKey }: Configuration, isThree: boolean): string | undefined {
  if (encryptedDataKey !== "" && !isThree)
    return "its content is encrypted, and Nacos 2.x would not keep the key. Publish it with its client";
  if (encryptedDataKey === "" && ENCRYPTED.test(dataId))
    return "its name says that it is encrypted, and it has no key. Nacos may encrypt it again. Publish it with its client";
  return undefined;
}

/**
 * One of each configuration of the default namespace, which may have two. 3.x keeps both equal, but its copy lacks details.
 * After a return to 2.x the one with the ID `public` is out of date. So a copy counts only if there is no other, and the later
 * of two counts.
 */
function withoutTwins(configurations: readonly Configuration[]): Configuration[] {
  const chosen = new Map<string, Configuration>();
  for (const one of configurations) {
    const other = chosen.get(keyOf(one));
    if (other === undefined || precedes(one, other)) chosen.set(keyOf(one), one);
  }
  return [...chosen.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

function precedes(one: Configuration, other: Configuration): boolean {
  if (one.isCopy !== other.isCopy) return other.isCopy;
  if (one.modified !== other.modified) return one.modified > other.modified;
  return one.tenant === PUBLIC;
}

function keyOf({ group, dataId }: Configuration): string {
  return JSON.stringify([group, dataId]);
}
