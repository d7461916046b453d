import * as fs from "node:fs";
import * as path from "node:path";
import { stringify } from "yaml";
import { UserError } from "../errors";
import { run, waitFor } from "../exec";
import { Image, Images } from "../images";
import { digest } from "../paths";
import { cgroupOf, ensureCgroup } from "./cgroups";
import { Cluster, network } from "./cluster";
import { servesCri } from "./cri";
import { beginWith } from "./image-store";
import { diedProcesses, Place } from "./place";

/** Starts a node's containerd with the images, then starts kubelet and kube-proxy. Does nothing for what runs already. */
export async function ensureNode(
  cluster: Cluster,
  place: Place,
  node: number,
  binaries: Record<string, string>,
  images: Images,
  imageStore: string | undefined,
): Promise<void> {
  const dir = cluster.nodeDir(node);
  writeConfig(path.join(dir, "cni", "10-pods.conflist"), JSON.stringify(cniConfig(node)));
  writeConfig(path.join(dir, "containerd.toml"), containerdConfig(cluster, node, images.pause.ref));
  writeConfig(path.join(dir, "kubelet.yaml"), stringify(kubeletConfig(cluster, node)));
  writeConfig(path.join(dir, "kube-proxy.yaml"), stringify(kubeProxyConfig(cluster, node)));
  ensureCgroup(cgroupOf(cluster.spec.name, place.name, "pods"));

  const root = containerdRoot(cluster, node);
  if (imageStore !== undefined && !fs.existsSync(root)) {
    await beginWith(imageStore, root);
    for (const image of Object.values(images)) markImported(dir, image);
  }
  place.ensureProcess(`containerd-${place.name}`, ["containerd", "-c", path.join(dir, "containerd.toml")]);
  await waitFor(`containerd of ${place.name}`, 120, () => servesCri(cluster.containerdSocket(node)));
  for (const image of Object.values(images)) await importImage(cluster, place, node, image);

  place.ensureProcess(`kubelet-${place.name}`, [
    binaries.kubelet,
    `--config=${path.join(dir, "kubelet.yaml")}`,
    `--kubeconfig=${path.join(cluster.pkiDir, `${place.name}.kubeconfig`)}`,
    `--hostname-override=${place.name}`,
    `--node-ip=${network.node(node)}`,
    `--root-dir=${path.join(dir, "kubelet")}`,
    `--node-labels=topology.kubernetes.io/region=embedded,topology.kubernetes.io/zone=zone${node}`,
  ]);
  // A real node that comes back has no rules. Here its network namespace keeps them, and at its first look kube-proxy assumes
  // that the chains it finds are filled. Chains that were emptied and not yet deleted would refuse every connection.
  const forget = ["ip", "ip6"].map((family) => `nft delete table ${family} kube-proxy 2>/dev/null`).join("; ");
  place.ensureProcess(`kube-proxy-${place.name}`, [
    "sh",
    "-c",
    `${forget}; exec "$@"`,
    "kube-proxy",
    binaries["kube-proxy"],
    `--config=${path.join(dir, "kube-proxy.yaml")}`,
  ]);
}

/** Where a node's containerd keeps its images. */
export function containerdRoot(cluster: Cluster, node: number): string {
  return path.join(cluster.nodeDir(node), "containerd");
}

/** Imports one more image on every node of a running cluster. */
export async function importEverywhere(cluster: Cluster, image: Image): Promise<void> {
  await Promise.all(
    cluster.nodeNumbers.map((node) => importImage(cluster, new Place(cluster, cluster.nodeName(node)), node, image)),
  );
}

/** Imports an image unless this very archive was imported before. */
async function importImage(cluster: Cluster, place: Place, node: number, image: Image): Promise<void> {
  const dir = cluster.nodeDir(node);
  if (fs.existsSync(markerOf(dir, image))) return;
  const ctr = ["ctr", "--address", cluster.containerdSocket(node), "--namespace", "k8s.io"];
  await place
    .exec([...ctr, "images", "import", "--local", image.archive])
    .catch(() => place.exec([...ctr, "images", "import", image.archive]));
  markImported(dir, image);
}

function markerOf(dir: string, image: Image): string {
  return path.join(dir, "images", `${image.name}-${digest(image.archive)}`);
}

function markImported(dir: string, image: Image): void {
  writeConfig(markerOf(dir, image), `${image.ref}\n`);
}

/** Each node has one address for kubelet; pods get theirs from the node's range. */
function cniConfig(node: number): object {
  return {
    cniVersion: "1.0.0",
    name: "pods",
    plugins: [
      // ptp and not bridge: bridged traffic between two pods of a node would pass below IP, unseen by policies.
      {
        type: "ptp",
        ipMasq: false,
        ipam: {
          type: "host-local",
          dataDir: "/run/netns/ipam",
          ranges: [[{ subnet: network.podRangeOf(node) }]],
          routes: [{ dst: "0.0.0.0/0" }],
        },
      },
      { type: "portmap", capabilities: { portMappings: true } },
    ],
  };
}

function containerdConfig(cluster: Cluster, node: number, pauseImage: string): string {
  const dir = cluster.nodeDir(node);
  return `version = 2
root = "${containerdRoot(cluster, node)}"
state = "/run/containerd/state"
[grpc]
  address = "${cluster.containerdSocket(node)}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${dir}/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
`;
}

function kubeletConfig(cluster: Cluster, node: number): object {
  const dir = cluster.nodeDir(node);
  const name = cluster.nodeName(node);
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address: "0.0.0.0",
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: path.join(cluster.pkiDir, "ca.crt") },
    },
    authorization: { mode: "Webhook" },
    tlsCertFile: path.join(cluster.pkiDir, `${name}.crt`),
    tlsPrivateKeyFile: path.join(cluster.pkiDir, `${name}.key`),
    cgroupDriver: "cgroupfs",
    cgroupRoot: `/${cgroupOf(cluster.spec.name, name, "pods")}`,
    failCgroupV1: false,
    failSwapOn: false,
    enforceNodeAllocatable: ["pods"],
    clusterDomain: "cluster.local",
    clusterDNS: [network.dnsService],
    resolvConf: "",
    containerRuntimeEndpoint: `unix://${cluster.containerdSocket(node)}`,
    podLogsDir: path.join(dir, "pod-logs"), // kubelets that share /var/log/pods delete each other's logs
    volumePluginDir: path.join(dir, "volume-plugins"),
    imageGCHighThresholdPercent: 100, // there is no registry to pull the images from again
    imageGCLowThresholdPercent: 99,
    evictionHard: { "memory.available": "100Mi" },
    nodeStatusUpdateFrequency: "5s",
    oomScoreAdj: 0,
    serializeImagePulls: false,
  };
}

function kubeProxyConfig(cluster: Cluster, node: number): object {
  return {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode: "nftables",
    clientConnection: { kubeconfig: path.join(cluster.pkiDir, "proxy.kubeconfig") },
    clusterCIDR: network.podRange,
    hostnameOverride: cluster.nodeName(node),
    conntrack: { maxPerCore: 0 },
    oomScoreAdj: 0,
  };
}

/** Does not write a file that has this content already: kube-proxy exits as soon as its own file is written. */
function writeConfig(file: string, content: string): void {
  if (fs.existsSync(file) && fs.readFileSync(file, "utf8") === content) return;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, content);
}

/** Waits until every node reports Ready: seconds, or minutes if the disk is busy. @throws UserError if a node's process has died. */
export async function waitForNodes(cluster: Cluster, binaries: Record<string, string>): Promise<void> {
  const names = cluster.nodeNumbers.map((node) => `node/${cluster.nodeName(node)}`);
  const kubectl = [binaries.kubectl, "--kubeconfig", cluster.kubeconfig];
  const processes = cluster.nodeNumbers.flatMap((node) =>
    ["containerd", "kubelet"].map((name) => `${name}-${cluster.nodeName(node)}`),
  );
  await waitFor("the nodes to register", 300, () => {
    const died = diedProcesses(cluster, processes);
    if (died.length > 0)
      throw new UserError(`${died.join("; ")}. \`make up\` with the same arguments starts it again.`);
    return run(kubectl[0], [...kubectl.slice(1), "get", ...names]).then(
      () => true,
      () => false,
    );
  });
  await run(kubectl[0], [...kubectl.slice(1), "wait", "--for=condition=Ready", "--timeout=300s", ...names]);
}
