import { spawn } from "node:child_process";
import { Refusal } from "../contract/refusal";

/** Runs a command whose output the operator sees. @returns its status. */
export function runVisibly([command, ...args]: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    process.on("SIGINT", () => undefined); // the command receives it too, and ends properly
    spawn(command, args, { stdio: "inherit" })
      .on("error", (error) => reject(new Refusal(`${command} cannot be started: ${error.message}`)))
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
    child.on("error", (error) => reject(new Refusal(`${command} cannot be started: ${error.message}`)));
    child.on("close", (status) => {
      if (status === 0) resolve(Buffer.concat(out).toString());
      else reject(new Refusal(`${[command, ...args].join(" ")} ended with ${status ?? "a signal"}: ${Buffer.concat(err).toString().slice(-500).trim()}`));
    });
  });
}
