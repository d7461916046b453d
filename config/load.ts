import * as fs from "node:fs";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { Secret } from "./secret";
import type { RawConfig } from "./raw";

/** A configuration whose secrets are secret outputs. */
export type Loaded<T> = T extends Secret
  ? pulumi.Output<string>
  : T extends object
    ? { readonly [K in keyof T]: Loaded<T[K]> }
    : T;

/**
 * The configuration of the current stack, from Pulumi.
 *
 * @param folder of the project, in which Pulumi looks for stack files
 * @throws ConfigError of `validate`
 */
export function load<C>(validate: (raw: RawConfig) => C, folder: string): Loaded<C> {
  // The only way to find which keys were encrypted. The SDK does not declare it.
  const { isConfigSecret } = pulumi.runtime as unknown as { readonly isConfigSecret: (key: string) => boolean };
  return loaded(
    validate({
      project: pulumi.getProject(),
      stack: pulumi.getStack(),
      values: pulumi.runtime.allConfig(),
      isSecret: isConfigSecret,
      written: stackFile(folder),
    }),
  );
}

function loaded<T>(value: T): Loaded<T> {
  if (value instanceof Secret) return pulumi.secret(value.reveal()) as Loaded<T>;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value as Loaded<T>;
  return Object.freeze(
    Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, loaded(inner)])),
  ) as Loaded<T>;
}

/** The configuration in the stack's file, if the file is in its default place. */
function stackFile(folder: string): Readonly<Record<string, unknown>> | undefined {
  const file = process.env.PULUMI_OPTION_CONFIG_FILE ?? path.join(folder, `Pulumi.${pulumi.getStack()}.yaml`);
  return fs.existsSync(file)
    ? (parse(fs.readFileSync(file, "utf8")) as { config?: Record<string, unknown> } | null)?.config
    : undefined;
}
