import * as fs from "node:fs";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { type PlatformConfig, validate } from "./schema";

export { ConfigError } from "./config/error";
export type { PlatformConfig } from "./schema";

/**
 * The stack's configuration, typed, checked and frozen. The only place that reads `pulumi.Config`; every key is in
 * docs/configuration.md.
 *
 * @throws ConfigError that names every unknown key and every bad value at once, before any resource is registered.
 */
export function loadConfig(): PlatformConfig {
  // Not in the SDK's declarations, and the only way to learn which keys were encrypted.
  const { isConfigSecret } = pulumi.runtime as unknown as { readonly isConfigSecret: (key: string) => boolean };
  return validate({ project: pulumi.getProject(), stack: pulumi.getStack(), values: pulumi.runtime.allConfig(), isSecret: isConfigSecret, written: stackFile() });
}

/** The configuration in the stack's file, if it is where Pulumi looks for it by itself. */
function stackFile(): Readonly<Record<string, unknown>> | undefined {
  const file = process.env.PULUMI_OPTION_CONFIG_FILE ?? path.join(__dirname, `Pulumi.${pulumi.getStack()}.yaml`);
  return fs.existsSync(file) ? (parse(fs.readFileSync(file, "utf8")) as { config?: Record<string, unknown> } | null)?.config : undefined;
}
