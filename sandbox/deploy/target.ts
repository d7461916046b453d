import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { Cluster } from "../cluster/cluster";
import { Images } from "../images";
import { objectStoreOf } from "../object-store";
import { writeAtomically } from "../paths";
import { PulumiTools } from "../toolchain/pulumi";
import { openedPort } from "./access";
import { embeddedConfig } from "./overlay";
import { PLATFORM } from "./project";
import { copiesOutside } from "./topology";

/** Where a stack is deployed to, and where Pulumi keeps its state. */
export interface Target {
  /** Folder of the program. */
  program: string;
  /** Folder for the stack files that are merged for this target. */
  dir: string;
  /** Folder in which stacks are created: Pulumi writes into its stack files how it encrypts. */
  project: string;
  /** The stack's configuration on this target. */
  config(stack: string): Record<string, unknown>;
  /** Values that Pulumi has to encrypt in that configuration, by their full keys; none if the configuration has them already. */
  secrets(stack: string): Readonly<Record<string, string>>;
  /** Pulumi's settings: home, backend, passphrase, kubeconfig. */
  pulumi: NodeJS.ProcessEnv;
}

/** An embedded cluster as a target, with a separate home, state and passphrase: nothing mixes with a real environment. */
export function embeddedTarget(cluster: Cluster, images: Images, tools: PulumiTools, of = PLATFORM): Target {
  const shared = path.join(cluster.dir, "pulumi");
  const dir = path.join(shared, of.subfolder);
  const project = path.join(dir, "project");
  const temporary = path.join(cluster.runDir, "tmp");
  const [home, state, passphrase] = ["home", "state", "passphrase"].map((name) => path.join(shared, name));
  for (const folder of [home, state, project, temporary]) fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  fs.copyFileSync(path.join(of.folder, "Pulumi.yaml"), path.join(project, "Pulumi.yaml"));
  if (!fs.existsSync(passphrase)) writeAtomically(passphrase, `${randomBytes(32).toString("base64")}\n`, 0o600);
  linkPlugins(home, tools);
  goWithoutDebugLogs(home);
  const store = objectStoreOf(cluster);
  return {
    program: of.folder,
    dir,
    project,
    config: (stack) =>
      embeddedConfig(
        stack,
        {
          stack,
          context: cluster.context,
          mysqlPort: String(openedPort(cluster, stack, 3306)),
          s3Endpoint: store.endpoint,
          s3Bucket: store.bucket,
          ...references(images),
        },
        of,
      ),
    secrets: (stack): Readonly<Record<string, string>> =>
      of === PLATFORM && copiesOutside(stack)
        ? {
            "nacos-platform:mysql.backup.offsite.accessKeyId": store.accessKeyId,
            "nacos-platform:mysql.backup.offsite.secretAccessKey": store.secretAccessKey,
          }
        : {},
    pulumi: {
      PULUMI_HOME: home,
      // One file for each object, which exists completely or not at all. With a second file for its attributes, a Pulumi that
      // is killed between the two leaves a state that no Pulumi can read ("failed to load checkpoint: EOF").
      PULUMI_BACKEND_URL: `file://${state}?metadata=skip`,
      PULUMI_CONFIG_PASSPHRASE: undefined,
      PULUMI_CONFIG_PASSPHRASE_FILE: passphrase,
      KUBECONFIG: cluster.kubeconfig,
      TMPDIR: temporary, // the Kubernetes provider leaves a copy of the kubeconfig there each time
    },
  };
}

/** Each image's name in the cluster, by its name in the overlay. */
function references(images: Images): Record<string, string> {
  return Object.fromEntries(Object.entries(images).map(([name, { ref }]) => [name, ref]));
}

/** A home of Pulumi in which it finds the plugins of its tools. */
export function linkPlugins(home: string, tools: PulumiTools): void {
  const link = path.join(home, "plugins");
  fs.rmSync(link, { force: true, recursive: true });
  fs.symlinkSync(tools.pluginDir, link);
}

/**
 * Pulumi writes a debug log of about ten megabytes for every command, which takes a seventh of the command's CPU time. It has
 * no option to turn this off. If there is a file in place of the log folder, Pulumi writes no log.
 */
export function goWithoutDebugLogs(home: string): void {
  const logs = path.join(home, "logs");
  fs.rmSync(logs, { recursive: true, force: true });
  fs.writeFileSync(logs, "");
}
