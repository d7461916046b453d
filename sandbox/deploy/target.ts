import { KubeConfig } from "@kubernetes/client-node";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { UserError } from "../errors";
import { Image } from "../images";
import { Cluster } from "../cluster/cluster";
import { stateRoot } from "../paths";
import { embeddedConfig, stackConfig } from "./overlay";

/** Where a stack is deployed to, and where Pulumi keeps what it knows about it. */
export interface Target {
  /** Folder with Pulumi's state, home and passphrase for this target. */
  dir: string;
  /** Kubeconfig file, or undefined for the user's own search order. */
  kubeconfig: string | undefined;
  /** The kubeconfig context to deploy to. */
  context: string;
  /** The stack's configuration on this target. */
  config(stack: string): Record<string, unknown>;
  /** Pulumi's settings for backend and passphrase. */
  pulumi: NodeJS.ProcessEnv;
  /** Whether the passphrase is the target's own file; then the encryption settings of the checkout's stack files are not for it. */
  ownPassphrase: boolean;
}

/** An embedded cluster as a target. Its state never mixes with that of a real environment. */
export function embeddedTarget(cluster: Cluster, images: Image[]): Target {
  const dir = path.join(cluster.dir, "pulumi");
  const context = `embedded-${cluster.spec.name}`;
  const references = Object.fromEntries(images.map((image) => [image.name, image.ref]));
  return {
    dir,
    kubeconfig: cluster.kubeconfig,
    context,
    config: (stack) => embeddedConfig(stack, { context, nacos: references.nacos, mysql: references.mysql }),
    pulumi: { ...ownBackend(dir), ...passphraseFile(dir) },
    ownPassphrase: true,
  };
}

/**
 * A context of the user's kubeconfig as a target. A backend and a passphrase that the environment
 * names are used; otherwise both are files of this target.
 *
 * @throws UserError that lists the contexts there are.
 */
export function contextTarget(context: string): Target & { server: string } {
  const config = new KubeConfig();
  config.loadFromDefault();
  const entry = config.getContextObject(context);
  const server = config.getClusters().find((cluster) => cluster.name === entry?.cluster)?.server;
  if (server === undefined) {
    const known = config.getContexts().map((candidate) => candidate.name);
    throw new UserError(`the kubeconfig has no context "${context}"; it has ${known.length === 0 ? "none" : known.join(", ")}. Correct CONTEXT=…, or set KUBECONFIG to the file that has it.`);
  }
  const dir = path.join(stateRoot, "contexts", context.replace(/[^\w.-]/g, "_"));
  const { PULUMI_BACKEND_URL, PULUMI_CONFIG_PASSPHRASE, PULUMI_CONFIG_PASSPHRASE_FILE } = process.env;
  const ownPassphrase = PULUMI_CONFIG_PASSPHRASE === undefined && PULUMI_CONFIG_PASSPHRASE_FILE === undefined;
  return {
    dir,
    kubeconfig: process.env.KUBECONFIG,
    context,
    server,
    config: (stack) => ({ ...stackConfig(stack), "nacos-platform:kubeContext": context }),
    pulumi: {
      ...(PULUMI_BACKEND_URL === undefined ? ownBackend(dir) : {}),
      ...(ownPassphrase ? passphraseFile(dir) : {}),
    },
    ownPassphrase,
  };
}

function ownBackend(dir: string): NodeJS.ProcessEnv {
  const folder = path.join(dir, "state");
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  return { PULUMI_BACKEND_URL: `file://${folder}` };
}

/** A random passphrase in a file that only its owner reads: the state's secrets are encrypted by it. */
function passphraseFile(dir: string): NodeJS.ProcessEnv {
  const file = path.join(dir, "passphrase");
  if (!fs.existsSync(file)) fs.writeFileSync(file, `${randomBytes(32).toString("base64")}\n`, { mode: 0o600 });
  return { PULUMI_CONFIG_PASSPHRASE: undefined, PULUMI_CONFIG_PASSPHRASE_FILE: file };
}
