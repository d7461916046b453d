import { load, type Loaded } from "./config/load";
import { type PlatformConfig, validate } from "./schema";

export { ConfigError } from "./config/error";
export type { PlatformConfig } from "./schema";

/**
 * The stack's configuration, typed, checked and frozen. Nothing else reads `pulumi.Config`. Every key is in
 * docs/configuration.md.
 *
 * @throws ConfigError that names every unknown key and every bad value at once, before any resource is registered.
 */
export function loadConfig(): Loaded<PlatformConfig> {
  return load(validate, __dirname);
}
