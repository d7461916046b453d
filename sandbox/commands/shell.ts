import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { Cluster, requireCluster } from "../cluster/cluster";
import { isReady } from "../cluster/control-plane";
import { kubectlFor } from "../cluster/kubectl";
import { ensureVolumes } from "../cluster/volumes";
import { requireStack, stackFileOf } from "../deploy/overlay";
import { projectAt } from "../deploy/project";
import { changedFile } from "../deploy/stack-file";
import { requireRoot } from "../host/prerequisites";
import { Options } from "../options";
import { together } from "../parallel";
import { checkout } from "../paths";
import { loadSession, Session, stackOn } from "./session";

/** Opens a shell in which plain `pulumi` and `kubectl` act on the stack and its cluster. If standard input is no terminal, runs its commands. */
export async function shell(options: Options): Promise<void> {
  requireStack(options.stack);
  requireRoot();
  const cluster = requireCluster(options.name);
  const session = loadSession(cluster);
  const stack = stackOn(cluster, session, options.stack);
  await stack.prepare();
  const bin = path.join(stack.target.dir, "bin");
  fs.mkdirSync(bin, { recursive: true });
  fs.rmSync(path.join(bin, "kubectl"), { force: true });
  fs.symlinkSync(session.binaries.kubectl, path.join(bin, "kubectl"));
  const sandbox = `"${process.execPath}" --require "${require.resolve("sucrase/register")}" "${checkout}/sandbox/main.ts"`;
  fs.writeFileSync(
    path.join(bin, "pulumi"),
    `#!/bin/sh
PULUMI_OPTION_CONFIG_FILE=$(${sandbox} stack-file --name ${options.name} --stack ${options.stack} -- "$@" </dev/null) || exit
export PULUMI_OPTION_CONFIG_FILE
exec "${session.tools.binDir}/pulumi" "$@"
`,
    { mode: 0o755 },
  );
  const { status } = spawnSync(process.env.SHELL ?? "bash", [], {
    cwd: checkout,
    stdio: "inherit",
    env: { ...stack.environment, PATH: `${bin}:${stack.environment.PATH ?? ""}` },
  });
  process.exitCode = status ?? 1;
}

/**
 * Prints the stack file for a `pulumi` command of the shell, of the project in whose folder it runs. A command that changes settings gets the file that keeps
 * them. Any other command gets this file merged with the overlay, merged again each time so that a change applies at once.
 */
export async function printStackFile(options: Options): Promise<void> {
  const cluster = requireCluster(options.name);
  const session = loadSession(cluster);
  const project = projectAt(process.cwd(), options.words);
  const stack = stackOn(cluster, session, options.stack, project);
  const changed = changedFile(
    options.words,
    { checkout: stackFileOf(project, options.stack), secrets: stack.secretsFile },
    project,
  );
  if (changed === undefined) await together(stack.prepare(), topUpVolumes(cluster, session));
  console.log(changed ?? stack.configFile);
}

/** New claims do not get the volumes of a destroyed stack, so the next `pulumi up` needs others. */
async function topUpVolumes(cluster: Cluster, { binaries }: Session): Promise<void> {
  if (await isReady(cluster, binaries)) await ensureVolumes(cluster, kubectlFor(cluster, binaries));
}
