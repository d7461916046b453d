import * as fs from "node:fs";
import * as path from "node:path";
import { Cluster } from "./cluster";
import { apply, Kubectl } from "./kubectl";

/** Volumes that each node offers to new claims. */
const FREE_PER_NODE = 6;
const SIZE_GIB = 100;

interface PersistentVolumeList {
  items: { metadata: { name: string; labels?: Record<string, string> }; status: { phase?: string } }[];
}

/**
 * Tops up the volumes of each node. A volume whose claim was deleted stays with its data, unbound,
 * as `Retain` promises: new claims get new folders, and nothing here ever wipes one.
 */
export async function ensureVolumes(cluster: Cluster, kubectl: Kubectl): Promise<void> {
  const { items } = JSON.parse(await kubectl(["get", "persistentvolumes", "-o", "json"])) as PersistentVolumeList;
  const manifests: object[] = [];
  for (const node of cluster.nodeNumbers) {
    const name = cluster.nodeName(node);
    const own = items.filter((volume) => volume.metadata.name.startsWith(`${name}-`));
    const free = own.filter(
      (volume) => volume.status.phase === "Available" || volume.status.phase === "Pending",
    ).length;
    const numbers = own.map((volume) => Number(volume.metadata.name.slice(name.length + 1)));
    const folders = volumesOf(cluster, name); // the folders count too: an API server that lost its data must not offer old folders as new volumes
    const next = Math.max(0, ...numbers, ...folders) + 1;
    for (let index = 0; index < FREE_PER_NODE - free; index++) manifests.push(volume(cluster, name, next + index));
  }
  if (manifests.length > 0) await apply(kubectl, manifests.map((manifest) => JSON.stringify(manifest)).join("\n---\n"));
}

function volumesOf(cluster: Cluster, node: string): number[] {
  const folder = path.join(cluster.dir, "volumes", node);
  return fs.existsSync(folder) ? fs.readdirSync(folder).map(Number) : [];
}

function volume(cluster: Cluster, node: string, number: number): object {
  const folder = path.join(cluster.dir, "volumes", node, String(number));
  fs.mkdirSync(folder, { recursive: true, mode: 0o755 });
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: `${node}-${number}` },
    spec: {
      capacity: { storage: `${SIZE_GIB}Gi` },
      accessModes: ["ReadWriteOnce"],
      persistentVolumeReclaimPolicy: "Retain",
      storageClassName: "embedded-local",
      local: { path: folder },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [node] }] },
          ],
        },
      },
    },
  };
}
