import { thaw } from "./freeze";
import { recordComplete } from "./records";
import { isThree } from "./series";
import type { Query } from "./tables";

/**
 * When all servers are of one series again: publishing works again. It can be repeated.
 *
 * @param version of all servers
 */
export async function endUpgrade(query: Query, version: string, say: (line: string) => void): Promise<void> {
  await thaw(query, say);
  if (isThree(version)) await recordComplete(query, version);
  say(`all servers are of ${version}`);
}
