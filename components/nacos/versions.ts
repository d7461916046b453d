import { imageVersion } from "../../contract/image";
import { consolePath, NACOS_CONSOLE_PORT, NACOS_PORTS } from "../../contract/ports";

/** What differs between the supported series of Nacos. */
export interface NacosFacts {
  /** "3.1.2" */
  readonly version: string;
  /**
   * Answers without a login on the HTTP port: 503 until the registry is loaded, then 200, independent of the database.
   * The 503 needs `nacos.naming.data.warmup`.
   */
  readonly readinessPath: string;
  /** Answers 200 without a login on the HTTP port as long as the process is alive. */
  readonly livenessPath: string;
  /** Port of the web console: a separate port since 3.0. */
  readonly consolePort: number;
  readonly consolePath: string;
}

export const SUPPORTED_NACOS = "2.2 to 2.5 and 3.0 to 3.2";

/**
 * Facts about the Nacos version that an image's tag names.
 *
 * @returns undefined if the tag names no version or an unsupported one. Before 2.2 the schema file has another name.
 */
export function nacosFacts(image: string): NacosFacts | undefined {
  const found = imageVersion(image);
  if (!found) return undefined;
  const { major, minor, version } = found;
  const readinessPath = "/nacos/v1/ns/operator/metrics";
  if (major === 2 && minor >= 2 && minor <= 5) {
    return {
      version,
      readinessPath,
      livenessPath: "/nacos/v1/console/health/liveness",
      consolePort: NACOS_PORTS.http,
      consolePath: consolePath(NACOS_PORTS.http),
    };
  }
  if (major === 3 && minor <= 2) {
    return {
      version,
      readinessPath,
      livenessPath: "/nacos/v3/admin/core/state/liveness",
      consolePort: NACOS_CONSOLE_PORT,
      consolePath: consolePath(NACOS_CONSOLE_PORT),
    };
  }
  return undefined;
}

/** The same for an image that the configuration has already accepted. Throws on any other. */
export function knownNacos(image: string): NacosFacts {
  const facts = nacosFacts(image);
  if (!facts) throw new RangeError(`"${image}" is no image of Nacos ${SUPPORTED_NACOS}`);
  return facts;
}
