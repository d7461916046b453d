import { load, type Loaded } from "./config/load";
import { pulledFrom } from "./contract/image";
import { type PlatformConfig, validate } from "./schema";

export { ConfigError } from "./config/error";
export type { PlatformConfig } from "./schema";

/**
 * The stack's configuration, typed, checked and frozen, with images as they are pulled. Nothing else reads `pulumi.Config`.
 * Every key is in docs/configuration.md.
 *
 * @throws ConfigError that names every unknown key and every bad value at once, before any resource is registered.
 */
export function loadConfig(): Loaded<PlatformConfig> {
  const config = load(validate, __dirname);
  const { nacos, mysql, images } = config;
  const pulled = <T extends Readonly<Record<string, unknown>>>(section: T, ...keys: (keyof T)[]): T =>
    Object.freeze({
      ...section,
      ...Object.fromEntries(keys.map((key) => [key, pulledFrom(images.registry, section[key] as string)])),
    });
  return Object.freeze({
    ...config,
    nacos: pulled(nacos, "image"),
    mysql: pulled(mysql, "image"),
    images: pulled(images, "node", "rclone", "mysqldExporter"),
  });
}
