import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { requireCluster } from "../cluster/cluster";
import { Options } from "../options";
import { checkout } from "../paths";
import { loadSession, stackOn } from "./session";

/** Opens a shell in which plain `pulumi` and `kubectl` act on the stack and its cluster; runs standard input where that is no terminal. */
export async function shell(options: Options): Promise<void> {
  const cluster = requireCluster(options.name);
  const session = loadSession(cluster);
  const stack = stackOn(cluster, session, options.stack);
  await stack.prepare();
  const bin = path.join(stack.target.dir, "bin");
  fs.mkdirSync(bin, { recursive: true });
  fs.rmSync(path.join(bin, "kubectl"), { force: true });
  fs.symlinkSync(session.binaries.kubectl, path.join(bin, "kubectl"));
  // Pulumi reads the stack file merged with the overlay: merged anew for every command, so that an edit counts at once.
  const refresh = `"${process.execPath}" --import "${pathToFileURL(require.resolve("tsx")).href}" "${checkout}/sandbox/main.ts" refresh-config --name ${options.name} --stack ${options.stack}`;
  fs.writeFileSync(path.join(bin, "pulumi"), `#!/bin/sh\n${refresh} && exec "${session.tools.binDir}/pulumi" "$@"\n`, { mode: 0o755 });
  const { status } = spawnSync(process.env.SHELL ?? "bash", [], {
    cwd: checkout,
    stdio: "inherit",
    env: { ...stack.environment, PATH: `${bin}:${stack.environment.PATH ?? ""}` },
  });
  process.exitCode = status ?? 1;
}

/** Merges the stack file and the overlay again. */
export async function refreshConfig(options: Options): Promise<void> {
  const cluster = requireCluster(options.name);
  await stackOn(cluster, loadSession(cluster), options.stack).prepare();
}
