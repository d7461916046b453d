import { spawn } from "node:child_process";
import { Refusal } from "../contract/refusal";

function notStarted(command: string, { message }: Error): Refusal {
  return new Refusal("STACK_PROGRAM_NOT_STARTED", `${command} cannot be started: ${message}`);
}

/** Runs a command whose output the operator sees. @returns its status. */
export function runVisibly([command, ...args]: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    process.on("SIGINT", () => undefined); // the command receives it too, and ends properly
    spawn(command, args, { stdio: "inherit" })
      .on("error", (error) => reject(notStarted(command, error)))
      .on("close", (status) => resolve(status ?? 1));
  });
}

/** Runs a command and returns what it printed. @throws Refusal with the end of its error output if it fails. */
export function read([command, ...args]: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.on("error", (error) => reject(notStarted(command, error)));
    child.on("close", (status) => {
      if (status === 0) resolve(Buffer.concat(out).toString());
      else
        reject(
          new Refusal(
            "STACK_PROGRAM_FAILED",
            `${[command, ...args].join(" ")} ended with ${status ?? "a signal"}: ${Buffer.concat(err).toString().slice(-500).trim()}`,
          ),
        );
    });
  });
}

/** Until the operator presses Ctrl-C, or the process is asked to end. */
export function interrupted(): Promise<unknown> {
  return new Promise((resolve) => process.once("SIGINT", resolve).once("SIGTERM", resolve));
}
