import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { Cluster } from "../cluster/cluster";
import { apply, Kubectl } from "../cluster/kubectl";
import { Images } from "../images";
import { writeAtomically } from "../paths";

const NAME = "object-store";
const BUCKET = "backups";
const uid = 65534; // as in object-store.yaml

/** An S3 endpoint in the cluster, for what has to outlive the stack. It speaks plain HTTP, with path-style addresses, in any region. */
export interface ObjectStore {
  /** As pods reach it. */
  endpoint: string;
  /** A bucket that exists. */
  bucket: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** Folder of the machine in which each bucket is a folder and each object a file. */
  data: string;
}

/** What a cluster's object store is or will be; creates its folders and its random credentials if they do not exist yet. */
export function objectStoreOf(cluster: Cluster): ObjectStore {
  const home = path.join(cluster.dir, NAME);
  const data = path.join(home, "data");
  for (const folder of [data, path.join(data, BUCKET)]) {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    fs.chownSync(folder, uid, uid);
  }
  const credentials = path.join(home, "credentials.json");
  if (!fs.existsSync(credentials)) writeAtomically(credentials, JSON.stringify(randomCredentials()) + "\n", 0o600);
  const keys = JSON.parse(fs.readFileSync(credentials, "utf8")) as Credentials;
  return { endpoint: `http://${NAME}.${NAME}.svc.cluster.local:9000`, bucket: BUCKET, ...keys, data };
}

type Credentials = Pick<ObjectStore, "accessKeyId" | "secretAccessKey">;

function randomCredentials(): Credentials {
  return {
    accessKeyId: randomBytes(10).toString("hex").toUpperCase(),
    secretAccessKey: randomBytes(20).toString("hex"),
  };
}

/** Brings up the cluster's object store; repeated, it changes nothing. {@link waitForObjectStore} says when it serves. */
export async function ensureObjectStore(kubectl: Kubectl, cluster: Cluster, images: Images): Promise<void> {
  await apply(kubectl, manifests(objectStoreOf(cluster), images["object-store"].ref));
}

/** Waits until the object store serves. */
export async function waitForObjectStore(kubectl: Kubectl): Promise<void> {
  await kubectl(["--namespace", NAME, "rollout", "status", `deployment/${NAME}`, "--timeout=120s"]);
}

/** Everything that the object store is made of in the cluster, as one input for kubectl. */
export function manifests(store: ObjectStore, image: string): string {
  const values: Record<string, string> = { image, data: store.data };
  const file = fs
    .readFileSync(path.join(__dirname, `${NAME}.yaml`), "utf8")
    .replace(/\$\{(\w+)\}/g, (_, name: string) => values[name]);
  const [namespace, ...rest] = file.split(/^---\n/m); // a Secret cannot come before its namespace
  // Quoted, because this is a comma-separated list, and each of its items has a comma in it.
  const authKey = `"${store.accessKeyId},${store.secretAccessKey}"`;
  const secret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: NAME, namespace: NAME },
    stringData: { "auth-key": authKey },
  };
  return [namespace, JSON.stringify(secret), ...rest].join("\n---\n");
}
