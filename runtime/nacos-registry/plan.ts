import type { LiveRegistry } from "./api";
import {
  addressOf,
  DEFAULTS,
  nameOf,
  recordOf,
  same,
  settingsOf,
  type Instance,
  type Registry,
  type Service,
} from "./registry";

/** One write. They are in the order in which they have to be made. */
export type Change =
  | { readonly does: "namespace"; readonly namespace: string }
  | ({ readonly service: Service } & (
      | { readonly does: "create" | "describe" }
      | { readonly does: "cluster"; readonly cluster: string }
      | { readonly does: "register" | "set"; readonly instance: Instance }
    ));

/** How a registry gets back what a backup has. */
export interface RestorePlan {
  readonly changes: readonly Change[];
  /** What differs from the backup and is left as it is. */
  readonly differences: readonly string[];
  /** Ephemeral instances that were switched off or weighted, and that no client has registered. */
  readonly absent: readonly string[];
}

/**
 * What is missing is added. What has only default values counts as missing, because a client has brought it back: of a
 * service, its metadata, threshold and selector; of a cluster, its settings; of an ephemeral instance, weight and `enabled`.
 * All else stays as it is: it may be newer than the backup.
 */
export function planRestore(saved: Registry, { namespaces, services }: LiveRegistry): RestorePlan {
  const live = new Map(services.map((service) => [nameOf(service), service]));
  const plans = saved.services.map((service): RestorePlan => {
    const name = nameOf(service);
    const there = live.get(name);
    if (there !== undefined && there.ephemeral !== service.ephemeral)
      return left(`${name} is ${kind(there)}, and was ${kind(service)}`);
    return merged([planRecord(service, there), ...planClusters(service, there), ...planInstances(service, there)]);
  });
  const wanted = new Set(saved.services.map(({ namespace }) => namespace));
  const missing = [...wanted].filter((namespace) => !namespaces.has(namespace));
  return merged([...missing.map((namespace) => change({ does: "namespace", namespace })), ...plans]);
}

const NOTHING: RestorePlan = { changes: [], differences: [], absent: [] };

function left(difference: string): RestorePlan {
  return { ...NOTHING, differences: [difference] };
}

function change(one: Change): RestorePlan {
  return { ...NOTHING, changes: [one] };
}

function merged(plans: readonly RestorePlan[]): RestorePlan {
  return {
    changes: plans.flatMap(({ changes }) => changes),
    differences: plans.flatMap(({ differences }) => differences),
    absent: plans.flatMap(({ absent }) => absent),
  };
}

function kind({ ephemeral }: Service): string {
  return ephemeral ? "ephemeral" : "persistent";
}

function planRecord(service: Service, there: Service | undefined): RestorePlan {
  if (there === undefined) return change({ does: "create", service });
  const [wanted, found] = [recordOf(service), recordOf(there)];
  if (same(wanted, DEFAULTS.service) || same(wanted, found)) return NOTHING;
  return same(found, DEFAULTS.service)
    ? change({ does: "describe", service })
    : left(`${nameOf(service)} has other metadata, protect threshold or selector`);
}

function planClusters(service: Service, there: Service | undefined): RestorePlan[] {
  return Object.entries(service.clusters).map(([cluster, wanted]) => {
    const found = there?.clusters[cluster] ?? DEFAULTS.cluster;
    if (same(wanted, found)) return NOTHING;
    return same(found, DEFAULTS.cluster)
      ? change({ does: "cluster", service, cluster })
      : left(`${nameOf(service)}: its cluster ${cluster} has other settings`);
  });
}

function planInstances(service: Service, there: Service | undefined): RestorePlan[] {
  const live = new Map(there?.instances.map((instance) => [addressOf(instance), instance]));
  return service.instances.map((instance) => {
    const address = addressOf(instance);
    const found = live.get(address);
    const name = `${nameOf(service)} ${address}`;
    if (found === undefined)
      return service.ephemeral
        ? { ...NOTHING, absent: [`${name}${settingsText(instance)}`] }
        : change({ does: "register", service, instance });
    if (same(settingsOf(instance), settingsOf(found)))
      return service.ephemeral || same(instance.metadata, found.metadata)
        ? NOTHING
        : left(`${name} has other metadata`);
    return service.ephemeral && same(settingsOf(found), DEFAULTS.instance)
      ? change({ does: "set", service, instance })
      : left(
          `${name} has weight ${found.weight} and is ${onOrOff(found)}; it had ${instance.weight} and was ${onOrOff(instance)}`,
        );
  });
}

function onOrOff({ enabled }: Instance): string {
  return enabled ? "on" : "switched off";
}

function settingsText({ weight, enabled }: Instance): string {
  const weightText = weight === DEFAULTS.instance.weight ? "" : `, weight ${weight}`;
  return `${weightText}${enabled ? "" : ", switched off"}`;
}

/** As messages name a change. */
export function changeText(change: Change): string {
  if (change.does === "namespace") return `namespace ${change.namespace}`;
  const name = nameOf(change.service);
  switch (change.does) {
    case "create":
      return `service ${name}`;
    case "describe":
      return `metadata, protect threshold and selector of ${name}`;
    case "cluster":
      return `settings of cluster ${change.cluster} of ${name}`;
    case "register":
      return `persistent instance ${name} ${addressOf(change.instance)}${settingsText(change.instance)}`;
    case "set":
      return `ephemeral instance ${name} ${addressOf(change.instance)}${settingsText(change.instance)}`;
  }
}

/** More would not fit into a container's last message. */
const MOST_NAMES = 8;

/** A headline and a line for each text. Nothing if there are none. */
export function listText(headline: (count: number) => string, texts: readonly string[]): string[] {
  if (texts.length === 0) return [];
  const more = texts.length - MOST_NAMES;
  return [
    headline(texts.length),
    ...texts.slice(0, MOST_NAMES).map((text) => `- ${text}`),
    ...(more > 0 ? [`- and ${more} more`] : []),
  ];
}
