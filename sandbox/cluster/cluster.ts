import * as fs from "node:fs";
import * as path from "node:path";
import { UserError } from "../errors";
import { stateRoot, writeAtomically } from "../paths";

/** What was requested when the cluster was created. Kept in its folder, so that later commands need only the name. */
export interface ClusterSpec {
  name: string;
  /** Number of worker nodes, 1 to 3; the control plane has a separate place. */
  nodes: number;
  /** Port of the API server on 127.0.0.1. */
  apiPort: number;
}

/** An embedded cluster: its settings and the paths of its files. */
export class Cluster {
  readonly dir: string;
  /** Sockets; short, because a Unix socket's path is limited to 107 characters. */
  readonly runDir: string;
  readonly pkiDir: string;
  readonly logDir: string;
  readonly kubeconfig: string;
  readonly apiSocket: string;

  constructor(readonly spec: ClusterSpec) {
    this.dir = clusterDir(spec.name);
    this.runDir = path.join("/run", "nacos-platform", spec.name);
    this.pkiDir = path.join(this.dir, "pki");
    this.logDir = path.join(this.dir, "logs");
    this.kubeconfig = path.join(this.dir, "kubeconfig");
    this.apiSocket = path.join(this.runDir, "apiserver.sock");
  }

  /** Name of its context in its kubeconfig. */
  get context(): string {
    return `embedded-${this.spec.name}`;
  }

  /** Nodes are numbered from 1; their names are their host names. */
  get nodeNumbers(): number[] {
    return Array.from({ length: this.spec.nodes }, (_, index) => index + 1);
  }

  nodeName(node: number): string {
    return `node${node}`;
  }

  nodeDir(node: number): string {
    return path.join(this.dir, "nodes", this.nodeName(node));
  }

  containerdSocket(node: number): string {
    return path.join(this.runDir, `containerd${node}.sock`);
  }

  save(): void {
    writeAtomically(path.join(this.dir, "cluster.json"), `${JSON.stringify(this.spec, null, 2)}\n`);
  }
}

/** Addresses inside the cluster's own network namespaces; nothing outside them ever sees these. */
export const network = {
  controlPlane: "10.200.0.1",
  node: (node: number) => `10.200.0.${10 + node}`,
  podRange: "10.244.0.0/16",
  podRangeOf: (node: number) => `10.244.${node}.0/24`,
  serviceRange: "10.96.0.0/16",
  kubernetesService: "10.96.0.1",
  dnsService: "10.96.0.10",
};

export function clusterDir(name: string): string {
  return path.join(stateRoot, "clusters", name);
}

/** The cluster of that name, or undefined if there is none. */
export function findCluster(name: string): Cluster | undefined {
  const file = path.join(clusterDir(name), "cluster.json");
  if (!fs.existsSync(file)) return undefined;
  return new Cluster(JSON.parse(fs.readFileSync(file, "utf8")) as ClusterSpec);
}

/** The cluster of that name. Throws a UserError that lists those that exist. */
export function requireCluster(name: string): Cluster {
  const cluster = findCluster(name);
  if (cluster !== undefined) return cluster;
  const known = listClusters();
  throw new UserError(
    `no cluster is called "${name}"; ${known.length === 0 ? "there is none yet: make one with `make up`" : `there are: ${known.join(", ")} (choose one with NAME=…)`}`,
  );
}

export function listClusters(): string[] {
  const folder = path.join(stateRoot, "clusters");
  if (!fs.existsSync(folder)) return [];
  return fs.readdirSync(folder).filter((name) => fs.existsSync(path.join(folder, name, "cluster.json")));
}
