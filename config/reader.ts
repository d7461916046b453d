import { z } from "zod";
import { Commands } from "./commands";
import type { Problem } from "./error";
import { ENVIRONMENTS, FIELDS, Mismatch, parse, type Environment, type Field } from "./fields";
import { listOf, mappingOf, unionOf, type Group, type List, type Mapping, type Union } from "./groups";
import { nearest } from "./nearest";
import { ENCRYPTED, type RawConfig } from "./raw";
import type { Rule } from "./rules";
import { Secret } from "./secret";

/** Keys of previous versions, by path: the new name, with what has changed; or what replaces the key. */
export type Former = Readonly<Record<string, string | { readonly instead: string }>>;

/** Reads one stack's configuration by its schema, and collects everything that is wrong with it. */
export class Reader {
  readonly problems: Problem[] = [];
  private readonly bad = new Set<string>();
  private readonly environment: Environment;
  private readonly commands: Commands;

  constructor(
    private readonly raw: RawConfig,
    private readonly former: Former,
    private readonly page: string,
    private readonly unknownKeys: "refused" | "ignored",
  ) {
    this.commands = new Commands(raw.project);
    // Defaults need an environment, even if the configured one is refused. The error is thrown anyway.
    this.environment = ENVIRONMENTS.find((e) => e === raw.values[`${raw.project}:environment`]) ?? "dev";
  }

  /** The project's values by key without prefix; objects are parsed. */
  parsedValues({ shape }: Group): Record<string, unknown> {
    const prefix = `${this.raw.project}:`;
    const own = Object.entries(this.raw.values).filter(([key]) => key.startsWith(prefix));
    return Object.fromEntries(
      own.map(([key, value]) => {
        const name = key.slice(prefix.length);
        return [
          name,
          Object.hasOwn(shape, name) && FIELDS.has(shape[name]) && !(shape[name] instanceof z.ZodArray)
            ? value
            : parseObject(value),
        ];
      }),
    );
  }

  /**
   * All values of a group, even if some of them are wrong.
   *
   * @param elsewhere by key that this group does not have: the condition under which the key is allowed
   */
  group(
    path: string,
    { shape }: Group,
    given: unknown,
    elsewhere: ReadonlyMap<string, string> = new Map(),
  ): Record<string, unknown> {
    const known = Object.keys(shape);
    if (given !== undefined && !isObject(given)) {
      this.report(
        path,
        this.shown(path, JSON.stringify(given)),
        `an object with the keys ${known.join(", ")}`,
        `see ${this.page}`,
      );
      return this.fallbacks(path, shape);
    }
    const values = given ?? {};
    const unknown =
      this.unknownKeys === "ignored" ? [] : Object.keys(values).filter((key) => !Object.hasOwn(shape, key));
    for (const key of unknown) this.reportUnknown(join(path, key), key, known, elsewhere.get(key));
    return Object.fromEntries(known.map((key) => [key, this.entry(join(path, key), shape[key], values[key])]));
  }

  private entry(path: string, schema: z.core.$ZodType, given: unknown): unknown {
    if (schema instanceof z.ZodOptional) {
      const inner = schema.unwrap();
      return given === undefined || (inner instanceof z.ZodObject && isEmpty(given))
        ? undefined
        : this.entry(path, inner, given);
    }
    if (schema instanceof z.ZodObject) return this.group(path, schema, given);
    const mapping = mappingOf(schema);
    if (mapping !== undefined) return this.mapping(path, mapping, given);
    const list = listOf(schema);
    if (list !== undefined) return this.list(path, list, given);
    const union = unionOf(schema);
    return union === undefined ? this.field(path, schema as Field<unknown>, given) : this.variant(path, union, given);
  }

  /** A group for each name that is allowed. */
  private mapping(path: string, { facts, name, inner }: Mapping, given: unknown): Record<string, unknown> {
    if (given !== undefined && !isObject(given)) {
      this.report(
        path,
        this.shown(path, JSON.stringify(given)),
        `an object whose keys are ${facts.allowed}`,
        `see ${this.page}`,
      );
      return {};
    }
    const entries = Object.entries(given ?? {}).map(
      ([key, value]) => [key, value, name.safeParse(key).success] as const,
    );
    for (const [key, , fits] of entries) {
      const at = /^[\w-]+$/.test(key) ? join(path, key) : `${path}["${key}"]`;
      if (!fits)
        this.report(
          at,
          "has a name that is not allowed",
          facts.allowed,
          `set it under another name, and remove this one: ${this.commands.remove(at)}`,
        );
    }
    return Object.fromEntries(
      entries.filter(([, , fits]) => fits).map(([key, value]) => [key, this.group(join(path, key), inner, value)]),
    );
  }

  /** A group for each entry. */
  private list(path: string, { facts, inner }: List, given: unknown = []): unknown[] {
    if (!Array.isArray(given) || (facts.nonempty && given.length === 0)) {
      const allowed = `a list of ${facts.nonempty ? "one or more " : ""}objects with the keys ${Object.keys(inner.shape).join(", ")}`;
      this.report(path, this.shown(path, JSON.stringify(given)), allowed, `see ${this.page}`);
      return [];
    }
    return given.map((value, index) => {
      const at = `${path}[${index}]`;
      const entry = this.group(at, inner, value);
      this.checkRules(entry, facts.rules ?? [], at);
      return entry;
    });
  }

  /** A group of a union. One of its keys decides the variant. */
  private variant(path: string, { key, variants }: Union, given: unknown): unknown {
    const [first] = variants.values();
    const facts = FIELDS.get(first.shape[key] as Field<unknown>);
    const asked = (given as Readonly<Record<string, string>> | undefined)?.[key] ?? "";
    const chosen = variants.has(asked) ? asked : String(facts?.default?.[this.environment]);
    const group = variants.get(chosen) as Group;
    // If this key is mistyped or missing, the variant is unknown, so only this key is reported.
    const alone = (fault: string, allowed: string, use: string): unknown => {
      this.report(join(path, key), fault, allowed, this.commands.set(join(path, key), use));
      return this.fallbacks(path, group.shape);
    };
    const allowed = facts?.allowed ?? "";
    if (asked !== "" && asked !== chosen)
      return alone(`is ${JSON.stringify(asked)}`, allowed, nearest(asked, [...variants.keys()]) ?? chosen);
    const foreign = Object.keys(given ?? {}).filter((name) => !Object.hasOwn(group.shape, name));
    const meant = [...variants].find(([, { shape }]) => foreign.some((name) => Object.hasOwn(shape, name)))?.[0];
    if (asked === "" && meant !== undefined) return alone("is not set", `${allowed}; keys of ${meant} are set`, meant);
    const elsewhere = [...variants].flatMap(([name, { shape }]) =>
      Object.keys(shape).map((other) => [other, `with ${join(path, key)} ${name} only`] as const),
    );
    return this.group(path, group, given, new Map(elsewhere));
  }

  /** Replaces an object that could not be read, so that its keys are not reported as well. */
  private fallbacks(path: string, shape: z.ZodRawShape): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(shape).map(([key, schema]) => {
        const at = join(path, key);
        const facts = FIELDS.get(schema as Field<unknown>);
        this.bad.add(at);
        if (facts === undefined)
          return [key, schema instanceof z.ZodObject ? this.fallbacks(at, schema.shape) : undefined];
        return [key, facts.default?.[this.environment]];
      }),
    );
  }

  private field(path: string, schema: Field<unknown>, given: unknown): unknown {
    const facts = FIELDS.get(schema);
    if (facts === undefined) throw new TypeError(`${path} is a schema without facts`);
    const fallback = facts.default?.[this.environment];
    if (facts.secret === true) return this.secret(path, schema, facts.allowed, given);
    if (given === undefined) {
      if (fallback === undefined)
        this.report(path, "is not set", facts.allowed, this.commands.set(path, facts.example));
      return fallback;
    }
    // Pulumi marks an object as secret if any value in it is encrypted, so no value of an object with a public field may be.
    if (facts.public !== undefined && this.raw.isSecret?.(this.topKey(path)) === true) {
      this.report(
        path,
        `has an encrypted value, or another key of ${path.split(".")[0]} has`,
        "plain text, because the cluster stores it in plain text",
        facts.public,
      );
      return fallback;
    }
    const value = parse(schema, given);
    if (!(value instanceof Mismatch)) return value;
    this.report(
      path,
      value.fault ?? this.shown(path, JSON.stringify(given)),
      value.allowed ?? facts.allowed,
      value.fix ?? this.commands.set(path, facts.example),
    );
    return fallback;
  }

  /** No message contains the value of a secret. */
  private secret(path: string, schema: Field<unknown>, allowed: string, given: unknown): unknown {
    const { isSecret } = this.raw;
    const set = this.commands.setSecret(path);
    if (given === undefined) {
      if (isSecret === undefined) return new Secret(ENCRYPTED); // its value may be set later
      this.report(path, "is not set", allowed, set);
      return undefined;
    }
    const isPlain =
      isSecret === undefined
        ? typeof given === "string"
        : !isSecret(this.topKey(path)) || ![undefined, ENCRYPTED].includes(this.written(path) as string | undefined);
    if (isPlain)
      this.report(
        path,
        "is written in plain text",
        "a value that is encrypted in the stack file; replace the secret, because it was readable",
        set,
      );
    else if (isSecret === undefined) return new Secret(ENCRYPTED);
    else {
      const value = parse(schema, given);
      if (!(value instanceof Mismatch)) return value;
      this.report(path, "has a value that is not allowed", allowed, set);
    }
    return undefined;
  }

  /** The text for a refused value: the value itself, unless it was encrypted. */
  private shown(path: string, value: string): string {
    const mayBeSecret = this.raw.isSecret?.(this.topKey(path)) === true;
    return mayBeSecret && [undefined, ENCRYPTED].includes(this.written(path) as string | undefined)
      ? "has a value that is not allowed"
      : `is ${value}`;
  }

  /** A value as it is in the stack file; {@link ENCRYPTED} if it is encrypted there, by itself or as part of an object. */
  private written(path: string): unknown {
    const [top, ...steps] = path.split(/[.[\]]+/).filter((step) => step !== "");
    let value = this.raw.written?.[this.commands.key(top)];
    for (const step of [undefined, ...steps]) {
      if (step !== undefined) value = (value as Readonly<Record<string, unknown>> | undefined)?.[step];
      if (typeof value === "object" && value !== null && "secure" in value) return ENCRYPTED;
    }
    return value;
  }

  checkStackName(environment: Environment): void {
    const { stack } = this.raw;
    const named = ENVIRONMENTS.find((e) => stack === e || stack.startsWith(`${e}-`));
    if (named === undefined) {
      this.problems.push({
        path: `stack ${stack}`,
        fault: "is not named after an environment",
        allowed: `${ENVIRONMENTS.join(", ")}, or one of them with a suffix such as dev-anna`,
        fix: `pulumi stack select ${ENVIRONMENTS[0]}`,
      });
    } else if (!this.bad.has("environment") && named !== environment) {
      this.report(
        "environment",
        `is ${environment}`,
        `${named}, because the name of the stack is ${stack}`,
        this.commands.set("environment", named),
      );
    }
  }

  /** @param base path of what the rules are about */
  checkRules<C>(config: C, rules: readonly Rule<C>[], base = ""): void {
    if (this.bad.has("environment")) return;
    for (const rule of rules) {
      if ([rule.path, ...rule.uses].some((path) => this.bad.has(join(base, path)))) continue;
      const finding = rule.judge(config);
      if (finding === undefined) continue;
      const path = join(base, rule.path);
      this.report(
        path,
        this.written(path) === ENCRYPTED ? "has a value that is not allowed" : `is ${finding.value}`,
        finding.allowed,
        finding.use === undefined ? this.commands.setSecret(path) : this.commands.set(path, finding.use),
      );
    }
  }

  private reportUnknown(path: string, key: string, known: readonly string[], elsewhere?: string): void {
    const remove = this.commands.remove(path);
    const now = this.former[path] as Former[string] | undefined;
    if (typeof now === "string")
      return this.report(
        path,
        "has another name now",
        now,
        `set it under that name in Pulumi.${this.raw.stack}.yaml (an encrypted value can be moved unchanged), then remove this key: ${remove}`,
      );
    if (now !== undefined) return this.report(path, `is no longer a key: ${now.instead}`, "nothing", remove);
    if (elsewhere !== undefined) return this.report(path, "is not valid here", elsewhere, remove);
    const similar = nearest(key, known);
    const rename = similar === undefined ? "" : `rename it to ${similar}, or remove it: `;
    this.report(path, "is not a known key", known.join(", "), `${rename}${remove}`);
  }

  private report(path: string, fault: string, allowed: string, fix: string): void {
    this.bad.add(path);
    this.problems.push({ path: this.commands.key(path), fault, allowed, fix });
  }

  /** The top-level key that contains the value. */
  private topKey(path: string): string {
    return this.commands.key(path.split(".")[0]);
  }
}

/** Whether an object is empty: `pulumi config rm --path` leaves this if it removes the last key. */
function isEmpty(given: unknown): boolean {
  return isObject(given) && Object.keys(given).length === 0;
}

function isObject(given: unknown): given is Readonly<Record<string, unknown>> {
  return typeof given === "object" && given !== null && !Array.isArray(given);
}

function parseObject(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}
