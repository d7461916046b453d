import { load, type Loaded } from "../config/load";
import { type TenantsConfig, validate } from "./schema";

/**
 * The stack's configuration, typed, checked and frozen. Every key is in docs/tenants-configuration.md.
 *
 * @throws ConfigError that names every unknown key and every bad value at once, before any resource is registered.
 */
export function loadConfig(): Loaded<TenantsConfig> {
  return load(validate, __dirname);
}
