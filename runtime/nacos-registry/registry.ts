import { gunzipSync, gzipSync } from "node:zlib";

export const REGISTRY_FORMAT = 1;

/** Text that somebody has given a service, a cluster or an instance. */
export type Metadata = Readonly<Record<string, string>>;

/** How the servers check the persistent instances of a cluster. */
export interface Cluster {
  /** `{ type: "TCP" }`, `{ type: "HTTP", path, … }`, `{ type: "NONE" }` */
  readonly healthChecker: Readonly<Record<string, unknown>> & { readonly type: string };
  readonly checkPort: number;
  /** Whether the instance's port is checked, not `checkPort`. */
  readonly useInstancePort: boolean;
  readonly metadata: Metadata;
}

export interface Instance {
  readonly ip: string;
  readonly port: number;
  readonly cluster: string;
  readonly weight: number;
  readonly enabled: boolean;
  readonly metadata: Metadata;
}

/** What identifies a service. */
export interface ServiceName {
  /** Id of the namespace; "public" for the default one. */
  readonly namespace: string;
  readonly group: string;
  readonly name: string;
}

export interface Service extends ServiceName {
  /** Whether its instances live only as long as their clients are connected. */
  readonly ephemeral: boolean;
  readonly protectThreshold: number;
  readonly metadata: Metadata;
  readonly selector: { readonly type: string; readonly expression?: string };
  readonly clusters: Readonly<Record<string, Cluster>>;
  readonly instances: readonly Instance[];
}

/** What the servers of Nacos keep in Raft, on their claims: it is in no database. */
export interface Registry {
  readonly format: typeof REGISTRY_FORMAT;
  readonly services: readonly Service[];
}

/** How much a registry has. */
export interface RegistryCounts {
  readonly services: number;
  readonly persistentInstances: number;
  /** Instances of both kinds. */
  readonly switchedOff: number;
  readonly weighted: number;
}

/** What Nacos gives a service, a cluster and an instance that nobody has changed. */
export const DEFAULTS = {
  service: { protectThreshold: 0, metadata: {}, selector: { type: "none" } },
  cluster: { healthChecker: { type: "TCP" }, checkPort: 80, useInstancePort: true, metadata: {} },
  instance: { weight: 1, enabled: true },
} as const satisfies {
  readonly service: Partial<Service>;
  readonly cluster: Cluster;
  readonly instance: Partial<Instance>;
};

export function recordOf({ protectThreshold, metadata, selector }: Service): Partial<Service> {
  return { protectThreshold, metadata, selector };
}

export function settingsOf({ weight, enabled }: Instance): Partial<Instance> {
  return { weight, enabled };
}

/** Whether two values are the same in JSON, in whatever order their keys are. */
export function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, each]) => [key, sorted(each)]);
}

/**
 * The part of a service that its clients do not bring back: undefined if they bring back everything. An ephemeral instance
 * is registered again by its client, but not as it was set by an operator. Whether that or the client has set its weight is
 * unknown.
 */
export function keptInRaft(service: Service): Service | undefined {
  const instances = service.ephemeral
    ? service.instances.filter((instance) => !same(settingsOf(instance), DEFAULTS.instance))
    : service.instances;
  const clusters = Object.fromEntries(
    Object.entries(service.clusters).filter(([, cluster]) => !same(cluster, DEFAULTS.cluster)),
  );
  const isEmpty = instances.length === 0 && Object.keys(clusters).length === 0;
  return isEmpty && same(recordOf(service), DEFAULTS.service) ? undefined : { ...service, clusters, instances };
}

export function countsOf({ services }: Registry): RegistryCounts {
  const instances = services.flatMap((service) => service.instances);
  return {
    services: services.length,
    persistentInstances: services.filter(({ ephemeral }) => !ephemeral).flatMap((service) => service.instances).length,
    switchedOff: instances.filter(({ enabled }) => !enabled).length,
    weighted: instances.filter(({ weight }) => weight !== DEFAULTS.instance.weight).length,
  };
}

export function countsText({ services, persistentInstances, switchedOff, weighted }: RegistryCounts): string {
  return [
    `${services} service${services === 1 ? "" : "s"}`,
    `${persistentInstances} persistent instance${persistentInstances === 1 ? "" : "s"}`,
    `${switchedOff} switched off`,
    `${weighted} with a weight`,
  ].join(", ");
}

/** A registry as a file. */
export function packed(registry: Registry): Buffer {
  return gzipSync(`${JSON.stringify(registry, undefined, 1)}\n`);
}

/** @throws Error that says what is wrong with the file. */
export function unpacked(file: Buffer): Registry {
  let registry: Partial<Registry> | null;
  try {
    registry = JSON.parse(gunzipSync(file).toString()) as Partial<Registry> | null;
  } catch (error) {
    throw new Error(`the registry cannot be read: ${(error as Error).message}`, { cause: error });
  }
  if (registry?.format !== REGISTRY_FORMAT)
    throw new Error(`the registry's format is ${String(registry?.format)}, and only ${REGISTRY_FORMAT} is supported`);
  if (!Array.isArray(registry.services) || !registry.services.every(isService))
    throw new Error("the registry is not what a backup writes: its services are not a list of services");
  return registry as Registry;
}

function isService(service: Partial<Service>): boolean {
  const { namespace, group, name, ephemeral, clusters, instances } = service;
  return (
    [namespace, group, name].every((text) => typeof text === "string") &&
    typeof ephemeral === "boolean" &&
    typeof clusters === "object" &&
    Array.isArray(instances) &&
    instances.every(
      ({ ip, port, enabled }: Partial<Instance>) =>
        typeof ip === "string" && Number.isInteger(port) && typeof enabled === "boolean",
    )
  );
}

/** As messages name a service. */
export function nameOf({ namespace, group, name }: ServiceName): string {
  return `${namespace}/${group}@@${name}`;
}

/** As messages name an instance within its service. */
export function addressOf({ ip, port, cluster }: Instance): string {
  const host = ip.includes(":") ? `[${ip}]` : ip;
  return `${host}:${port}${cluster === "DEFAULT" ? "" : ` (${cluster})`}`;
}
