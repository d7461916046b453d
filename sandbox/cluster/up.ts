import * as fs from "node:fs";
import { own } from "../host/lock";
import { Images } from "../images";
import { progress } from "../progress";
import { applyAddons } from "./addons";
import { Cluster } from "./cluster";
import { Place } from "./place";
import { ensureControlPlane } from "./control-plane";
import { ensureImageStore } from "./image-store";
import { Kubectl, kubectlFor } from "./kubectl";
import { ensureNetwork } from "./network";
import { containerdRoot, ensureNode, waitForNodes } from "./node";
import { ensurePki } from "./pki";
import { ensureVolumes } from "./volumes";

/**
 * Brings a cluster up: creates it, continues an interrupted start, restarts what died, or does
 * nothing if all of it runs. Each step may be repeated. Does not wait for the addons, which start when the cluster is up.
 */
export async function clusterUp(cluster: Cluster, binaries: Record<string, string>, images: Images): Promise<Kubectl> {
  fs.mkdirSync(cluster.runDir, { recursive: true, mode: 0o700 });
  own(cluster.spec.name, cluster.dir);
  await ensurePki(cluster);

  const controlPlane = new Place(cluster, "control-plane");
  const nodes = cluster.nodeNumbers.map((node) => new Place(cluster, cluster.nodeName(node)));
  await ensureNetwork(cluster, controlPlane, nodes);
  await Promise.all([controlPlane, ...nodes].map((place) => place.start()));
  const isNew = cluster.nodeNumbers.some((node) => !fs.existsSync(containerdRoot(cluster, node)));
  const imageStore = isNew ? await ensureImageStore(images) : undefined;

  progress(
    `cluster "${cluster.spec.name}": starting the control plane and ${nodes.length} node${nodes.length === 1 ? "" : "s"}`,
  );
  const kubectl = kubectlFor(cluster, binaries);
  await Promise.all([
    ensureControlPlane(cluster, controlPlane, binaries).then(() => applyAddons(kubectl, images)),
    ...nodes.map((place, index) => ensureNode(cluster, place, index + 1, binaries, images, imageStore)),
  ]);
  await waitForNodes(cluster, binaries);
  await ensureVolumes(cluster, kubectl);
  return kubectl;
}
