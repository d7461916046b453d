import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { CONTROLLER_PORT, EXPORTER_PORT, MYSQL_PORT, NACOS_PORTS } from "../../contract/ports";
import { IDENTITIES, labels, selectorLabels, type Identity } from "../../contract/identities";

export interface NetworkPoliciesArgs {
  readonly namespace: pulumi.Input<string>;
  /** Port of Nacos' web console. The others are the same in every version. */
  readonly consolePort: number;
  /** Namespaces with all these labels may reach Nacos' client and console ports. */
  readonly clientNamespaceLabels: Readonly<Record<string, string>>;
  /** Namespaces with all these labels may reach MySQL's servers; no other may, and none at all if it is not set. */
  readonly mysqlClientNamespaceLabels?: Readonly<Record<string, string>>;
  /** Namespaces with all these labels may reach the ports of metrics. */
  readonly monitoringNamespaceLabels: Readonly<Record<string, string>>;
  /** Where the API server may be, as CIDRs: policies see the address behind its Service. */
  readonly apiServerCidrs: readonly string[];
  /** An external MySQL; absent where the stack has its own. */
  readonly externalMysql?: { readonly cidrs: readonly string[]; readonly port: number };
  /** The store of backups, where they are copied outside. */
  readonly objectStore?: ObjectStorePeer;
}

export interface ObjectStorePeer {
  readonly cidrs: readonly string[];
  /** Or in namespaces with all these labels. */
  readonly namespaceLabels: Readonly<Record<string, string>>;
  readonly port: number;
}

/** The port that a URL leads to. */
export function portOf(url: string): number {
  const { protocol, port } = new URL(url);
  return port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
}

type Peer = k8s.types.input.networking.v1.NetworkPolicyPeer;
type Port = k8s.types.input.networking.v1.NetworkPolicyPort;

/**
 * The connections that the platform is made of; all others stay denied by the Tenancy's policies. One policy a
 * workload, each naming both directions: clients → Nacos, Nacos ↔ Nacos, MySQL ↔ MySQL; Nacos, the schema Job, MySQL's
 * controller, backups, restores and admitted namespaces → MySQL; the controller → API server; monitoring → MySQL's and the
 * controller's metrics; MySQL and the Jobs of backups → the store outside.
 */
export class NetworkPolicies extends pulumi.ComponentResource {
  /** Names of the policies, one a workload. */
  readonly policyNames: pulumi.Output<string[]>;

  constructor(name: string, args: NetworkPoliciesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nacos-platform:network:NetworkPolicies", name, {}, opts);

    const { namespace } = args;
    const mysqlPorts = tcp([MYSQL_PORT]);
    const { objectStore, externalMysql } = args;
    const toMysql = externalMysql === undefined
      ? { to: [podsOf(IDENTITIES.mysql)], ports: mysqlPorts }
      : { to: externalMysql.cidrs.map((cidr) => ({ ipBlock: { cidr } })), ports: tcp([externalMysql.port]) };
    const clients = namespacesWith(args.clientNamespaceLabels);
    const monitoring = namespacesWith(args.monitoringNamespaceLabels);
    const mysqlClients = args.mysqlClientNamespaceLabels === undefined ? [] : [namespacesWith(args.mysqlClientNamespaceLabels)];
    const offered = tcp([...new Set([NACOS_PORTS.http, NACOS_PORTS.clientGrpc, args.consolePort])]);
    const peerPorts = tcp(Object.values(NACOS_PORTS));
    const policy = (role: string, identity: Identity, spec: Omit<k8s.types.input.networking.v1.NetworkPolicySpec, "podSelector">): pulumi.Output<string> => {
      const { metadata } = new k8s.networking.v1.NetworkPolicy(`${name}-${role}`, {
        metadata: { name: role, namespace, labels: labels(identity) },
        spec: { podSelector: { matchLabels: selectorLabels(identity) }, ...spec },
      }, { parent: this });
      return metadata.name;
    };

    const toStore = objectStore === undefined ? [] : [{
      to: [...objectStore.cidrs.map((cidr) => ({ ipBlock: { cidr } })), namespacesWith(objectStore.namespaceLabels)],
      ports: tcp([objectStore.port]),
    }];

    const servers = externalMysql !== undefined ? [] : [policy("mysql", IDENTITIES.mysql, {
      policyTypes: ["Ingress", "Egress"],
      ingress: [
        { from: [...[IDENTITIES.nacos, IDENTITIES.schema, IDENTITIES.mysqlController, IDENTITIES.mysqlBackup, IDENTITIES.mysqlRestore, IDENTITIES.mysql].map(podsOf), ...mysqlClients], ports: mysqlPorts },
        { from: [monitoring], ports: tcp([EXPORTER_PORT]) },
      ],
      egress: [toMysql, ...toStore],
    })];
    const controller = policy("mysql-controller", IDENTITIES.mysqlController, {
      policyTypes: ["Ingress", "Egress"],
      ingress: [{ from: [monitoring], ports: tcp([CONTROLLER_PORT]) }],
      egress: [...(externalMysql === undefined ? [toMysql] : []), { to: args.apiServerCidrs.map((cidr) => ({ ipBlock: { cidr } })), ports: tcp([443, 6443]) }],
    });
    const backups = [
      policy("mysql-backup", IDENTITIES.mysqlBackup, { policyTypes: ["Egress"], egress: [toMysql, ...toStore] }),
      policy("mysql-verify", IDENTITIES.mysqlVerify, { policyTypes: ["Egress"], egress: toStore }),
      policy("mysql-restore", IDENTITIES.mysqlRestore, { policyTypes: ["Egress"], egress: [toMysql, ...toStore] }),
    ];
    const schema = policy("nacos-schema", IDENTITIES.schema, { policyTypes: ["Egress"], egress: [toMysql] });
    const nacos = policy("nacos", IDENTITIES.nacos, {
      policyTypes: ["Ingress", "Egress"],
      ingress: [{ from: [clients], ports: offered }, { from: [podsOf(IDENTITIES.nacos)], ports: peerPorts }],
      egress: [toMysql, { to: [podsOf(IDENTITIES.nacos)], ports: peerPorts }],
    });

    this.policyNames = pulumi.all([...servers, controller, ...backups, schema, nacos]);
    this.registerOutputs({ policyNames: this.policyNames });
  }
}

function podsOf(identity: Identity): Peer {
  return { podSelector: { matchLabels: selectorLabels(identity) } };
}

function namespacesWith(matchLabels: Readonly<Record<string, string>>): Peer {
  return { namespaceSelector: { matchLabels: { ...matchLabels } } };
}

function tcp(ports: readonly number[]): Port[] {
  return ports.map((port) => ({ protocol: "TCP", port }));
}
