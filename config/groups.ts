import { z } from "zod";
import { type Environment, type Field, field, type PerEnvironment } from "./fields";
import type { Rule } from "./rules";
import type { Secret } from "./secret";

/** Values of a stack by key: fields, groups, mappings and unions. */
export type Shape = z.ZodRawShape;

export type Group<S extends Shape = Shape> = z.ZodObject<S, z.core.$strict>;

/** The parsed value of a schema, frozen. */
export type ValueOf<S extends z.ZodType> = Frozen<z.output<S>>;

type Frozen<T> = T extends Secret | string | number | boolean | undefined
  ? T
  : { readonly [K in keyof T]: Frozen<T[K]> };

/** Every schema has the stack's environment, because defaults depend on it. */
export type StackShape = Shape & { readonly environment: Field<Environment> };

/** An object that has these keys and no others. */
export function group<S extends Shape>(shape: S): Group<S> {
  return z.strictObject(shape);
}

/** A group that may be left out. */
export function optional<S extends Shape>(inner: Group<S>): z.ZodOptional<Group<S>> {
  return inner.optional();
}

/** Facts about a mapping, in addition to its schema. */
interface MappingFacts {
  readonly description: string;
  /** The allowed names, in words that follow "allowed:". */
  readonly allowed: string;
  /** What documentation writes for a name. */
  readonly placeholder: string;
}

/** A group for each name that the stack chooses. */
export interface Mapping {
  readonly facts: MappingFacts;
  readonly name: z.ZodType<string>;
  readonly inner: Group;
}

const MAPPINGS = z.registry<MappingFacts>();

/** A mapping from names to groups; empty by default. */
export function mapping<S extends Shape>(
  { pattern, not, ...facts }: MappingFacts & { pattern: RegExp; not: readonly string[] },
  inner: Group<S>,
): z.ZodRecord<z.ZodString, Group<S>> {
  const schema = z.record(
    z
      .string()
      .regex(pattern)
      .refine((name) => !not.includes(name)),
    inner,
  );
  MAPPINGS.add(schema, facts);
  return schema;
}

/** The mapping that {@link mapping} has made of this schema; undefined for any other schema. */
export function mappingOf(schema: z.core.$ZodType): Mapping | undefined {
  const facts = MAPPINGS.get(schema as z.ZodType);
  if (facts === undefined) return undefined;
  const { keyType, valueType } = (schema as z.ZodRecord).def;
  return { facts, name: keyType as z.ZodType<string>, inner: valueType as Group };
}

/** Facts about a list, in addition to its schema. */
interface ListFacts<T> {
  readonly description: string;
  /** Whether the list may be empty; it may if this is absent. */
  readonly nonempty?: true;
  /** Rules between the values of one entry. Paths are relative to the entry. */
  readonly rules?: readonly Rule<T>[];
}

/** A list of groups. */
export interface List {
  readonly facts: ListFacts<unknown>;
  readonly inner: Group;
}

const LISTS = z.registry<ListFacts<unknown>>();

/** A list of groups; empty by default. */
export function list<S extends Shape>(facts: ListFacts<ValueOf<Group<S>>>, inner: Group<S>): z.ZodArray<Group<S>> {
  const schema = z.array(inner);
  LISTS.add(schema, facts as ListFacts<unknown>);
  return schema;
}

/** The list that {@link list} has made of this schema; undefined for any other schema. */
export function listOf(schema: z.core.$ZodType): List | undefined {
  const facts = LISTS.get(schema as z.ZodType);
  return facts === undefined ? undefined : { facts, inner: (schema as z.ZodArray).def.element as Group };
}

/** Facts about a group that replaces keys of another group. */
interface OverrideFacts {
  readonly description: string;
  /** Path of the other group. */
  readonly of: string;
}

const OVERRIDES = z.registry<OverrideFacts>();

/** A group with the keys of another one. A key that is set replaces the other group's key; none has to be set. */
export function override<S extends Shape>(
  facts: OverrideFacts,
  { shape }: Group<S>,
): Group<{ [K in keyof S]: z.ZodOptional<S[K]> }> {
  const keys = Object.entries(shape).map(([key, inner]) => [key, (inner as z.ZodType).optional()]);
  const schema = group(Object.fromEntries(keys) as { [K in keyof S]: z.ZodOptional<S[K]> });
  OVERRIDES.add(schema, facts);
  return schema;
}

/** Facts of a group that {@link override} has made; undefined for any other schema. */
export function overrideOf(schema: z.core.$ZodType): OverrideFacts | undefined {
  return OVERRIDES.get(schema as z.ZodType);
}

type Variants<K extends string, V extends Readonly<Record<string, Shape>>> = {
  // The type of an object without keys would refuse the key of the variant.
  [M in keyof V & string]: { [D in K]: M } & (keyof V[M] extends never ? unknown : z.output<Group<V[M]>>);
}[keyof V & string];

/**
 * A group whose other keys depend on the value of `key`.
 *
 * @param variants keys of each variant, by the value of `key`
 */
export function oneOf<K extends string, V extends Readonly<Record<string, Shape>>>(
  key: K,
  facts: { readonly description: string; readonly default: PerEnvironment<keyof V & string> },
  variants: V,
): z.ZodType<Variants<K, V>> {
  const allowed = Object.keys(variants).join(", ");
  const options = Object.entries(variants).map(([name, shape]) =>
    z.strictObject({ [key]: field({ ...facts, allowed, example: facts.default.dev }, z.literal(name)), ...shape }),
  );
  return z.discriminatedUnion(key, options as unknown as [z.ZodObject]) as unknown as z.ZodType<Variants<K, V>>;
}

/** A group whose keys depend on the value of one of them. */
export interface Union {
  readonly key: string;
  readonly variants: ReadonlyMap<string, Group>;
}

/** The union that {@link oneOf} has made of this schema; undefined for any other schema. */
export function unionOf(schema: z.core.$ZodType): Union | undefined {
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return undefined;
  const key = schema.def.discriminator;
  const variants = schema.def.options.map((option) => {
    const variant = option as Group;
    return [(variant.shape[key] as z.ZodLiteral<string>).value, variant] as const;
  });
  return { key, variants: new Map(variants) };
}
