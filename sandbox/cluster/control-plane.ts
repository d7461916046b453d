import * as path from "node:path";
import { run, waitFor } from "../exec";
import { Cluster, network } from "./cluster";
import { Place, ensureHostProcess, processStates } from "./place";

const PORT_PROCESS = "apiserver-port";

/** Whether the cluster serves its API on its port of 127.0.0.1 now. */
export function hasApiPort(cluster: Cluster): boolean {
  return processStates(cluster).some(({ name, alive }) => alive && name === PORT_PROCESS);
}

/** Starts etcd, the API server, the controller manager and the scheduler, unless they run, and waits until the API answers. */
export async function ensureControlPlane(
  cluster: Cluster,
  place: Place,
  binaries: Record<string, string>,
): Promise<void> {
  const pki = (file: string) => path.join(cluster.pkiDir, file);
  place.ensureProcess("etcd", [
    binaries.etcd,
    "--data-dir",
    path.join(cluster.dir, "etcd"),
    "--listen-client-urls",
    "http://127.0.0.1:2379",
    "--advertise-client-urls",
    "http://127.0.0.1:2379",
    "--listen-peer-urls",
    "http://127.0.0.1:2380",
    "--unsafe-no-fsync", // the data survives killed processes; only a power cut could lose the cluster, and never a stack's volumes
    "--logger",
    "zap",
    "--log-level",
    "warn",
  ]);
  place.ensureProcess("kube-apiserver", [
    binaries["kube-apiserver"],
    "--etcd-servers=http://127.0.0.1:2379",
    "--bind-address=0.0.0.0",
    "--secure-port=6443",
    `--advertise-address=${network.controlPlane}`,
    `--tls-cert-file=${pki("apiserver.crt")}`,
    `--tls-private-key-file=${pki("apiserver.key")}`,
    `--client-ca-file=${pki("ca.crt")}`,
    "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
    `--service-account-key-file=${pki("service-accounts.pub")}`,
    `--service-account-signing-key-file=${pki("service-accounts.key")}`,
    `--service-cluster-ip-range=${network.serviceRange}`,
    "--authorization-mode=Node,RBAC",
    "--enable-admission-plugins=NodeRestriction",
    `--kubelet-client-certificate=${pki("admin.crt")}`,
    `--kubelet-client-key=${pki("admin.key")}`,
    `--kubelet-certificate-authority=${pki("ca.crt")}`,
    "--kubelet-preferred-address-types=InternalIP", // node names are in no DNS
    `--requestheader-client-ca-file=${pki("ca.crt")}`,
    "--requestheader-allowed-names=front-proxy",
    "--requestheader-username-headers=X-Remote-User",
    "--requestheader-group-headers=X-Remote-Group",
    "--requestheader-extra-headers-prefix=X-Remote-Extra-",
    `--proxy-client-cert-file=${pki("front-proxy.crt")}`,
    `--proxy-client-key-file=${pki("front-proxy.key")}`,
    "--enable-aggregator-routing=true", // no kube-proxy runs beside the API server, so it connects to the pods directly
    "--allow-privileged=true",
    "--profiling=false",
  ]);
  place.ensureProcess("kube-controller-manager", [
    binaries["kube-controller-manager"],
    `--kubeconfig=${pki("controller-manager.kubeconfig")}`,
    `--service-account-private-key-file=${pki("service-accounts.key")}`,
    `--root-ca-file=${pki("ca.crt")}`,
    `--cluster-signing-cert-file=${pki("ca.crt")}`,
    `--cluster-signing-key-file=${pki("ca.key")}`,
    "--allocate-node-cidrs=false",
    "--use-service-account-credentials=true",
    "--leader-elect=false",
    "--node-monitor-grace-period=20s",
  ]);
  place.ensureProcess("kube-scheduler", [
    binaries["kube-scheduler"],
    `--kubeconfig=${pki("scheduler.kubeconfig")}`,
    "--leader-elect=false",
  ]);
  // The file system is shared with the machine, its network is not: a Unix socket is the only way in.
  place.ensureProcess("apiserver-relay", [
    "socat",
    `UNIX-LISTEN:${cluster.apiSocket},fork,unlink-early,mode=0600`,
    "TCP:127.0.0.1:6443",
  ]);
  ensureHostProcess(cluster, PORT_PROCESS, [
    "socat",
    `TCP-LISTEN:${cluster.spec.apiPort},bind=127.0.0.1,fork,reuseaddr`,
    `UNIX-CONNECT:${cluster.apiSocket}`,
  ]);
  await waitFor(`the API server (log: ${path.join(cluster.logDir, "kube-apiserver.log")})`, 120, () =>
    isReady(cluster, binaries),
  );
}

/** Whether the API server reports that it is ready. */
export async function isReady(cluster: Cluster, binaries: Record<string, string>): Promise<boolean> {
  const answer = await run(binaries.kubectl, [
    "--kubeconfig",
    cluster.kubeconfig,
    "get",
    "--raw",
    "/readyz",
    "--request-timeout=3s",
  ]).catch(() => "");
  return answer.trim() === "ok";
}
