import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { requireCluster } from "../../../sandbox/cluster/cluster";
import { Kubectl, kubectlFor } from "../../../sandbox/cluster/kubectl";
import { loadSession, stackOn } from "../../../sandbox/commands/session";
import type { PlatformOutputs as Outputs } from "../../../contract/outputs";
import { Ports, portsOf } from "../../../sandbox/deploy/ports";
import { Stack } from "../../../sandbox/deploy/stack";
import { CommandError, run } from "../../../sandbox/exec";
import { checkout } from "../../../sandbox/paths";

/** An environment of the end-to-end tests: a stack on a separate embedded cluster, with separate ports. */
export interface Environment {
  stack: string;
  cluster: string;
  portOffset: number;
}

export const dev: Environment = { stack: "dev", cluster: "e2e-dev", portOffset: 5000 };
export const prod: Environment = { stack: "prod", cluster: "e2e-prod", portOffset: 5200 };

/** Holds what the tests of a cluster write outside the checkout and the cluster. Its name is fixed, so that the next run finds what a killed one left. */
export const temporaryRoot = (cluster: string) => path.join(os.tmpdir(), "nacos-platform-tests", cluster);

/** A temporary folder for a test. */
export function temporaryFolder({ cluster }: Environment, name: string): string {
  const folder = path.join(temporaryRoot(cluster), name);
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** Runs `make`, as a user would, and returns what it printed. */
export function make(target: string, environment: Environment, ...variables: string[]): Promise<string> {
  return run("make", words(target, environment, variables), { cwd: checkout });
}

/** The same with further variables of the environment. */
export function makeWith(env: Record<string, string>, target: string, environment: Environment): Promise<string> {
  return run("make", words(target, environment, []), { cwd: checkout, env: { ...process.env, ...env } });
}

function words(target: string, environment: Environment, variables: string[]): string[] {
  return [
    "--silent",
    target,
    `STACK=${environment.stack}`,
    `NAME=${environment.cluster}`,
    ...(target === "up" ? [`PORT_OFFSET=${environment.portOffset}`] : []),
    ...variables,
  ];
}

/** What a command that must fail printed. Throws if it does not fail. */
export async function refusal(command: Promise<string>): Promise<string> {
  try {
    await command;
  } catch (error) {
    if (error instanceof CommandError) return error.output;
    throw error;
  }
  throw new Error("the command succeeded, and should have been refused");
}

export interface Live {
  kubectl: Kubectl;
  stack: Stack;
  outputs: Outputs;
  ports: Ports;
  kubeconfig: string;
  clusterDir: string;
}

/** Handles on an environment that is up. */
export async function live(environment: Environment): Promise<Live> {
  const cluster = requireCluster(environment.cluster);
  const session = loadSession(cluster);
  const stack = stackOn(cluster, session, environment.stack);
  return {
    kubectl: kubectlFor(cluster, session.binaries),
    stack,
    outputs: await stack.outputs<Outputs>(),
    ports: portsOf(environment.stack, environment.portOffset),
    kubeconfig: cluster.kubeconfig,
    clusterDir: cluster.dir,
  };
}
