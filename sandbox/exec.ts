import { spawn } from "node:child_process";
import * as fs from "node:fs";
import { UserError } from "./errors";

export interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Text for the command's standard input. */
  input?: string;
  /** Append stdout and stderr to this file instead of collecting them. */
  logFile?: string;
  /** Show stdout and stderr to the user as they come, and collect stdout. */
  echo?: boolean;
}

/** A command that exited with a status other than 0. `output` holds what it printed, stderr last. */
export class CommandError extends Error {
  constructor(
    readonly command: string,
    readonly status: number | string,
    readonly output: string,
  ) {
    super(`${command} ended with ${status}${output.trim() === "" ? "" : `:\n${lastLines(output, 20)}`}`);
  }
}

/** The last `count` lines of a text. */
export function lastLines(text: string, count: number): string {
  return text.trimEnd().split("\n").slice(-count).join("\n");
}

/** Runs a command without a shell and returns its stdout. Throws {@link CommandError} on any status but 0. */
export function run(command: string, args: string[], options: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const log = options.logFile === undefined ? undefined : fs.openSync(options.logFile, "a");
    const output = log ?? "pipe";
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: [options.input === undefined ? "ignore" : "pipe", output, output],
    });
    if (log !== undefined) fs.closeSync(log);
    // A terminal's Ctrl-C reaches the command too. This waits for it, so that it can end cleanly (Pulumi unlocks its stack).
    const wait = () => undefined;
    const pass = () => child.once("close", () => process.exit(143)).kill("SIGTERM");
    process.on("SIGINT", wait).on("SIGTERM", pass);
    child.on("close", () => process.off("SIGINT", wait).off("SIGTERM", pass));
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout?.on("data", (chunk: Buffer) => {
      out.push(chunk);
      if (options.echo === true) process.stdout.write(chunk);
    });
    child.stderr?.on("data", (chunk: Buffer) => {
      err.push(chunk);
      if (options.echo === true) process.stderr.write(chunk);
    });
    child.stdin?.on("error", () => undefined); // a command that ends early closes its input; its status says why
    if (options.input !== undefined) child.stdin?.end(options.input);
    child.on("error", (error) => reject(new CommandError(command, error.message, "")));
    child.on("close", (status, signal) => {
      const stdout = Buffer.concat(out).toString();
      if (status === 0) resolve(stdout);
      else
        reject(
          new CommandError(
            [command, ...args].join(" ").slice(0, 200),
            signal ?? status ?? "unknown",
            stdout + Buffer.concat(err).toString(),
          ),
        );
    });
  });
}

/** Calls `check` until it returns true, with a pause after each call. Throws a {@link UserError} with `what` when `timeoutSeconds` have passed. */
export async function waitFor(
  what: string,
  timeoutSeconds: number,
  check: () => Promise<boolean> | boolean,
  pauseMs = 250,
): Promise<void> {
  const deadline = Date.now() + timeoutSeconds * 1000;
  for (;;) {
    if (await check()) return;
    if (Date.now() > deadline) throw new UserError(`timed out after ${timeoutSeconds} s while waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
