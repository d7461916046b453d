import * as os from "node:os";
import { imageVersion } from "../../contract/image";
import { OBJECTS } from "../../contract/objects";
import { Failure, Refusal } from "../../contract/refusal";
import { command } from "../command";
import { read, runVisibly } from "../process";
import { type Config, configChanges, type Deployment, deploymentsOf } from "./deployments";
import { underPack } from "./update";

/** The part of a step of `pulumi preview --json` that is read here. */
export interface Step {
  readonly op: string;
  readonly oldState?: State;
  readonly newState?: State;
}

interface State {
  readonly type: string;
  readonly inputs?: {
    readonly metadata?: { readonly name?: string };
    readonly spec?: {
      readonly selector?: unknown;
      readonly template?: { readonly spec?: { readonly containers?: readonly { name: string; image: string }[] } };
    };
  };
}

/** The deployment to go back to: the one that is named, or the last good one that differs from the newest. */
export function goalOf(deployments: readonly Deployment[], to: string | undefined): Deployment {
  const [newest, ...earlier] = deployments.filter(({ kind }) => kind === "update");
  const good = earlier.filter(({ result }) => result === "succeeded");
  const identity = ({ environment, config }: Deployment) => JSON.stringify([environment["git.head"], config]);
  const goal = good.find((one) => (to === undefined ? identity(one) !== identity(newest) : one.startTime === to));
  if (goal === undefined)
    throw new Refusal(
      "STACK_ROLLBACK_UNKNOWN",
      `${to === undefined ? "no earlier deployment that succeeded differs from the newest one" : `no earlier update that succeeded has started at ${to}`}. \`ops stack history\` lists them.`,
    );
  return goal;
}

/** Checks that the program and the configuration here are those of a deployment. @throws Refusal that says how to get them */
export function requireSame(
  { startTime, environment, config }: Deployment,
  here: { readonly commit: string; readonly isDirty: boolean; readonly config: Config },
): void {
  const { "git.head": commit, "git.dirty": dirty } = environment;
  if (commit === undefined || dirty === "true")
    throw new Refusal(
      "STACK_ROLLBACK_UNKNOWN",
      `the program of ${startTime} is unknown: it was deployed ${commit === undefined ? "from no Git checkout" : `from commit ${commit} with uncommitted changes`}. Choose another deployment with --to.`,
    );
  if (here.commit !== commit || here.isDirty)
    throw new Refusal(
      "STACK_ROLLBACK_PROGRAM_DIFFERS",
      `the deployment of ${startTime} was made from commit ${commit}, and this checkout ${here.commit === commit ? "has uncommitted changes" : `is at ${here.commit}`}. Use another: git worktree add ../rollback ${commit} && cd ../rollback && npm ci, then the same command with --to ${startTime}. If it does not know the command, the commit is older: docs/runbooks/stack-rollback.md#older-commits`,
    );
  const differences = configChanges(here.config, config);
  if (differences.length > 0)
    throw new Refusal(
      "STACK_ROLLBACK_CONFIG_DIFFERS",
      `the configuration differs from that of ${startTime}. Set it back with \`pulumi config set --path\`, or \`rm\` for what was not set: ${differences.join("; ")}`,
    );
}

/** Why an update must not go back in this way, or undefined if it may. */
export function undone(steps: readonly Step[]): string | undefined {
  for (const { op, oldState, newState } of steps) {
    const name = oldState?.inputs?.metadata?.name;
    const [was, is] = [oldState, newState].map((state) => state?.inputs?.spec);
    if (oldState?.type === "kubernetes:core/v1:Service" && name === OBJECTS.writerService) {
      const isKept = !op.includes("delete") && !op.includes("replace");
      if (!isKept || JSON.stringify(was?.selector) !== JSON.stringify(is?.selector))
        return `it would ${isKept ? "change" : "delete"} Service ${name}, which names MySQL's primary, and so undo a failover`;
    }
    if (oldState?.type !== "kubernetes:apps/v1:StatefulSet" || is === undefined) continue;
    const [from, to] = [was, is].map((spec) => {
      const image = spec?.template?.spec?.containers?.find((container) => container.name === name)?.image;
      return image === undefined ? undefined : imageVersion(image)?.version;
    });
    if (from === undefined || to === undefined) continue;
    // Nacos reads the database of another release of its series; MySQL does not start with the data of any newer release.
    const parts = name === OBJECTS.writerService ? 3 : 2;
    if (isOlder(to, from, parts))
      return name === OBJECTS.writerService
        ? `it would start MySQL ${to} with the data of ${from}. Only a restore goes back: docs/runbooks/mysql-restore.md`
        : `it would start Nacos ${to} with the schema of ${from}. docs/runbooks/nacos-rollback.md says when that is possible`;
  }
  return undefined;
}

function isOlder(version: string, than: string, parts: number): boolean {
  const [a, b] = [version, than].map((text) => text.split(".").slice(0, parts).map(Number));
  const at = a.findIndex((part, index) => part !== b[index]);
  return at >= 0 && a[at] < (b[at] ?? 0);
}

async function previewed(stack: string, options: readonly string[]): Promise<readonly Step[]> {
  const text = await read(underPack("preview", stack, ["--json", ...options])).catch(() => {
    throw new Refusal(
      "STACK_ROLLBACK_NOT_PREVIEWED",
      `the preview of the rollback has failed. \`${underPack("preview", stack, []).join(" ")}\` shows why.`,
    );
  });
  return (JSON.parse(text) as { steps: readonly Step[] }).steps;
}

export const rollbackCommand = command({
  summary: "deploy again what an earlier deployment has deployed: its commit, with its configuration",
  options: {
    to: { value: "TIME", default: "the last one that succeeded", help: "when it started, as `stack history` shows" },
  },
  rest: { value: "OPTION…", help: "options of the `pulumi up` that it runs" },
  run: async ({ stack, to }, words) => {
    const goal = goalOf(await deploymentsOf(stack), to);
    const [commit, status, config] = await Promise.all([
      read(["git", "rev-parse", "HEAD"]),
      read(["git", "status", "--porcelain"]),
      read(["pulumi", "config", "--json", "--stack", stack]),
    ]);
    requireSame(goal, { commit: commit.trim(), isDirty: status.trim() !== "", config: JSON.parse(config) as Config });
    const problem = undone(await previewed(stack, []));
    if (problem !== undefined) throw new Refusal("STACK_ROLLBACK_WOULD_LOSE", `${problem}. Nothing was changed.`);
    const message = `Roll back to ${goal.startTime}, by ${os.userInfo().username}`;
    if ((await runVisibly(underPack("up", stack, ["--message", message, ...words]))) !== 0)
      throw new Failure(
        "STACK_ROLLBACK_FAILED",
        "the update did not finish; Pulumi says why above. Run the same command again.",
      );
    console.log(
      `Stack ${stack} is as deployed at ${goal.startTime}. Keep the branch and the stack file that you deploy from at this state: the next update goes forward again.`,
    );
  },
});
