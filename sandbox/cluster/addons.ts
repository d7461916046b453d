import * as fs from "node:fs";
import * as path from "node:path";
import { waitFor } from "../exec";
import { ImageName, Images } from "../images";
import { apply, Kubectl } from "./kubectl";

const folder = path.join(__dirname, "addons");

/**
 * Applies the addons: DNS, NetworkPolicy enforcement, resource metrics, the storage class.
 * Only {@link waitForMetrics} registers the metrics API, once it can answer: an API that is registered and unreachable
 * makes every client's discovery slow or incomplete.
 */
export async function applyAddons(kubectl: Kubectl, images: Images): Promise<void> {
  const manifests = fs.readdirSync(folder).map((file) => fs.readFileSync(path.join(folder, file), "utf8"));
  await apply(
    kubectl,
    manifests.join("\n---\n").replace(/\$\{([a-z-]+)\}/g, (_, name: ImageName) => images[name].ref),
  );
}

/** Waits until names resolve and policies are enforced. */
export async function waitForAddons(kubectl: Kubectl): Promise<void> {
  await Promise.all(
    ["daemonset/kube-network-policies", "deployment/coredns"].map((workload) => rolledOut(kubectl, workload)),
  );
}

/** Waits until metrics are served. */
export async function waitForMetrics(kubectl: Kubectl): Promise<void> {
  await rolledOut(kubectl, "deployment/metrics-server");
  await apply(kubectl, JSON.stringify(metricsApi));
  await waitFor("the metrics API", 180, () =>
    kubectl(["get", "--raw", "/apis/metrics.k8s.io/v1beta1/nodes"]).then(
      () => true,
      () => false,
    ),
  );
}

async function rolledOut(kubectl: Kubectl, workload: string): Promise<void> {
  await kubectl(["--namespace", "kube-system", "rollout", "status", workload, "--timeout=180s"]);
}

const metricsApi = {
  apiVersion: "apiregistration.k8s.io/v1",
  kind: "APIService",
  metadata: { name: "v1beta1.metrics.k8s.io" },
  spec: {
    group: "metrics.k8s.io",
    version: "v1beta1",
    groupPriorityMinimum: 100,
    versionPriority: 100,
    insecureSkipTLSVerify: true, // metrics-server signs its own certificate
    service: { name: "metrics-server", namespace: "kube-system" },
  },
};
