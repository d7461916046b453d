import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { UserError } from "../errors";
import { checkout } from "../paths";
import { PLATFORM, type Project } from "./project";

export type Settings = Record<string, unknown>;

interface Overlay {
  all: Settings;
  [stack: string]: Settings;
}

/** The stacks that the checkout configures, by the names of its Pulumi.<stack>.yaml files. */
export function stackNames(): string[] {
  return fs
    .readdirSync(checkout)
    .map((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1])
    .filter((name) => name !== undefined);
}

/** Throws a UserError that lists the existing stacks, if `stack` is not one of them. */
export function requireStack(stack: string): void {
  if (!stackNames().includes(stack)) {
    throw new UserError(
      `there is no stack "${stack}"; the checkout configures ${stackNames().join(", ")}. Choose one with STACK=…, or add a Pulumi.${stack}.yaml.`,
    );
  }
}

/**
 * The configuration of a stack on an embedded cluster: its own file with the overlay's keys of its project merged over it.
 * @param values what the overlay's `${…}` stand for
 */
export function embeddedConfig(stack: string, values: Record<string, string>, project = PLATFORM): Settings {
  const overlay = parse(fs.readFileSync(path.join(__dirname, "overlay.yaml"), "utf8")) as Overlay;
  const own = (settings: Settings) =>
    Object.fromEntries(Object.entries(settings).filter(([key]) => key.startsWith(`${project.name}:`)));
  return [overlay.all, overlay[stack] ?? {}]
    .map((settings) => fill(own(settings), values) as Settings)
    .reduce(merge, stackConfig(stack, project));
}

/** The configuration in the project's Pulumi.<stack>.yaml. */
export function stackConfig(stack: string, project = PLATFORM): Settings {
  requireStack(stack);
  const file = parse(fs.readFileSync(stackFileOf(project, stack), "utf8")) as { config?: Settings };
  return file.config ?? {};
}

/** The file in which the checkout has a stack's configuration. */
export function stackFileOf({ folder }: Project, stack: string): string {
  return path.join(folder, `Pulumi.${stack}.yaml`);
}

/** Merges mappings key by key; anything else in `over` replaces what is in `base`. */
export function merge(base: Settings, over: Settings): Settings {
  const merged = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const present = merged[key];
    merged[key] = isSettings(present) && isSettings(value) ? merge(present, value) : value;
  }
  return merged;
}

export function isSettings(value: unknown): value is Settings {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fill(value: unknown, values: Record<string, string>): unknown {
  if (typeof value === "string") {
    return value.replace(/\$\{([\w-]+)\}/g, (placeholder, name: string) => {
      if (values[name] === undefined) throw new Error(`the overlay asks for ${placeholder}, which has no value`);
      return values[name];
    });
  }
  if (!isSettings(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, fill(child, values)]));
}
