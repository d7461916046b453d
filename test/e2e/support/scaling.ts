import assert from "node:assert/strict";
import type { Environment, Live } from "./environments";
import { evenClients, hasPersistent } from "./members";
import { NacosClient } from "./nacos-client";
import { assertUnnoticed, described, RegistryWatch } from "./registry";
import { podsOf } from "./servers";

/** Enough connections that their spread over five servers is not a matter of chance. */
const CROWD = 120;

/** What servers have to keep: their pods, their restarts. */
export function identities({ kubectl, outputs }: Live, pods: readonly string[]): Promise<string> {
  return kubectl([
    "--namespace",
    outputs.namespace,
    "get",
    "pods",
    ...pods,
    "-o",
    "jsonpath={range .items[*]}{.metadata.uid} {.status.containerStatuses[0].restartCount};{end}",
  ]);
}

/** Each server has the persistent instances, and this content of the configuration `outlasts`. */
export async function keepsEverything(environment: Live, pods: readonly string[], content: string): Promise<void> {
  await hasPersistent(environment, pods, undefined, 180);
  for (const pod of pods)
    await NacosClient.onMember(environment, pod, async (nacos) =>
      assert.deepEqual(await nacos.read("outlasts"), { status: 200, body: content }, pod),
    );
}

/**
 * Runs a change, which returns the new number of servers, beside clients that must not notice. Afterwards the clients are
 * spread, and no server that stays has restarted.
 *
 * @param stay how many servers stay
 * @param seconds how long the spread may take
 */
export async function unnoticed(
  environment: Environment,
  live: Live,
  { what, stay, seconds }: { readonly what: string; readonly stay: number; readonly seconds?: number },
  change: () => Promise<number>,
): Promise<void> {
  const before = await identities(live, podsOf(stay));
  await RegistryWatch.whileAtWork(
    environment,
    live,
    async (watch) => {
      const begun = Date.now();
      const seen = await watch.during(async () => {
        const members = await change();
        const counts = await evenClients(live, podsOf(members), seconds);
        console.log(`      clients of each server: ${counts.join(", ")}`);
      });
      console.log(`      ${what}, ${Math.round((Date.now() - begun) / 1000)} s: ${described(seen)}`);
      assertUnnoticed(seen);
    },
    { crowd: CROWD },
  );
  assert.equal(await identities(live, podsOf(stay)), before);
}
