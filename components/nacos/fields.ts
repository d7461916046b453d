import { findSecrets } from "../../contract/secret-text";
import { z } from "zod";
import { everywhere, field, Mismatch, type Field, type FieldFacts } from "../../config/fields";
import { insteadOfJvmOption, insteadOfProperty } from "./owned";

/** Secret in the namespace that the user creates. Its keys become environment variables of the servers. */
export const PROPERTIES_SECRET = propertiesSecret("nacos");

/** The same for a Nacos by its name in the cluster. */
export function propertiesSecret(base: string): string {
  return `${base}-properties`;
}

/** Key of the choice what to do with an upgrade from 2.x to 3.x. */
export const SERIES_UPGRADE = "nacos.seriesUpgrade";
export const SERIES_UPGRADES = ["refuse", "hold", "complete"] as const;
export type SeriesUpgrade = (typeof SERIES_UPGRADES)[number];

const PROPERTY = /^[A-Za-z][\w.-]*(\[\w+\][\w.-]*)*$/;
// The image's entrypoint lets bash split the options into words.
const OPTION = /^-[\w.:=,+/@%~#-]+$/;
const SECRET = `put it into Secret ${PROPERTIES_SECRET} of the namespace, for example as MY_SECRET, and write \${MY_SECRET} here`;

/** One entry that is refused. No message contains the value, because it may be a secret. */
interface Refusal {
  readonly entry: string;
  readonly instead: string;
}

function mismatch(allowed: string, refusals: readonly Refusal[]): Mismatch {
  return new Mismatch(
    allowed,
    refusals.map(({ entry, instead }) => `${entry}: ${instead}`).join("; "),
    `has ${refusals.map(({ entry }) => entry).join(", ")}`,
  );
}

/** A field that is read by a function, not by a schema. */
function custom<T>(facts: FieldFacts, read: (value: unknown) => T | Mismatch): Field<T> {
  return field(
    facts,
    z.unknown().transform((value, context) => {
      const result = read(value);
      if (!(result instanceof Mismatch)) return result;
      context.addIssue({ code: "custom", params: { mismatch: result } });
      return z.NEVER;
    }),
  );
}

/** Properties for Nacos' application.properties: text by name. */
export function properties(description: string): Field<Readonly<Record<string, string>>> {
  const allowed =
    "an object of properties that the stack does not set itself, with texts, numbers, true or false; no secrets";
  return custom<Readonly<Record<string, string>>>(
    { public: SECRET, description, allowed, example: "{}", default: everywhere({}) },
    (value) => {
      if (typeof value !== "object" || value === null || Array.isArray(value))
        return new Mismatch(undefined, undefined, "is no object");
      const refusals = Object.entries(value).flatMap(([name, given]) => refuseProperty(name, given) ?? []);
      if (refusals.length > 0) return mismatch(allowed, refusals);
      return Object.fromEntries(Object.entries(value).map(([name, given]) => [name, String(given)]));
    },
  );
}

function refuseProperty(name: string, value: unknown): Refusal | undefined {
  const refuse = (instead: string): Refusal => ({ entry: JSON.stringify(name), instead });
  if (!PROPERTY.test(name)) return refuse("write a property's name, such as nacos.config.retention.days");
  const instead = insteadOfProperty(name);
  if (instead !== undefined) return refuse(instead);
  if (!["string", "number", "boolean"].includes(typeof value)) return refuse("give it a text, a number, true or false");
  return findSecrets(`${name}=${String(value)}`, "text").length > 0 ? refuse(SECRET) : undefined;
}

/** Options for the servers' JVM. */
export function jvmOptions(description: string): Field<readonly string[]> {
  const allowed = "a list of JVM options that the stack does not set itself, one word each; no secrets";
  return custom<readonly string[]>(
    { public: SECRET, description, allowed, example: "[]", default: everywhere([]) },
    (value) => {
      if (!Array.isArray(value)) return new Mismatch(undefined, undefined, "is no list");
      const refusals = value.flatMap((option, index) => refuseOption(option, index) ?? []);
      return refusals.length > 0 ? mismatch(allowed, refusals) : (value as string[]);
    },
  );
}

function refuseOption(option: unknown, index: number): Refusal | undefined {
  if (typeof option !== "string" || !option.startsWith("-"))
    return { entry: `[${index}]`, instead: "write an option that begins with -" };
  const name = option.split("=")[0];
  const refuse = (instead: string): Refusal => ({ entry: JSON.stringify(name), instead });
  const property = /^-D([^=]+)/.exec(option)?.[1];
  const instead = property === undefined ? insteadOfJvmOption(option) : insteadOfProperty(property);
  if (instead !== undefined) return refuse(instead);
  if (findSecrets(option.replace(/^-D/, ""), "text").length > 0) return refuse(`set it in nacos.properties: ${SECRET}`);
  if (option.startsWith("--") && !/^--(add-(opens|exports|modules|reads)|enable-native-access)=/.test(option))
    return refuse("set it in nacos.properties");
  return OPTION.test(option)
    ? undefined
    : refuse("write it without spaces, quotes and *?[]$; a property with such a value goes into nacos.properties");
}
