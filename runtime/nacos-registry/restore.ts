import type { LiveRegistry, RegistryApi } from "./api";
import { changeText, listText, planRestore, type Change, type RestorePlan } from "./plan";
import { countsOf, countsText, type Registry } from "./registry";

type Api = Pick<
  RegistryApi,
  "requireReady" | "read" | "createService" | "updateService" | "updateCluster" | "registerPersistent" | "setEphemeral"
>;

export interface RestoreRegistryOptions {
  readonly saved: Registry;
  readonly api: Api;
  /** Otherwise it only reports. */
  readonly apply: boolean;
  /** How long to wait until Nacos serves. */
  readonly waitMs: number;
  readonly now: () => number;
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly say: (line: string) => void;
}

export interface RestoredRegistry {
  readonly text: string;
  readonly failed: boolean;
}

const PAUSE_MS = 3000;
/** How often what is missing is written. Together with the pauses, clients have a minute to come back. */
const ROUNDS = 20;

/**
 * Gives a live registry what it lacks and a backup has. A write is done when Nacos shows it, because it answers before all
 * servers have it. So the writes are repeated until nothing is missing.
 */
export async function restoreRegistry(options: RestoreRegistryOptions): Promise<RestoredRegistry> {
  const { saved, apply } = options;
  const has = `the backup has ${countsText(countsOf(saved))}`;
  const live = await untilRead(options);
  if (typeof live === "string") return { failed: true, text: `${has}. Nacos does not serve: ${live}` };
  const first = planRestore(saved, live);
  const { plan, written, fault } = apply
    ? await applied(options, first)
    : { plan: first, written: new Set<string>(), fault: "" };
  const lacks = plan.changes.map(changeText);
  const failed = apply && lacks.length > 0;
  const nothing = written.size === 0 && lacks.length === 0;
  const text = [
    nothing ? `${has}; the registry lacks none of it that can be added` : has,
    ...listText((count) => `the registry lacks ${count}${fault}:`, lacks),
    ...listText(
      (count) => `the registry got back ${count}:`,
      [...written].filter((change) => !lacks.includes(change)),
    ),
    ...listText(
      (count) => `${count} ${count === 1 ? "difference is" : "differences are"} left as in Nacos now:`,
      plan.differences,
    ),
    ...listText(
      (count) =>
        `${count} ephemeral instance${count === 1 ? " is" : "s are"} not registered now; run the same command again when ${count === 1 ? "it is" : "they are"}:`,
      plan.absent,
    ),
  ];
  return { text: text.join("\n"), failed };
}

/** What Nacos has, or why it does not serve. */
async function untilRead({ api, waitMs, now, pause, say }: RestoreRegistryOptions): Promise<LiveRegistry | string> {
  const deadline = now() + waitMs;
  for (let said = ""; ; ) {
    const found = await api
      .requireReady()
      .then(() => api.read())
      .catch((error: Error) => error.message);
    if (typeof found !== "string" || now() > deadline) return found;
    if (found !== said) say(`waiting for Nacos: ${found}`);
    said = found;
    await pause(PAUSE_MS);
  }
}

interface Applied {
  /** What is missing after all, and why. */
  readonly plan: RestorePlan;
  readonly fault: string;
  /** What was written, as messages name it. */
  readonly written: ReadonlySet<string>;
}

/** Clients that come back meanwhile get back what belongs to their instances. */
async function applied({ saved, api, pause, say }: RestoreRegistryOptions, first: RestorePlan): Promise<Applied> {
  const written = new Set<string>();
  for (let plan = first, fault = "", round = 0; ; round++) {
    const isComplete = plan.changes.length === 0 && plan.absent.length === 0;
    if (isComplete || round === ROUNDS) return { plan, fault, written };
    fault = "";
    const note = (what: string) => (error: Error) => {
      fault = `; ${error.message}`;
      say(`${what}: ${error.message}`);
    };
    for (const change of plan.changes) {
      written.add(changeText(change));
      await write(api, change).catch(note(changeText(change)));
    }
    await pause(PAUSE_MS);
    const live = await api.read().catch(note("reading the registry"));
    if (live !== undefined) plan = planRestore(saved, live);
  }
}

async function write(api: Api, change: Change): Promise<void> {
  const { service } = change;
  switch (change.does) {
    case "create":
      return api.createService(service);
    case "describe":
      return api.updateService(service);
    case "cluster":
      return api.updateCluster(service, change.cluster, service.clusters[change.cluster]);
    case "register":
      return api.registerPersistent(service, change.instance);
    case "set":
      return api.setEphemeral(service, change.instance);
  }
}
