/** Where pods send their DNS queries: pods with these labels in namespaces with these labels, and addresses. */
export interface Dns {
  readonly namespaceLabels: Readonly<Record<string, string>>;
  readonly podLabels: Readonly<Record<string, string>>;
  readonly cidrs: readonly string[];
  /** UDP and TCP. */
  readonly ports: readonly number[];
}

/** CoreDNS as most clusters have it, and the DNS cache on each node, which uses the network of its node. */
export const KUBE_DNS: Dns = {
  namespaceLabels: { "kubernetes.io/metadata.name": "kube-system" },
  podLabels: { "k8s-app": "kube-dns" },
  cidrs: ["169.254.20.10/32"],
  ports: [53],
};
