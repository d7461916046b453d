import * as fs from "node:fs";
import * as path from "node:path";
import { run } from "../exec";
import { Cluster, network } from "./cluster";
import { Place } from "./place";

/**
 * Connects the places: a bridge in the control plane's network namespace, one veth pair to each node, routes to every pod
 * range. No namespace has a route or a device that leads out of the machine. Does nothing for a place that is connected
 * already. A node that has died is connected again from scratch, because a machine that boots has nothing left of its
 * earlier pods. A leftover route of such a pod would serve a new pod with the same address, and disappear when the kernel
 * gets to remove it.
 */
export async function ensureNetwork(cluster: Cluster, controlPlane: Place, nodes: Place[]): Promise<void> {
  await wireOnce(cluster, controlPlane.netns, async () => {
    await ip(
      controlPlane.netns,
      `
      link set lo up
      link add br0 type bridge
      addr add ${network.controlPlane}/24 dev br0
      link set br0 up`,
    );
    await forwardPackets(controlPlane.netns);
  });
  for (const [index, node] of nodes.entries()) {
    if (node.holder === undefined) await unwireNode(cluster, controlPlane.netns, node.netns, index + 1);
    await wireOnce(cluster, node.netns, () => wireNode(cluster, controlPlane.netns, node.netns, index + 1));
  }
}

/** Deletes the link by its name, which takes effect at once; the kernel removes what is left in a namespace later. */
async function unwireNode(cluster: Cluster, controlPlane: string, netns: string, number: number): Promise<void> {
  fs.rmSync(wiredFile(cluster, netns), { force: true });
  await run("ip", ["-netns", controlPlane, "link", "delete", `node${number}`]).catch(() => undefined); // there was none
}

/** Creates a network namespace and connects it. If that was interrupted before, the namespace is created again. */
async function wireOnce(cluster: Cluster, netns: string, wire: () => Promise<void>): Promise<void> {
  const wired = wiredFile(cluster, netns);
  const exists = fs.existsSync(`/run/netns/${netns}`);
  if (exists && fs.existsSync(wired)) return;
  if (exists) await run("ip", ["netns", "delete", netns]);
  await run("ip", ["netns", "add", netns]);
  await wire();
  fs.writeFileSync(wired, "");
}

const wiredFile = (cluster: Cluster, netns: string) => path.join(cluster.runDir, `${netns}.wired`);

async function wireNode(cluster: Cluster, controlPlane: string, netns: string, number: number): Promise<void> {
  await ip(
    netns,
    `
    link set lo up
    link add eth0 type veth peer name node${number} netns ${controlPlane}
    addr add ${network.node(number)}/24 dev eth0
    link set eth0 up
    ${cluster.nodeNumbers
      .filter((other) => other !== number)
      .map((other) => `route add ${network.podRangeOf(other)} via ${network.node(other)}`)
      .join("\n")}
    route add default via ${network.controlPlane}`,
  );
  await ip(
    controlPlane,
    `
    link set node${number} master br0 up
    route replace ${network.podRangeOf(number)} via ${network.node(number)}`,
  );
  await forwardPackets(netns);
  await queueToPolicies(netns);
}

/**
 * Hands each new connection from or to a pod to kube-network-policies, which listens on queue 100.
 * Its own nftables rules do the same if the kernel has the `queue` expression; these iptables rules work everywhere.
 * Traffic that root sends from the node itself (kubelet's probes) is accepted, as the NetworkPolicy specification requires.
 */
async function queueToPolicies(netns: string): Promise<void> {
  const rules = [
    ["-m", "conntrack", "--ctstate", "ESTABLISHED,RELATED", "-j", "ACCEPT"],
    ["-m", "owner", "--uid-owner", "0", "-j", "ACCEPT"],
    ["-d", network.podRange, "-j", "NFQUEUE", "--queue-num", "100"],
    ["-s", network.podRange, "-j", "NFQUEUE", "--queue-num", "100"],
  ];
  for (const rule of rules) await inNamespace(netns, ["iptables", "-w", "-t", "mangle", "-A", "POSTROUTING", ...rule]);
}

async function forwardPackets(netns: string): Promise<void> {
  await inNamespace(netns, ["sysctl", "-qw", "net.ipv4.ip_forward=1"]);
}

async function ip(netns: string, batch: string): Promise<void> {
  const lines = batch
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  await run("ip", ["-netns", netns, "-batch", "-"], { input: `${lines.join("\n")}\n` });
}

/** `ip netns exec` would hide the cgroup mounts from what it starts, so everything here uses nsenter. */
async function inNamespace(netns: string, command: string[]): Promise<void> {
  await run("nsenter", [`--net=/run/netns/${netns}`, ...command]);
}
