import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { NacosHttp } from "../../../../runtime/nacos-http";
import { RegistryApi } from "../../../../runtime/nacos-registry/api";
import { DEFAULTS, type Cluster, type Instance, type Service } from "../../../../runtime/nacos-registry/registry";

type Fields = Readonly<Record<string, string>>;
type Reply = { readonly status: number; readonly body: unknown };
type Version = "2.2.4" | "3.1.0";
type Kept = { -readonly [Key in keyof Service]: Service[Key] } & {
  clusters: Record<string, Cluster>;
  instances: Instance[];
};

/** The registry of a Nacos, with the calls and answers of its version. It throws on a call that the version does not have. */
export class FakeRegistry {
  readonly services = new Map<string, Kept>();
  namespaces = ["public", "orders"];
  /** Every write, as `METHOD path`. */
  readonly writes: string[] = [];
  /** How often it was asked. */
  asked = 0;
  /** Services that it has listed: only of those it knows the clusters. */
  private readonly listed = new Set<Kept>();
  /** Answers with this instead, if there is one for the call. */
  fault: (call: string) => Reply | undefined = () => undefined;
  private readonly server: http.Server;

  constructor(readonly version: Version) {
    this.server = http.createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        const url = new URL(request.url ?? "", "http://nacos");
        const fields = Object.fromEntries([...url.searchParams, ...new URLSearchParams(body)]);
        const call = `${request.method} ${url.pathname}`;
        this.asked++;
        if (request.method !== "GET") this.writes.push(call);
        const isServer = request.headers.me === "secret";
        const reply = isServer ? (this.fault(call) ?? this.answer(call, fields)) : { status: 403, body: "no" };
        response.writeHead(reply.status).end(typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body));
      });
    });
  }

  /** Has the server answer while `use` runs. @param others servers before it */
  async whileServing(use: (api: RegistryApi) => Promise<void>, ...others: FakeRegistry[]): Promise<void> {
    const all = [...others, this];
    const servers = await Promise.all(all.map((one) => one.listening()));
    try {
      await use(new RegistryApi(() => Promise.resolve(servers)));
    } finally {
      for (const { server } of all) {
        server.closeAllConnections();
        server.close();
      }
    }
  }

  private async listening(): Promise<NacosHttp> {
    await new Promise<void>((resolve) => void this.server.listen(0, "127.0.0.1", resolve));
    const { port } = this.server.address() as AddressInfo;
    const identity = () => ({ key: "me", value: "secret" });
    return new NacosHttp("Nacos", this.version, identity, { host: "127.0.0.1", port });
  }

  add(service: Service): this {
    const { clusters } = service;
    const named = Object.fromEntries(service.instances.map(({ cluster }) => [cluster, { ...DEFAULTS.cluster }]));
    const copy = structuredClone({ ...service, clusters: { ...named, ...clusters } }) as Kept;
    this.services.set(keyOf(service.namespace, service.group, service.name), copy);
    return this;
  }

  private get isOld(): boolean {
    return this.version.startsWith("2.");
  }

  private answer(call: string, fields: Fields): Reply {
    if (call === "GET /nacos/v1/ns/operator/metrics") return done({ status: "UP" });
    const ofNew = call.includes("/nacos/v3/admin/");
    if (ofNew === this.isOld) return { status: ofNew ? 404 : 410, body: "deprecated" };
    const short = call.replace(/\/nacos\/(v3\/admin|v[12])/, "");
    switch (short) {
      case "GET /console/namespaces":
      case "GET /core/namespace/list":
        return done({
          code: this.isOld ? 200 : 0,
          data: this.namespaces.map((namespace) => ({
            namespace: this.isOld && namespace === "public" ? "" : namespace,
            namespaceShowName: namespace,
            type: 0,
          })),
        });
      case "GET /ns/client/list": {
        const persistent = [...this.persistent.keys()].map((address) => `${address}#false`);
        return done({ code: 0, data: ["1700000000_10.0.0.7_50000", "10.0.0.7:80#true", ...persistent] });
      }
      case "GET /ns/client/publish/list":
        return done({
          code: 0,
          data: (this.persistent.get(fields.clientId.replace("#false", "")) ?? []).map(
            ({ namespace, name, group }) => ({
              [this.isOld ? "namespace" : "namespaceId"]: namespace,
              [this.isOld ? "group" : "groupName"]: group,
              serviceName: name,
            }),
          ),
        });
      case "GET /ns/catalog/services":
      case "GET /ns/service/list":
        return this.list(fields);
      case "POST /console/namespaces":
      case "POST /core/namespace":
        this.namespaces.push(fields.customNamespaceId);
        return done(this.isOld ? "true" : { code: 0, data: true });
      case "POST /ns/service":
        return this.created(fields);
      case "PUT /ns/instance/partial":
      case "PATCH /ns/instance":
        return this.patched(fields);
      default:
        return this.ofService(short, fields);
    }
  }

  /** The services of each persistent instance, by its address. */
  private get persistent(): ReadonlyMap<string, Kept[]> {
    const found = new Map<string, Kept[]>();
    for (const service of this.services.values())
      for (const { ip, port } of service.ephemeral ? [] : service.instances)
        found.set(`${ip}:${port}`, [...(found.get(`${ip}:${port}`) ?? []), service]);
    return found;
  }

  private list({ namespaceId, pageNo, pageSize }: Fields): Reply {
    const all = [...this.services.values()].filter(({ namespace }) => namespace === namespaceId);
    for (const service of all) this.listed.add(service);
    const start = (Number(pageNo) - 1) * Number(pageSize);
    const items = all.slice(start, start + Number(pageSize)).map(({ name, group, instances }) => ({
      name,
      groupName: group,
      ipCount: instances.length,
    }));
    return done(
      this.isOld
        ? { count: all.length, serviceList: items }
        : { code: 0, data: { totalCount: all.length, pageNumber: Number(pageNo), pageItems: items } },
    );
  }

  /** Calls for one service that exists. */
  private ofService(call: string, fields: Fields): Reply {
    const service = this.find(fields);
    if (service === undefined) return refusal(`service not found, serviceName: ${fields.serviceName}`);
    const { clusterName } = fields;
    switch (call) {
      case "GET /ns/service":
        return done({ code: 0, message: "success", data: this.detail(service) });
      case "GET /ns/catalog/service":
        return done({
          service: { name: service.name },
          clusters: Object.entries(service.clusters).map(([name, { checkPort, useInstancePort }]) => ({
            name,
            defaultCheckPort: checkPort,
            useIPPort4Check: useInstancePort,
          })),
        });
      case "GET /ns/catalog/instances":
      case "GET /ns/instance/list": {
        if (!this.listed.has(service) || !(clusterName in service.clusters))
          return { status: 404, body: `cluster ${clusterName} is not found!` };
        const list = service.instances
          .filter(({ cluster }) => cluster === clusterName)
          .map(({ cluster, ...instance }) => ({ ...instance, clusterName: cluster, healthy: true }));
        return done(this.isOld ? { list, count: list.length } : { code: 0, data: list });
      }
      case "PUT /ns/service":
        Object.assign(service, recordIn(fields));
        return done("ok");
      case "PUT /ns/cluster":
        service.clusters[clusterName] = {
          healthChecker: JSON.parse(fields.healthChecker) as Cluster["healthChecker"],
          checkPort: Number(fields.checkPort),
          useInstancePort: fields.useInstancePort4Check === "true",
          metadata: JSON.parse(fields.metadata) as Cluster["metadata"],
        };
        return done("ok");
      case "POST /ns/instance":
        if (service.ephemeral !== (fields.ephemeral === "true")) return refusal("can't register persistent instance");
        service.clusters[clusterName] ??= { ...DEFAULTS.cluster };
        service.instances.push({
          ip: fields.ip,
          port: Number(fields.port),
          cluster: clusterName,
          weight: Number(fields.weight),
          enabled: fields.enabled === "true",
          metadata: JSON.parse(fields.metadata) as Instance["metadata"],
        });
        return done("ok");
      default:
        throw new Error(`a Nacos ${this.version} has no ${call}`);
    }
  }

  /** In JSON, Nacos has the selector's type twice. The last one is the one that it reads. */
  private detail(kept: Kept): object {
    const { name, group, namespace, clusters, ephemeral, protectThreshold, metadata, selector } = kept;
    const clusterMap = Object.fromEntries(
      Object.entries(this.listed.has(kept) ? clusters : {}).map(
        ([cluster, { healthChecker, metadata, checkPort, useInstancePort }]) => {
          const ports = this.isOld ? {} : { healthyCheckPort: checkPort, useInstancePortForCheck: useInstancePort };
          return [cluster, { clusterName: cluster, healthChecker, metadata, hosts: null, ...ports }];
        },
      ),
    );
    const named = { serviceName: name, groupName: group, [this.isOld ? "namespace" : "namespaceId"]: namespace };
    return {
      ...named,
      ephemeral,
      protectThreshold,
      metadata,
      clusterMap,
      selector: { ...selector, contextType: "NONE" },
    };
  }

  private created(fields: Fields): Reply {
    if (this.find(fields) !== undefined) return refusal("specified service already exists!");
    const { namespaceId: namespace, groupName: group, serviceName: name } = fields;
    const service = { namespace, group, name, ephemeral: fields.ephemeral === "true", clusters: {}, instances: [] };
    this.services.set(keyOf(namespace, group, name), { ...service, ...recordIn(fields) });
    return done("ok");
  }

  private patched(fields: Fields): Reply {
    const service = this.find(fields);
    const found = service?.instances.find(({ ip, port }) => ip === fields.ip && port === Number(fields.port));
    if (service === undefined || found === undefined || (fields.metadata === undefined) === !this.isOld)
      return refusal("instance not found, or a parameter is missing");
    Object.assign(found, { weight: Number(fields.weight), enabled: fields.enabled === "true" });
    return done("ok");
  }

  private find({ namespaceId, groupName, serviceName }: Fields): Kept | undefined {
    const [group, name] = serviceName.includes("@@") ? serviceName.split("@@") : [groupName, serviceName];
    return this.services.get(keyOf(namespaceId, group, name));
  }
}

function keyOf(namespace: string, group: string, name: string): string {
  return `${namespace}/${group}@@${name}`;
}

function recordIn({
  protectThreshold,
  metadata,
  selector,
}: Fields): Pick<Service, "protectThreshold" | "metadata" | "selector"> {
  return {
    protectThreshold: Number(protectThreshold),
    metadata: JSON.parse(metadata) as Service["metadata"],
    selector:
      selector === undefined
        ? { type: "none" }
        : (JSON.parse(decodeURIComponent(selector)) as { type: string; expression?: string }),
  };
}

function done(body: unknown): Reply {
  return { status: 200, body };
}

function refusal(body: string): Reply {
  return { status: 400, body };
}
