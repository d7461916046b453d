import type { RegistryApi } from "./api";
import { keptInRaft, REGISTRY_FORMAT, type Registry } from "./registry";

const ATTEMPTS = 3;
const PAUSE_MS = 5000;

/**
 * What Nacos keeps in Raft, by its API.
 *
 * @throws Error if Nacos does not answer, also if asked again
 */
export async function exportRegistry(
  api: Pick<RegistryApi, "read">,
  pause: (milliseconds: number) => Promise<void>,
): Promise<Registry> {
  for (let attempt = 1; ; attempt++) {
    try {
      const { services } = await api.read(keptInRaft);
      return { format: REGISTRY_FORMAT, services };
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      await pause(PAUSE_MS);
    }
  }
}
