import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as net from "node:net";
import { UserError } from "../errors";
import { run } from "../exec";
import { stateRoot } from "../paths";
import { progress } from "../progress";
import { requireFreeSpace } from "./disk";

/** Programs the embedded cluster uses, and the Debian package that brings each. */
const PACKAGES: Record<string, string> = {
  containerd: "containerd",
  runc: "runc",
  "/usr/lib/cni/ptp": "containernetworking-plugins",
  nft: "nftables",
  iptables: "iptables",
  conntrack: "conntrack",
  ip: "iproute2",
  socat: "socat",
  catatonit: "catatonit",
  mmdebstrap: "mmdebstrap",
  mvn: "maven",
  javac: "default-jdk-headless",
  openssl: "openssl",
  nsenter: "util-linux",
  hostname: "hostname",
  sysctl: "procps",
};

/** Free space that a cluster of three nodes takes with its images (measured: 6 GiB). */
const CLUSTER_GIB = 8;

const OTHER_WAY = "Or deploy to a cluster of yours: make up CONTEXT=<kubeconfig context>";

/** Throws a UserError with both remedies if this process may not change an embedded cluster. */
export function requireRoot(): void {
  if (process.platform !== "linux") {
    throw new UserError(
      `the embedded cluster needs Linux, and this is ${process.platform}. Run it in a Linux virtual machine. ${OTHER_WAY}`,
    );
  }
  if (process.getuid?.() !== 0) {
    throw new UserError(
      `the embedded cluster needs root: it makes network namespaces, mounts and cgroups. Run the same command as root (sudo -E make …). ${OTHER_WAY}`,
    );
  }
}

/** Throws a UserError if the disk has no room for another cluster. */
export function requireClusterSpace(): void {
  requireFreeSpace(stateRoot, CLUSTER_GIB, "a cluster", "XDG_STATE_HOME");
}

/**
 * Checks that this machine can hold an embedded cluster and installs the Debian packages it lacks.
 *
 * @throws UserError that says what is missing, with both remedies.
 */
export async function ensurePrerequisites({ newCluster }: { newCluster: boolean }): Promise<void> {
  requireRoot();
  if (newCluster) requireClusterSpace();
  const missing = [
    ...new Set(
      Object.entries(PACKAGES)
        .filter(([program]) => !isInstalled(program))
        .map(([, debianPackage]) => debianPackage),
    ),
  ];
  if (missing.length === 0) return;
  if (!isInstalled("apt-get"))
    throw new UserError(
      `these packages are missing, and there is no apt-get to install them with: ${missing.join(", ")}. Install them. ${OTHER_WAY}`,
    );
  progress(`installing Debian packages: ${missing.join(", ")}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update", "-qq"], { env });
  await run(
    "apt-get",
    ["install", "-o", "DPkg::Lock::Timeout=600", "-y", "-qq", "--no-install-recommends", ...missing],
    { env },
  );
}

/** Programs under sbin count: a root shell without them on PATH is common. */
function isInstalled(program: string): boolean {
  if (program.startsWith("/")) return fs.existsSync(program);
  return ["/usr/sbin", "/usr/bin", "/sbin", "/bin", ...(process.env.PATH ?? "").split(":")].some((folder) =>
    fs.existsSync(`${folder}/${program}`),
  );
}

/** Throws a UserError for the first port of 127.0.0.1 that another program holds. */
export async function requireFreePorts(ports: { port: number; use: string; movable: boolean }[]): Promise<void> {
  for (const { port, use, movable } of ports) {
    if (await isFree(port)) continue;
    const otherWay = movable
      ? ", or move all ports with PORT_OFFSET=<number> (for instance PORT_OFFSET=1000)"
      : "; the cluster was made with this port";
    throw new UserError(
      `port ${port} on 127.0.0.1, meant for ${use}, is taken${holder(port)}. End that program${otherWay}.`,
    );
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

function holder(port: number): string {
  try {
    const line = execFileSync("ss", ["-Hltnp", `sport = :${port}`], { encoding: "utf8" });
    const match = /\("([^"]+)",pid=(\d+)/.exec(line);
    return match === null ? "" : ` by ${match[1]} (process ${match[2]})`;
  } catch {
    return "";
  }
}
