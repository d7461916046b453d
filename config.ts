import * as fs from "node:fs";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { Secret } from "./config/secret";
import { type PlatformConfig, validate } from "./schema";

export { ConfigError } from "./config/error";
export type { PlatformConfig } from "./schema";

/**
 * The stack's configuration, typed, checked and frozen. The only place that reads `pulumi.Config`; every key is in
 * docs/configuration.md.
 *
 * @throws ConfigError that names every unknown key and every bad value at once, before any resource is registered.
 */
export function loadConfig(): Loaded<PlatformConfig> {
  // Not in the SDK's declarations, and the only way to learn which keys were encrypted.
  const { isConfigSecret } = pulumi.runtime as unknown as { readonly isConfigSecret: (key: string) => boolean };
  return loaded(validate({ project: pulumi.getProject(), stack: pulumi.getStack(), values: pulumi.runtime.allConfig(), isSecret: isConfigSecret, written: stackFile() }));
}

/** A configuration whose secrets are secret outputs. */
export type Loaded<T> = T extends Secret ? pulumi.Output<string> : T extends object ? { readonly [K in keyof T]: Loaded<T[K]> } : T;

function loaded<T>(value: T): Loaded<T> {
  if (value instanceof Secret) return pulumi.secret(value.reveal()) as Loaded<T>;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value as Loaded<T>;
  return Object.freeze(Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, loaded(inner)]))) as Loaded<T>;
}

/** The configuration in the stack's file, if it is where Pulumi looks for it by itself. */
function stackFile(): Readonly<Record<string, unknown>> | undefined {
  const file = process.env.PULUMI_OPTION_CONFIG_FILE ?? path.join(__dirname, `Pulumi.${pulumi.getStack()}.yaml`);
  return fs.existsSync(file) ? (parse(fs.readFileSync(file, "utf8")) as { config?: Record<string, unknown> } | null)?.config : undefined;
}
