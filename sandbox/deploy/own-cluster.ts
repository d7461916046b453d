import { createInterface } from "node:readline";
import { ifThere, type KubernetesApi } from "../../clients/kubernetes/api";
import { UserError } from "../errors";
import { CommandError } from "../exec";
import type { Stack } from "./stack";

interface Namespace {
  readonly name: string;
  readonly uid: string;
}

/** The stack's namespace, and the cluster by the UID of its kube-system, which older stacks have not recorded. */
export interface Recorded {
  readonly namespace: Namespace;
  readonly cluster?: string;
}

/** What decides whether a context leads to the cluster of a stack. */
export interface Whereabouts {
  readonly stack: string;
  /** The context that was asked for, and the API server that it names. */
  readonly context: string;
  readonly server: string;
  /** The context in the stack file. */
  readonly kubeContext: string;
  readonly backend: string;
  /** What Pulumi's state knows of its cluster; undefined if nothing is deployed yet. */
  readonly recorded: Recorded | undefined;
  /** UIDs of the namespace of that name in the cluster, if it has one, and of its kube-system. */
  readonly found: { readonly namespace?: string; readonly cluster?: string };
}

/**
 * Whether the cluster is known to be the stack's own. If not, a person has to confirm it.
 *
 * @throws UserError if the stack is deployed to another one, or its namespace is gone: Pulumi would find nothing to change.
 */
export function isOwn({ stack, context, server, kubeContext, backend, recorded, found }: Whereabouts): boolean {
  if (recorded === undefined) return context === kubeContext;
  const {
    namespace: { name, uid },
    cluster,
  } = recorded;
  if (uid === found.namespace && (cluster === undefined || cluster === found.cluster)) return true;
  const has = `${found.namespace === undefined ? "no" : "another"} namespace ${name}`;
  if (cluster !== undefined && cluster === found.cluster) {
    const next =
      found.namespace === undefined
        ? `To make everything again, and then restore MySQL: pulumi up --stack ${stack} --refresh, and docs/runbooks/mysql-restore.md`
        : "Find out whose it is before anything else";
    throw new UserError(
      `cluster ${server} (context "${context}") has ${has}: somebody has deleted the one of stack "${stack}". Nothing was changed. ${next}.`,
    );
  }
  throw new UserError(
    `according to its state in ${backend}, stack "${stack}" is deployed to another cluster than ${server} (context "${context}"), which has ${has}. Nothing was changed. Set CONTEXT to the context of its cluster. If that cluster is lost, and this one is to replace it: docs/runbooks/mysql-restore.md.`,
  );
}

/** Asks a person at a terminal. @throws UserError unless the context's name is typed; without a terminal at once. */
export async function requireConsent(
  { stack, context, server, kubeContext }: Whereabouts,
  input: NodeJS.ReadableStream & { isTTY?: boolean } = process.stdin,
  output: NodeJS.WritableStream = process.stderr,
): Promise<void> {
  const what = `stack "${stack}" is configured for context "${kubeContext}", and was never deployed to "${context}", cluster ${server}.`;
  if (input.isTTY !== true) {
    throw new UserError(
      `${what} Nothing was changed. There is no terminal to ask for consent. If this is its cluster, set it in the stack file first: pulumi config set --stack ${stack} nacos-platform:kubeContext ${context}`,
    );
  }
  output.write(`\n${what}\n`);
  const lines = createInterface({ input, output });
  lines.setPrompt(`Type ${context} to deploy it there: `);
  lines.prompt();
  for await (const line of lines) {
    lines.close();
    if (line.trim() === context) return;
    break;
  }
  throw new UserError(`that is not ${context}: nothing was changed.`);
}

/** UID of a namespace; undefined if there is none. */
export async function namespaceUid(api: KubernetesApi, namespace: string): Promise<string | undefined> {
  return (await ifThere(api.get<{ metadata: { uid: string } }>(`/api/v1/namespaces/${namespace}`)))?.metadata.uid;
}

interface Deployment {
  readonly deployment?: {
    readonly resources?: readonly {
      readonly type: string;
      readonly urn: string;
      readonly external?: boolean;
      readonly outputs?: { readonly metadata?: Namespace; readonly output?: string };
    }[];
  };
}

/** What a stack's state knows of its cluster; undefined if there is no such stack yet, or it has not created its namespace yet. */
export async function recordedCluster(stack: Stack): Promise<Recorded | undefined> {
  const state = await stack
    .pulumi(["stack", "export", "--stack", stack.name], { cwd: stack.target.project })
    .catch((error: unknown) => {
      if (error instanceof CommandError && error.output.includes("no stack named")) return "{}";
      throw error;
    });
  const resources = (JSON.parse(state) as Deployment).deployment?.resources ?? [];
  const cluster = resources.find(({ type, urn }) => type === "pulumi:index:Stash" && urn.endsWith("::tenancy-cluster"))
    ?.outputs?.output;
  const own = resources.find(({ type, external }) => type === "kubernetes:core/v1:Namespace" && external !== true)
    ?.outputs?.metadata; // the state also has kube-system, as read
  return own?.uid === undefined ? undefined : { namespace: { name: own.name, uid: own.uid }, cluster };
}
