import { REGISTRY_KEPT, type RegistryMode } from "../../contract/registry-restore";
import { Refused } from "../nacos-http";
import type { LiveRegistry, RegistryApi } from "./api";
import { changeText, listText, planRestore, type Change, type RestorePlan } from "./plan";
import { countsOf, countsText, keptInRaft, nameOf, type Registry, type Service } from "./registry";

type Api = Pick<
  RegistryApi,
  | "read"
  | "createNamespace"
  | "createService"
  | "updateService"
  | "updateCluster"
  | "registerPersistent"
  | "setEphemeral"
>;

export interface RestoreRegistryOptions {
  readonly saved: Registry;
  readonly api: Api;
  readonly mode: RegistryMode;
  /** How long to wait until Nacos serves. */
  readonly waitMs: number;
  readonly now: () => number;
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly say: (line: string) => void;
}

export interface RestoredRegistry {
  readonly text: string;
  readonly failed: boolean;
  /** Whether nothing was changed because Nacos has not lost its registry. */
  readonly isKept: boolean;
}

const PAUSE_MS = 3000;
/** A server that has just become ready may not have all of Raft's log. */
const LOADING_MS = 20_000;
/** How long what is missing is written again and again. */
const WRITES_MS = 5 * 60_000;
/** How long clients have to come back. */
const CLIENTS_MS = 60_000;

/**
 * Gives a live registry what it lacks and a backup has. A write is done when Nacos shows it, because it answers before all
 * servers have it. So the writes are repeated until nothing is missing.
 */
export async function restoreRegistry(options: RestoreRegistryOptions): Promise<RestoredRegistry> {
  const { saved, mode } = options;
  let live = await untilRead(options);
  if (mode === "if-lost" && typeof live !== "string" && !keepsAny(live)) {
    await options.pause(LOADING_MS);
    live = await untilRead(options);
  }
  const has = `the backup has ${countsText(countsOf(saved))}`;
  if (typeof live === "string") return { failed: true, isKept: false, text: `${has}. Nacos does not serve: ${live}` };
  const first = planRestore(saved, live);
  const isKept = mode === "if-lost" && keepsAny(live);
  const apply = mode !== "plan" && !isKept;
  const { plan, written, fault } = apply
    ? await applied(options, first)
    : { plan: first, written: new Set<string>(), fault: "" };
  const lacks = plan.changes.map(changeText);
  const failed = apply && lacks.length > 0;
  const nothing = written.size === 0 && lacks.length === 0;
  const text = [
    ...(isKept ? [`${REGISTRY_KEPT}: nothing of it was changed`] : []),
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
  return { text: text.join("\n"), failed, isKept };
}

/** Whether Nacos has not lost its volumes. */
function keepsAny({ services }: LiveRegistry): boolean {
  return services.some((service) => keptInRaft(service) !== undefined);
}

/** What Nacos has of what the backup has, and of what is in Raft. */
function read({ api, saved }: Pick<RestoreRegistryOptions, "api" | "saved">): Promise<LiveRegistry> {
  const names = new Set(saved.services.map(nameOf));
  return api.read((service: Service) => (names.has(nameOf(service)) ? service : keptInRaft(service)));
}

/** The same, or why Nacos does not serve. */
async function untilRead(options: RestoreRegistryOptions): Promise<LiveRegistry | string> {
  const { waitMs, now, pause, say } = options;
  const deadline = now() + waitMs;
  for (let said = ""; ; ) {
    const found = await read(options).catch((error: Error) => error.message);
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
async function applied(options: RestoreRegistryOptions, first: RestorePlan): Promise<Applied> {
  const { api, now, pause, say } = options;
  const start = now();
  const waited = (): number => now() - start;
  const written = new Set<string>();
  for (let plan = first, fault = ""; ; ) {
    const isComplete = plan.changes.length === 0 && (plan.absent.length === 0 || waited() >= CLIENTS_MS);
    if (isComplete || waited() >= WRITES_MS) return { plan, fault, written };
    fault = "";
    const note = (what: string, error: Error): void => {
      fault = `; ${error.message}`;
      say(`${what}: ${error.message}`);
    };
    const uncreated = new Set<string>();
    for (const change of plan.changes) {
      if (change.does !== "namespace" && uncreated.has(change.service.namespace)) continue;
      written.add(changeText(change));
      const error = await write(api, change).catch((error: Error) => error);
      if (error instanceof Error) note(changeText(change), error);
      if (waited() >= WRITES_MS) break;
      if (!(error instanceof Error)) continue;
      if (change.does === "namespace") uncreated.add(change.namespace);
      // Each of the others would wait as long.
      if (!(error instanceof Refused)) break;
    }
    await pause(PAUSE_MS);
    const live = await read(options).catch((error: Error) => note("reading the registry", error));
    if (live !== undefined) plan = planRestore(options.saved, live);
  }
}

async function write(api: Api, change: Change): Promise<void> {
  if (change.does === "namespace") return api.createNamespace(change.namespace);
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
