import { z } from "zod";
import { formatCpu, formatMemory, parseCpu, parseMemory } from "../contract/quantity";
import { isSchedule } from "./cron";
import { Secret } from "./secret";

export const ENVIRONMENTS = ["dev", "test", "prod"] as const;
export type Environment = (typeof ENVIRONMENTS)[number];
export type PerEnvironment<T> = Readonly<Record<Environment, T>>;

/** Why a value was refused, if `allowed` and `example` of the field do not say enough. */
export class Mismatch {
  /** @param fault what is wrong, continuing the path; default: "is" and the value */
  constructor(
    readonly allowed?: string,
    readonly fix?: string,
    readonly fault?: string,
  ) {}
}

interface Common<T> {
  readonly description: string;
  /** Absent if the stack has to set the value. */
  readonly default?: PerEnvironment<T>;
}

/** Facts about one configuration value, in addition to its schema. */
export interface FieldFacts extends Common<unknown> {
  /** The allowed values, in words that follow "allowed:". */
  readonly allowed: string;
  /** A value that is accepted, as it is typed. */
  readonly example: string;
  /** Whether the value is encrypted in the stack file, and in no message. */
  readonly secret?: true;
  /** Set if the value is stored in plain text in the cluster, so that nothing in it may be encrypted: where to put secrets instead. */
  readonly public?: string;
}

/** The facts of each field, by its schema. */
export const FIELDS = z.registry<FieldFacts>();

/** The schema of one value of type `T`. */
export type Field<T> = z.ZodType<T>;

/** A schema with its facts. */
export function field<S extends z.ZodType>(facts: FieldFacts, schema: S): S {
  FIELDS.add(schema, facts);
  return schema;
}

/** The parsed value, or why it is refused. */
export function parse<T>(schema: Field<T>, value: unknown): T | Mismatch {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  return issue.code === "custom" && issue.params?.mismatch instanceof Mismatch ? issue.params.mismatch : new Mismatch();
}

/** A check that may give a specific reason. */
export function check<T>(accepts: (value: T) => boolean | Mismatch): (value: T, context: z.RefinementCtx) => void {
  return (value, context) => {
    const answer = accepts(value);
    if (answer !== true) context.addIssue({ code: "custom", params: { mismatch: answer || new Mismatch() } });
  };
}

/** The same default in every environment. */
export function everywhere<T>(value: T): PerEnvironment<T> {
  return { dev: value, test: value, prod: value };
}

export function choice<const V extends string>(values: readonly V[], args: Common<V>): Field<V> {
  return field({ ...args, allowed: values.join(", "), example: values[0] }, z.enum(values));
}

export function flag(args: Common<boolean>): Field<boolean> {
  // A top-level value is always a text.
  const text = z.enum(["true", "false"]).transform((word) => word === "true");
  return field({ ...args, allowed: "true or false", example: "true" }, z.union([z.boolean(), text]));
}

interface TextArgs extends Common<string> {
  readonly allowed: string;
  readonly pattern: RegExp;
  readonly not?: readonly string[];
  /** What the pattern cannot check. */
  readonly accepts?: (value: string) => boolean;
}

export function text({
  pattern,
  not = [],
  accepts = () => true,
  ...facts
}: TextArgs & { example: string }): Field<string> {
  return field(
    facts,
    z
      .string()
      .regex(pattern)
      .refine((value) => !not.includes(value) && accepts(value)),
  );
}

const HOST = "[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?(\\.[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?)*";

/** `host:port`. */
export function address(args: Common<string> & { example: string }): Field<string> {
  return text({
    ...args,
    allowed: "host:port, with a port from 1 to 65535",
    pattern: new RegExp(`^${HOST}:[0-9]+$`),
    accepts: (value) => isPort(value.split(":")[1]),
  });
}

/** The beginning of a URL: scheme, host and port. */
export function origin(args: Common<string> & { example: string }): Field<string> {
  return text({
    ...args,
    allowed: "https://host or http://host, with a port from 1 to 65535 if it is not the default",
    pattern: new RegExp(`^https?://${HOST}(:[0-9]+)?$`),
    accepts: (value) => URL.canParse(value) && isPort(/:([0-9]+)$/.exec(value)?.[1] ?? "443"),
  });
}

/** Whether the digits are a valid port number. */
function isPort(digits: string): boolean {
  return Number(digits) >= 1 && Number(digits) <= 65_535;
}

/** A time zone that Kubernetes accepts: a name, in its exact spelling. */
export function timeZone(args: Common<string>): Field<string> {
  return text({
    ...args,
    allowed: "UTC or a name of the time zone database, Area/City",
    example: "Asia/Shanghai",
    // Other names without an area are obsolete, and not every system knows them.
    pattern: /^(UTC|(?!SystemV)[A-Z][A-Za-z]+(\/[A-Z][A-Za-z0-9_+-]*){1,2})$/,
    accepts: (value) => {
      try {
        const { timeZone: canonical } = new Intl.DateTimeFormat("en", { timeZone: value }).resolvedOptions();
        return canonical === value || canonical.toLowerCase() !== value.toLowerCase();
      } catch {
        return false;
      }
    },
  });
}

/** A text that must be encrypted in the stack file. */
export function secretText({ pattern, ...facts }: TextArgs): Field<Secret> {
  return field(
    { ...facts, example: "", secret: true },
    z
      .string()
      .regex(pattern)
      .transform((value) => new Secret(value)),
  );
}

/** Five fields of cron that a CronJob accepts. */
export function cron(args: Common<string>): Field<string> {
  return text({
    ...args,
    allowed: "five fields of cron, for a date that exists: minute 0-59, hour 0-23, day 1-31, month 1-12, weekday 0-6",
    example: args.default?.dev ?? "0 1 * * *",
    pattern: /^\S+( \S+){4}$/,
    accepts: isSchedule,
  });
}

export function integer({
  min,
  max,
  odd = false,
  ...args
}: Common<number> & { min: number; max: number; odd?: boolean }): Field<number> {
  const facts = {
    ...args,
    allowed: `${odd ? "an odd" : "a"} whole number from ${min} to ${max}`,
    example: String(args.default?.dev ?? min),
  };
  return field(
    facts,
    z
      .int()
      .min(min)
      .max(max)
      .refine((value) => !odd || value % 2 === 1),
  );
}

/** CPU in cores or millicores. YAML reads `cpu: 1` as a number, which means the same as "1". */
export function cpu(args: Common<string> & { min: string; max: string }): Field<string> {
  return quantity("a CPU quantity", parseCpu, formatCpu, args);
}

/** Memory in bytes, with Ki, Mi, Gi, Ti or k, M, G, T. */
export function memory(args: Common<string> & { min: string; max: string }): Field<string> {
  return quantity("a memory quantity", parseMemory, formatMemory, args);
}

/** Space on a disk, as {@link memory}. */
export function diskSpace(args: Common<string> & { min: string; max: string }): Field<string> {
  return quantity("a storage quantity", parseMemory, formatMemory, args);
}

function quantity(
  what: string,
  parse: (text: string) => number | undefined,
  format: (amount: number) => string,
  args: Common<string> & { min: string; max: string },
): Field<string> {
  const { min, max, ...rest } = args;
  const [least, most] = [parse(min) ?? 0, parse(max) ?? Infinity];
  const inRange = (written: string): boolean => {
    const amount = parse(written);
    return amount !== undefined && amount >= least && amount <= most;
  };
  const facts = {
    ...rest,
    allowed: `${what} from ${format(least)} to ${format(most)}`,
    example: args.default?.dev ?? min,
  };
  return field(facts, z.union([z.string(), z.number().transform(String)]).refine(inRange));
}

export const LABEL_KEY = /^([a-z0-9]([a-z0-9.-]*[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
export const LABEL_VALUE = /^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/;

/**
 * Kubernetes labels that must all be present. At least one, unless they may be empty: no labels would select everything.
 *
 * @param args.example needed if the default has no labels
 */
export function labels({
  example,
  mayBeEmpty = false,
  ...args
}: Common<Readonly<Record<string, string>>> & { example?: string; mayBeEmpty?: boolean }): Field<
  Readonly<Record<string, string>>
> {
  const facts = {
    ...args,
    allowed: `an object of ${mayBeEmpty ? "" : "one or more "}Kubernetes labels with text values`,
    example: example ?? JSON.stringify(args.default?.dev ?? {}),
  };
  return field(
    facts,
    z
      .record(z.string().regex(LABEL_KEY), z.string().regex(LABEL_VALUE))
      .refine((given) => mayBeEmpty || Object.keys(given).length > 0),
  );
}

/** Port numbers, at least one: an empty list would allow any port. */
export function ports(args: Common<readonly number[]>): Field<readonly number[]> {
  const facts = {
    ...args,
    allowed: "a list of one or more ports from 1 to 65535",
    example: JSON.stringify(args.default?.dev ?? []),
  };
  return field(facts, z.array(z.int().min(1).max(65_535)).min(1));
}

/** Kubernetes annotations; none by default. */
export function annotations(args: { readonly description: string }): Field<Readonly<Record<string, string>>> {
  return field(
    {
      ...args,
      allowed: "an object of Kubernetes annotations with text values",
      example: "{}",
      default: everywhere<Readonly<Record<string, string>>>({}),
    },
    z.record(z.string().regex(LABEL_KEY), z.string()),
  );
}

/**
 * IP ranges, at least one: an empty list would allow any address.
 *
 * @param args.example needed if there is no default
 */
export function cidrs({
  example,
  ...args
}: Common<readonly string[]> & { example?: string }): Field<readonly string[]> {
  const facts = {
    ...args,
    allowed: "a list of one or more IPv4 or IPv6 ranges",
    example: example ?? JSON.stringify(args.default?.dev ?? []),
  };
  return field(facts, z.array(z.union([z.cidrv4(), z.cidrv6()])).min(1));
}

/** A list of different names; empty by default. */
export function names({
  pattern,
  not,
  ...facts
}: Common<readonly string[]> & { allowed: string; pattern: RegExp; not: readonly string[]; example: string }): Field<
  readonly string[]
> {
  const name = z
    .string()
    .regex(pattern)
    .refine((value) => !not.includes(value));
  return field(
    facts,
    z.array(name).refine((list) => new Set(list).size === list.length),
  );
}
