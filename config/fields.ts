import { isSchedule } from "./cron";
import { formatCpu, formatMemory, parseCpu, parseMemory } from "../contract/quantity";

export const ENVIRONMENTS = ["dev", "test", "prod"] as const;
export type Environment = (typeof ENVIRONMENTS)[number];
export type PerEnvironment<T> = Readonly<Record<Environment, T>>;

/** Why a value was refused, where the field's general `allowed` and `example` do not say enough. */
export class Mismatch {
  readonly refused = true;

  /** @param fault what is wrong, continuing the path, if it is not that the value "is" this */
  constructor(readonly allowed?: string, readonly fix?: string, readonly fault?: string) {}
}

/** One configuration value. */
export interface Field<T> {
  readonly kind: "field";
  readonly description: string;
  /** The allowed values, in words that follow "allowed:". */
  readonly allowed: string;
  /** A value that is accepted, as one would type it. */
  readonly example: string;
  /** Absent when the stack has to set the value. */
  readonly default?: PerEnvironment<T>;
  /** Whether the value stands encrypted in the stack file, and never in a message. */
  readonly secret?: true;
  /** Set if the value is written where many may read it, so that nothing in it may be encrypted: where secrets go instead. */
  readonly public?: string;
  parse(value: unknown): T | Mismatch;
}

export type Schema = { readonly [key: string]: Field<unknown> | Group<Schema> };

/** An object of further values. */
export interface Group<S extends Schema> {
  readonly kind: "group";
  readonly fields: S;
}

/** The plain value that a schema describes. */
export type ValueOf<S> = S extends Field<infer T>
  ? T
  : S extends Group<infer F>
    ? { readonly [K in keyof F]: ValueOf<F[K]> }
    : never;

export function group<S extends Schema>(fields: S): Group<S> {
  return { kind: "group", fields };
}

/** The same default in every environment. */
export function everywhere<T>(value: T): PerEnvironment<T> {
  return { dev: value, test: value, prod: value };
}

interface Common<T> {
  readonly description: string;
  readonly default?: PerEnvironment<T>;
}

export function choice<const V extends string>(values: readonly V[], args: Common<V>): Field<V> {
  return {
    ...args,
    kind: "field",
    allowed: values.join(", "),
    example: values[0],
    parse: (value) => values.find((v) => v === value) ?? new Mismatch(),
  };
}

export function flag(args: Common<boolean>): Field<boolean> {
  return {
    ...args,
    kind: "field",
    allowed: "true or false",
    example: "true",
    // A top-level value always arrives as text.
    parse: (value) => (value === true || value === "true" ? true : value === false || value === "false" ? false : new Mismatch()),
  };
}

/** @param args.accepts what the pattern cannot tell */
export function text(args: Common<string> & { allowed: string; example: string; pattern: RegExp; not?: readonly string[]; accepts?: (value: string) => boolean }): Field<string> {
  const { pattern, not = [], accepts = () => true, ...rest } = args;
  return {
    ...rest,
    kind: "field",
    parse: (value) => (typeof value === "string" && pattern.test(value) && !not.includes(value) && accepts(value) ? value : new Mismatch()),
  };
}

const HOST = "[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?(\\.[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?)*";

/** `host:port`. */
export function address(args: Common<string> & { example: string }): Field<string> {
  return text({ ...args, allowed: "host:port, with a port from 1 to 65535", pattern: new RegExp(`^${HOST}:[0-9]+$`), accepts: (value) => isPort(value.split(":")[1]) });
}

/** The beginning of a URL: scheme, host and port. */
export function origin(args: Common<string> & { example: string }): Field<string> {
  return text({
    ...args,
    allowed: "https://host or http://host, with a port from 1 to 65535 where it is another than the usual",
    pattern: new RegExp(`^https?://${HOST}(:[0-9]+)?$`),
    accepts: (value) => URL.canParse(value) && isPort(/:([0-9]+)$/.exec(value)?.[1] ?? "443"),
  });
}

function isPort(digits: string): boolean {
  return Number(digits) >= 1 && Number(digits) <= 65_535;
}

/** A time zone as Kubernetes takes it: by its name, in that spelling. */
export function timeZone(args: Common<string>): Field<string> {
  return text({
    ...args,
    allowed: "UTC or a name of the time zone database, Area/City",
    example: "Asia/Shanghai",
    // Other names without an area are old ones, of which not everybody knows all.
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

/** Text that nobody may read in a stack file; empty where it is not set. */
export function secretText(args: Common<string> & { allowed: string; pattern: RegExp }): Field<string> {
  return { ...text({ ...args, example: "", default: everywhere("") }), secret: true };
}

/** Five fields of cron, as a CronJob takes them. */
export function cron(args: Common<string>): Field<string> {
  return text({
    ...args,
    allowed: "five fields of cron that name a time which comes: minute 0-59, hour 0-23, day 1-31, month 1-12, weekday 0-6",
    example: args.default?.dev ?? "0 1 * * *",
    pattern: /^\S+( \S+){4}$/,
    accepts: isSchedule,
  });
}

export function integer(args: Common<number> & { min: number; max: number; odd?: boolean }): Field<number> {
  const { min, max, odd, ...rest } = args;
  return {
    ...rest,
    kind: "field",
    allowed: `${odd ? "an odd" : "a"} whole number from ${min} to ${max}`,
    example: String(args.default?.dev ?? min),
    parse: (value) =>
      typeof value === "number" && Number.isInteger(value) && value >= min && value <= max && !(odd && value % 2 === 0)
        ? value
        : new Mismatch(),
  };
}

/** CPU in cores or millicores. YAML turns `cpu: 1` into a number; it means the same as "1". */
export function cpu(args: Common<string> & { min: string; max: string }): Field<string> {
  return quantity("a CPU quantity", parseCpu, formatCpu, args);
}

/** Memory in bytes, with Ki, Mi, Gi, Ti or k, M, G, T. */
export function memory(args: Common<string> & { min: string; max: string }): Field<string> {
  return quantity("a memory quantity", parseMemory, formatMemory, args);
}

function quantity(
  what: string,
  parse: (text: string) => number | undefined,
  format: (amount: number) => string,
  args: Common<string> & { min: string; max: string },
): Field<string> {
  const { min, max, ...rest } = args;
  const [least, most] = [parse(min) ?? 0, parse(max) ?? Infinity];
  return {
    ...rest,
    kind: "field",
    allowed: `${what} from ${format(least)} to ${format(most)}`,
    example: args.default?.dev ?? min,
    parse: (value) => {
      const written = typeof value === "number" ? String(value) : value;
      const amount = typeof written === "string" ? parse(written) : undefined;
      return typeof written === "string" && amount !== undefined && amount >= least && amount <= most ? written : new Mismatch();
    },
  };
}

const LABEL_KEY = /^([a-z0-9]([a-z0-9.-]*[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/;

/**
 * Kubernetes labels that must all be present. Never set to none: no labels would select everything.
 *
 * @param args.example where the default has no labels
 */
export function labels({ example, ...args }: Common<Readonly<Record<string, string>>> & { example?: string }): Field<Readonly<Record<string, string>>> {
  return {
    ...args,
    kind: "field",
    allowed: "an object of one or more Kubernetes labels with text values",
    example: example ?? JSON.stringify(args.default?.dev ?? {}),
    parse: (value) => {
      if (typeof value !== "object" || value === null || Array.isArray(value)) return new Mismatch();
      const entries = Object.entries(value);
      const valid = entries.every(([k, v]) => LABEL_KEY.test(k) && typeof v === "string" && LABEL_VALUE.test(v));
      return entries.length > 0 && valid ? (value as Record<string, string>) : new Mismatch();
    },
  };
}

/** IPv4 ranges, at least one: an empty list would allow any address. */
export function cidrs(args: Common<readonly string[]>): Field<readonly string[]> {
  const octet = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
  const pattern = new RegExp(`^${octet}(\\.${octet}){3}/(3[0-2]|[12]?\\d)$`);
  return {
    ...args,
    kind: "field",
    allowed: "a list of one or more IPv4 ranges",
    example: JSON.stringify(args.default?.dev ?? []),
    parse: (value) =>
      Array.isArray(value) && value.length > 0 && value.every((range) => typeof range === "string" && pattern.test(range)) ? (value as string[]) : new Mismatch(),
  };
}

/** A list of names, none of them twice; empty by default. */
export function names(args: Common<readonly string[]> & { allowed: string; pattern: RegExp; not: readonly string[]; example: string }): Field<readonly string[]> {
  const { pattern, not, ...rest } = args;
  return {
    ...rest,
    kind: "field",
    parse: (value) => {
      if (!Array.isArray(value) || new Set(value).size !== value.length) return new Mismatch();
      return value.every((name) => typeof name === "string" && pattern.test(name) && !not.includes(name)) ? (value as string[]) : new Mismatch();
    },
  };
}
