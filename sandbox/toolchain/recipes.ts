/**
 * What the embedded cluster and the deployment run, and how each is built from the Go module proxy. All of it is one Go
 * module, so that a library has one version and is compiled once, whatever uses it. The Kubernetes provider is a second
 * module, because it needs another version of Pulumi's own libraries; it has the same version of all others.
 */
export interface Recipe {
  /** Name of the executable. */
  name: string;
  version: string;
  /** Folder under modules/ whose go.mod and go.sum pin every dependency. */
  module: string;
  /** Go package of the main program, or "." for one that lives in the folder itself. */
  package: string;
  /** Linker settings: where the upstream stamps its version. */
  ldflags?: string;
}

export const PULUMI_VERSION = "3.259.0";
export const KUBERNETES_VERSION = "1.34.4";

const kubernetesLdflags = [
  `k8s.io/component-base/version.gitVersion=v${KUBERNETES_VERSION}`,
  `k8s.io/component-base/version.gitMajor=${KUBERNETES_VERSION.split(".")[0]}`,
  `k8s.io/component-base/version.gitMinor=${KUBERNETES_VERSION.split(".")[1]}`,
]
  .map((setting) => `-X ${setting}`)
  .join(" ");

const kubernetes = (name: string): Recipe => ({
  name,
  version: KUBERNETES_VERSION,
  module: "tools",
  package: `k8s.io/kubernetes/cmd/${name}`,
  ldflags: kubernetesLdflags,
});

export const clusterRecipes: Recipe[] = [
  ...["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "kubectl"].map(
    kubernetes,
  ),
  { name: "etcd", version: "3.6.4", module: "tools", package: "go.etcd.io/etcd/server/v3" },
  { name: "coredns", version: "1.13.1", module: "tools", package: "./coredns" },
  {
    name: "metrics-server",
    version: "0.8.0",
    module: "tools",
    package: "sigs.k8s.io/metrics-server/cmd/metrics-server",
  },
  {
    name: "kube-network-policies",
    version: "0.8.0",
    module: "tools",
    package: "sigs.k8s.io/kube-network-policies/cmd",
  },
  { name: "object-store", version: "1.76.0", module: "tools", package: "./object-store" },
];

/** Built only if no installed Pulumi of exactly these versions is found. The provider comes last: its libraries are Kubernetes', which are compiled by then. */
export const pulumiRecipes: Recipe[] = [
  {
    name: "pulumi",
    version: PULUMI_VERSION,
    module: "tools",
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    ldflags: `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${PULUMI_VERSION}`,
  },
  { name: "pulumi-resource-random", version: "4.21.2", module: "tools", package: "./random" },
  { name: "pulumi-resource-tls", version: "5.5.1", module: "tools", package: "./tls" },
  { name: "pulumi-resource-kubernetes", version: "4.34.2", module: "kubernetes-provider", package: "." },
];

/** Built for the end-to-end tests only: a client of Nacos' registry. Its version is the SDK's. */
export const registryClient: Recipe = {
  name: "registry-client",
  version: "2.3.5",
  module: "registry-client",
  package: ".",
};

/** Built for the end-to-end tests only: what checks rendered manifests by the schemas of Kubernetes. */
export const kubeconform: Recipe = {
  name: "kubeconform",
  version: "0.8.0",
  module: "kubeconform",
  package: "github.com/yannh/kubeconform/cmd/kubeconform",
};

/** Built for the end-to-end tests only: it checks the workflows of GitHub. */
export const actionlint: Recipe = {
  name: "actionlint",
  version: "1.7.12",
  module: "actionlint",
  package: "github.com/rhysd/actionlint/cmd/actionlint",
};
