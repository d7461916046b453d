import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { IDENTITIES, labels, selectorLabels, type Identity } from "../labels";
import { MYSQL_PORT } from "../mysql/my-cnf";
import { NACOS_PORTS } from "../nacos/versions";

export interface FlowsArgs {
  readonly namespace: pulumi.Input<string>;
  /** Port of Nacos' web console. The others are the same in every version. */
  readonly consolePort: number;
  /** Namespaces with all these labels may reach Nacos' client and console ports. */
  readonly clientNamespaceLabels: Readonly<Record<string, string>>;
}

type Peer = k8s.types.input.networking.v1.NetworkPolicyPeer;
type Port = k8s.types.input.networking.v1.NetworkPolicyPort;

/**
 * The connections that the platform is made of; all others stay denied by the Tenancy's policies. One policy a
 * workload, each naming both directions: clients → Nacos, Nacos ↔ Nacos, Nacos and the schema Job → MySQL.
 */
export class Flows extends pulumi.ComponentResource {
  /** Names of the policies, one a workload. */
  readonly policyNames: pulumi.Output<string[]>;

  constructor(name: string, args: FlowsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nacos-platform:network:Flows", name, {}, opts);

    const { namespace } = args;
    const mysqlPorts = tcp([MYSQL_PORT]);
    const toMysql = { to: [podsOf(IDENTITIES.mysql)], ports: mysqlPorts };
    const clients: Peer = { namespaceSelector: { matchLabels: { ...args.clientNamespaceLabels } } };
    const offered = tcp([...new Set([NACOS_PORTS.http, NACOS_PORTS.clientGrpc, args.consolePort])]);
    const peerPorts = tcp(Object.values(NACOS_PORTS));
    const policy = (role: string, identity: Identity, spec: Omit<k8s.types.input.networking.v1.NetworkPolicySpec, "podSelector">): pulumi.Output<string> => {
      const { metadata } = new k8s.networking.v1.NetworkPolicy(`${name}-${role}`, {
        metadata: { name: role, namespace, labels: labels(identity) },
        spec: { podSelector: { matchLabels: selectorLabels(identity) }, ...spec },
      }, { parent: this });
      return metadata.name;
    };

    const mysql = policy("mysql", IDENTITIES.mysql, {
      policyTypes: ["Ingress"],
      ingress: [{ from: [podsOf(IDENTITIES.nacos), podsOf(IDENTITIES.schema)], ports: mysqlPorts }],
    });
    const schema = policy("nacos-schema", IDENTITIES.schema, { policyTypes: ["Egress"], egress: [toMysql] });
    const nacos = policy("nacos", IDENTITIES.nacos, {
      policyTypes: ["Ingress", "Egress"],
      ingress: [{ from: [clients], ports: offered }, { from: [podsOf(IDENTITIES.nacos)], ports: peerPorts }],
      egress: [toMysql, { to: [podsOf(IDENTITIES.nacos)], ports: peerPorts }],
    });

    this.policyNames = pulumi.all([mysql, schema, nacos]);
    this.registerOutputs({ policyNames: this.policyNames });
  }
}

function podsOf(identity: Identity): Peer {
  return { podSelector: { matchLabels: selectorLabels(identity) } };
}

function tcp(ports: readonly number[]): Port[] {
  return ports.map((port) => ({ protocol: "TCP", port }));
}
