import { CREATE_NAMESPACE, namespaceForm } from "../nacos-namespace";
import { get, opened, READY, Refused, type Call, type Calls, type NacosHttp } from "../nacos-http";
import { nameOf, type Cluster, type Instance, type Service, type ServiceName } from "./registry";

type Http = Pick<NacosHttp, "text">;

/** All on one page. No namespace has more services, and no cluster of a service more instances. */
const ALL = { pageNo: 1, pageSize: 1_000_000 };
/** How many requests are sent at the same time. */
const AT_ONCE = 8;

const NAMESPACES: Calls = {
  old: get("/nacos/v1/console/namespaces"),
  new: get("/nacos/v3/admin/core/namespace/list"),
};
const CLIENTS: Calls = { old: get("/nacos/v2/ns/client/list"), new: get("/nacos/v3/admin/ns/client/list") };

/** The end of the id of the client that Nacos makes of a persistent instance: `<ip>:<port>#false`. */
const PERSISTENT = "#false";

/** Clusters of a service as it describes them. 2.x leaves the ports out. */
interface ClusterAnswer {
  readonly healthChecker: Cluster["healthChecker"];
  readonly metadata: Cluster["metadata"];
  readonly healthyCheckPort?: number;
  readonly useInstancePortForCheck?: boolean;
}

interface ServiceAnswer extends Pick<Service, "ephemeral" | "protectThreshold" | "metadata" | "selector"> {
  readonly clusterMap: Readonly<Record<string, ClusterAnswer>>;
}

interface InstanceAnswer extends Omit<Instance, "cluster"> {
  readonly clusterName: string;
}

/** What Nacos has now. */
export interface LiveRegistry {
  readonly namespaces: ReadonlySet<string>;
  readonly services: readonly Service[];
}

/** The registry of one Nacos, by its HTTP calls. Both series know the names of the fields. */
export class RegistryApi {
  private server?: Promise<Http>;

  /** @param servers all of them, also those that are not ready */
  constructor(private readonly servers: () => Promise<readonly Http[]>) {}

  /**
   * What one server has, in all namespaces. It has to be one: servers list services in different orders, and only a server
   * that has listed a service is sure to know its clusters.
   *
   * @param keep what to keep of a service; all services together may be more than the memory
   * @throws Error at the first request that is not answered
   */
  async read(keep: (service: Service) => Service | undefined): Promise<LiveRegistry> {
    this.server = this.ready();
    const namespaces = await this.namespaces();
    const names = await this.names(namespaces);
    const services: Service[] = [];
    const failed = new Map<string, Error>();
    await forEach([...names], async ([key, name]) => {
      const service = await this.service(name).catch((error: unknown) => {
        if (!(error instanceof Refused) || error.status >= 500) throw error;
        failed.set(key, error);
      });
      const kept = service && keep(service);
      if (kept !== undefined) services.push(kept);
    });
    // Nacos removes a service that has been empty for a minute.
    const still = failed.size === 0 ? names : await this.names(namespaces);
    for (const [key, error] of failed) if (still.has(key)) throw error;
    return { namespaces, services: services.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)) };
  }

  /** The first server that answers that it has loaded its registry. */
  private async ready(): Promise<Http> {
    const asked = (await this.servers()).map(async (http) => {
      await http.text({ old: READY, new: READY });
      return http;
    });
    return Promise.any(asked).catch(({ errors }: AggregateError) => {
      throw errors[0];
    });
  }

  /** Those that Nacos lists, and those of persistent instances: they may name any, also one that nobody has created. */
  private async namespaces(): Promise<ReadonlySet<string>> {
    const { data } = await this.json<{ data: readonly { namespace: string }[] }>(NAMESPACES);
    // In 2.x, the id of the default namespace is empty, but its calls know this one too.
    const found = new Set(data.map(({ namespace }) => namespace || "public"));
    const clients = (await this.json<{ data: readonly string[] }>(CLIENTS)).data;
    await forEach(
      clients.filter((id) => id.endsWith(PERSISTENT)),
      async (clientId) => {
        const query = queryOf({ clientId });
        const published = await this.jsonOrNone<{ data: readonly { namespace?: string; namespaceId?: string }[] }>(
          {
            old: get(`/nacos/v2/ns/client/publish/list?${query}`),
            new: get(`/nacos/v3/admin/ns/client/publish/list?${query}`),
          },
          { data: [] },
        );
        for (const { namespace, namespaceId } of published.data) found.add(namespaceId ?? namespace ?? "public");
      },
    );
    return found;
  }

  private async names(namespaces: ReadonlySet<string>): Promise<ReadonlyMap<string, ServiceName>> {
    interface List {
      readonly serviceList?: readonly { readonly name: string; readonly groupName: string }[];
      readonly pageItems?: List["serviceList"];
    }
    const names = new Map<string, ServiceName>();
    for (const namespace of namespaces) {
      const query = queryOf({ namespaceId: namespace, ...ALL });
      const { serviceList, pageItems } = opened(
        await this.json<List>({
          old: get(`/nacos/v1/ns/catalog/services?hasIpCount=false&${query}`),
          new: get(`/nacos/v3/admin/ns/service/list?ignoreEmptyService=false&${query}`),
        }),
      );
      for (const { name, groupName } of serviceList ?? pageItems ?? []) {
        const service = { namespace, group: groupName, name };
        names.set(nameOf(service), service);
      }
    }
    return names;
  }

  private async service(name: ServiceName): Promise<Service> {
    const query = queryOf(namesOf(name));
    const { ephemeral, protectThreshold, metadata, selector, clusterMap } = opened(
      await this.json<ServiceAnswer>({
        old: get(`/nacos/v2/ns/service?${query}`),
        new: get(`/nacos/v3/admin/ns/service?${query}`),
      }),
    );
    const clusters = await this.clusters(name, clusterMap);
    const instances = await Promise.all(Object.keys(clusters).map((cluster) => this.instances(name, cluster)));
    const { type, expression } = selector;
    return {
      ...name,
      ephemeral,
      protectThreshold,
      metadata,
      selector: expression === undefined ? { type } : { type, expression },
      clusters,
      instances: instances.flat(),
    };
  }

  private async clusters(name: ServiceName, answers: ServiceAnswer["clusterMap"]): Promise<Record<string, Cluster>> {
    const all = Object.entries(answers);
    const ports = all.some(([, { healthyCheckPort }]) => healthyCheckPort === undefined)
      ? await this.checkPorts(name)
      : new Map<string, Pick<Cluster, "checkPort" | "useInstancePort">>();
    return Object.fromEntries(
      all.map(([cluster, { healthChecker, metadata, healthyCheckPort, useInstancePortForCheck }]) => [
        cluster,
        {
          healthChecker,
          metadata,
          checkPort: healthyCheckPort ?? 80,
          useInstancePort: useInstancePortForCheck ?? true,
          ...ports.get(cluster),
        },
      ]),
    );
  }

  private async checkPorts(
    name: ServiceName,
  ): Promise<ReadonlyMap<string, Pick<Cluster, "checkPort" | "useInstancePort">>> {
    interface Catalog {
      readonly clusters: readonly { name: string; defaultCheckPort: number; useIPPort4Check: boolean }[];
    }
    const old = get(`/nacos/v1/ns/catalog/service?${queryOf(groupedOf(name))}`);
    const { clusters } = await this.json<Catalog>({ old, new: old });
    return new Map(
      clusters.map((cluster) => [
        cluster.name,
        { checkPort: cluster.defaultCheckPort, useInstancePort: cluster.useIPPort4Check },
      ]),
    );
  }

  /** All instances of a cluster, also those that are switched off, which clients do not receive. */
  private async instances(name: ServiceName, clusterName: string): Promise<Instance[]> {
    const old = queryOf({ ...groupedOf(name), clusterName, ...ALL });
    const answer = await this.jsonOrNone<{ list?: readonly InstanceAnswer[]; data?: readonly InstanceAnswer[] }>(
      {
        old: get(`/nacos/v1/ns/catalog/instances?${old}`),
        new: get(`/nacos/v3/admin/ns/instance/list?${queryOf({ ...namesOf(name), clusterName })}`),
      },
      {},
    );
    return (answer.list ?? answer.data ?? []).map(({ ip, port, clusterName: cluster, weight, enabled, metadata }) => ({
      ip,
      port,
      cluster,
      weight,
      enabled,
      metadata,
    }));
  }

  /** With its ID as its name: a backup has no other. */
  async createNamespace(id: string): Promise<void> {
    await this.write(CREATE_NAMESPACE, namespaceForm({ id, name: id, description: "" }));
  }

  async createService(service: Service): Promise<void> {
    await this.write(changes("POST", "service"), serviceForm(service));
  }

  /** Gives a service that exists its metadata, threshold and selector. */
  async updateService(service: Service): Promise<void> {
    await this.write(changes("PUT", "service"), serviceForm(service));
  }

  async updateCluster(name: ServiceName, clusterName: string, cluster: Cluster): Promise<void> {
    const { healthChecker, checkPort, useInstancePort, metadata } = cluster;
    await this.write(
      {
        old: { method: "PUT", path: `/nacos/v1/ns/cluster?${queryOf(groupedOf(name))}` },
        new: { method: "PUT", path: `/nacos/v3/admin/ns/cluster?${queryOf(namesOf(name))}` },
      },
      {
        clusterName,
        healthChecker: JSON.stringify(healthChecker),
        checkPort,
        useInstancePort4Check: useInstancePort,
        metadata: JSON.stringify(metadata),
      },
    );
  }

  async registerPersistent(name: ServiceName, instance: Instance): Promise<void> {
    const { ip, port, cluster, weight, enabled, metadata } = instance;
    await this.write(changes("POST", "instance"), {
      ...namesOf(name),
      ip,
      port,
      clusterName: cluster,
      weight,
      enabled,
      metadata: JSON.stringify(metadata),
      ephemeral: false,
    });
  }

  /** Sets weight and `enabled` of an ephemeral instance that exists. Its metadata stays that of its client. */
  async setEphemeral(name: ServiceName, { ip, port, cluster, weight, enabled }: Instance): Promise<void> {
    const fields = { ip, port, cluster, clusterName: cluster, weight, enabled, ephemeral: true };
    await this.write(
      {
        old: { method: "PATCH", path: `/nacos/v1/ns/instance?${queryOf(groupedOf(name))}` },
        // It requires the parameter `metadata`, and ignores it if it is empty.
        new: { method: "PUT", path: `/nacos/v3/admin/ns/instance/partial?metadata=&${queryOf(namesOf(name))}` },
      },
      fields,
    );
  }

  private async write(calls: Calls, fields: Fields): Promise<void> {
    await this.text(calls, new URLSearchParams(queryOf(fields)));
  }

  private async json<T>(calls: Calls): Promise<T> {
    return JSON.parse(await this.text(calls)) as T;
  }

  /** The same of what may have been removed meanwhile. */
  private jsonOrNone<T>(calls: Calls, none: T): Promise<T> {
    return this.json<T>(calls).catch((error: unknown) => {
      if (error instanceof Refused && error.status === 404) return none;
      throw error;
    });
  }

  private async text(calls: Calls, body?: URLSearchParams): Promise<string> {
    this.server ??= this.ready();
    return (await this.server).text(calls, body);
  }
}

/** @throws the first error, after which no other work begins */
async function forEach<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const next = async (): Promise<void> => {
    for (let item = queue.pop(); item !== undefined; item = queue.pop())
      await work(item).catch((error: unknown) => {
        queue.length = 0;
        throw error;
      });
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
}

type Fields = Readonly<Record<string, string | number | boolean>>;

function queryOf(fields: Fields): string {
  return new URLSearchParams(Object.entries(fields).map(([key, value]) => [key, String(value)])).toString();
}

function namesOf({ namespace, group, name }: ServiceName): Fields {
  return { namespaceId: namespace, groupName: group, serviceName: name };
}

/** The calls v1 know a service by group and name in one. */
function groupedOf({ namespace, group, name }: ServiceName): Fields {
  return { namespaceId: namespace, serviceName: `${group}@@${name}` };
}

function changes(method: Call["method"], what: "service" | "instance"): Calls {
  return {
    old: { method, path: `/nacos/v2/ns/${what}` },
    new: { method, path: `/nacos/v3/admin/ns/${what}` },
  };
}

function serviceForm(service: Service): Fields {
  const { ephemeral, protectThreshold, metadata, selector } = service;
  const form = { ...namesOf(service), ephemeral, protectThreshold, metadata: JSON.stringify(metadata) };
  // Both series decode the selector once more than all other fields.
  return selector.type === "none" ? form : { ...form, selector: encodeURIComponent(JSON.stringify(selector)) };
}
