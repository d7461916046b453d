import type { RegistryApi } from "./api";
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
/** How often what is missing is written. */
const ROUNDS = 20;

/**
 * Gives a live registry what it lacks and a backup has. A write is done when Nacos shows it, because it answers before all
 * servers have it. So the writes are repeated until nothing is missing.
 */
export async function restoreRegistry(options: RestoreRegistryOptions): Promise<RestoredRegistry> {
  const { saved, api, apply } = options;
  const has = `the backup has ${countsText(countsOf(saved))}`;
  const silence = await untilReady(options);
  if (silence !== undefined) return { failed: true, text: `${has}. Nacos does not serve: ${silence}` };
  const plan = planRestore(saved, await api.read());
  const report = [
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
  const texts = plan.changes.map(changeText);
  if (plan.changes.length === 0)
    return { failed: false, text: [`${has}; the registry lacks none of it that can be added`, ...report].join("\n") };
  if (!apply)
    return {
      failed: false,
      text: [`${has}`, ...listText((count) => `the registry lacks ${count}:`, texts), ...report].join("\n"),
    };
  const { changes: missing, fault } = await applied(options, plan);
  return missing.length === 0
    ? {
        failed: false,
        text: [`${has}`, ...listText((count) => `the registry got back ${count}:`, texts), ...report].join("\n"),
      }
    : {
        failed: true,
        text: [
          ...report,
          ...listText(
            (count) => `the registry was not restored: ${count} of ${texts.length} missing${fault}:`,
            missing.map(changeText),
          ),
        ].join("\n"),
      };
}

/** Why Nacos does not serve; undefined if it does. */
async function untilReady({ api, waitMs, now, pause, say }: RestoreRegistryOptions): Promise<string | undefined> {
  const deadline = now() + waitMs;
  for (let said = ""; ; ) {
    const reason = await api.requireReady().then(
      () => undefined,
      (error: Error) => error.message,
    );
    if (reason === undefined || now() > deadline) return reason;
    if (reason !== said) say(`waiting for Nacos: ${reason}`);
    said = reason;
    await pause(PAUSE_MS);
  }
}

/** What is missing after all, and why. */
async function applied(
  { saved, api, pause, say }: RestoreRegistryOptions,
  plan: RestorePlan,
): Promise<{ readonly changes: readonly Change[]; readonly fault: string }> {
  for (let { changes } = plan, round = 1; ; round++) {
    let fault = "";
    const note = (what: string) => (error: Error) => {
      fault = `; ${error.message}`;
      say(`${what}: ${error.message}`);
    };
    for (const change of changes) await write(api, change).catch(note(changeText(change)));
    await pause(PAUSE_MS);
    const live = await api.read().catch(note("reading the registry"));
    if (live !== undefined) ({ changes } = planRestore(saved, live));
    if (changes.length === 0 || round === ROUNDS) return { changes, fault };
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
