import { KubeConfig } from "@kubernetes/client-node";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { UserError } from "../errors";
import { checkout, stateRoot } from "../paths";
import { PulumiTools } from "../toolchain/pulumi";
import { stackConfig } from "./overlay";
import { linkPlugins, Target } from "./target";

/** A context of the user's kubeconfig as a target, with the user's own Pulumi login and passphrase: the state is the one that plain `pulumi` uses. */
export interface ContextTarget extends Target {
  /** The kubeconfig with this context as its current one. */
  kubeconfig: KubeConfig;
  /** Address of the cluster's API. */
  server: string;
  /** URL of Pulumi's backend. */
  backend: string;
}

/** A context, checked before there is a Pulumi: what is wrong with it is reported before one is built. */
type Found = Pick<ContextTarget, "kubeconfig" | "server" | "backend"> & {
  readonly context: string;
  readonly login: string;
};

/** @throws UserError if the kubeconfig has no such context, or nothing says where Pulumi keeps the state. */
export function findContext(context: string): Found {
  const kubeconfig = new KubeConfig();
  try {
    kubeconfig.loadFromDefault();
  } catch (error) {
    throw new UserError(
      `the kubeconfig cannot be read: ${(error as Error).message}. Correct it, or set KUBECONFIG to another file.`,
    );
  }
  const server = serverOf(kubeconfig, context);
  kubeconfig.setCurrentContext(context);
  const login = process.env.PULUMI_HOME ?? path.join(os.homedir(), ".pulumi");
  return { context, kubeconfig, server, login, backend: process.env.PULUMI_BACKEND_URL ?? currentBackend(login) };
}

export function contextTarget(
  { context, kubeconfig, server, login, backend }: Found,
  tools: PulumiTools,
): ContextTarget {
  const dir = path.join(stateRoot, "contexts", context.replace(/[^\w.-]/g, "_"));
  const home = path.join(dir, "home");
  fs.mkdirSync(home, { recursive: true, mode: 0o700 });
  linkPlugins(home, tools);
  return {
    program: checkout,
    dir,
    project: checkout,
    kubeconfig,
    server,
    backend,
    config: (stack) => ({ ...stackConfig(stack), "nacos-platform:kubeContext": context }),
    secrets: () => ({}),
    pulumi: {
      PULUMI_HOME: home,
      PULUMI_CREDENTIALS_PATH: process.env.PULUMI_CREDENTIALS_PATH ?? login,
      PULUMI_BACKEND_URL: backend,
    },
  };
}

function serverOf(config: KubeConfig, context: string): string {
  const entry = config.getContextObject(context);
  const server = config.getClusters().find((cluster) => cluster.name === entry?.cluster)?.server;
  if (server !== undefined) return server;
  const known = config.getContexts().map((candidate) => candidate.name);
  throw new UserError(
    `the kubeconfig has no context "${context}"; it has ${known.length === 0 ? "none" : known.join(", ")}. Correct CONTEXT=…, or set KUBECONFIG to the file that has it.`,
  );
}

/** Where the user's Pulumi keeps its state. If the state were on one machine only, a second operator could deploy over the first. */
function currentBackend(login: string): string {
  const credentials = path.join(process.env.PULUMI_CREDENTIALS_PATH ?? login, "credentials.json");
  const current = fs.existsSync(credentials)
    ? (JSON.parse(fs.readFileSync(credentials, "utf8")) as { current?: string }).current
    : undefined;
  if (current !== undefined) return current;
  throw new UserError(
    "nothing says where Pulumi keeps the state of a real environment. Set PULUMI_BACKEND_URL (and PULUMI_CONFIG_PASSPHRASE_FILE), or log in with `pulumi login <url>`.",
  );
}
