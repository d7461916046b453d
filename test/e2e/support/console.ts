import { spawn } from "node:child_process";
import { waitFor } from "../../../sandbox/exec";
import { checkout } from "../../../sandbox/paths";
import type { Live } from "./environments";

/** `npm run ops -- nacos console` while it runs. */
export interface OpenConsole {
  /** What it has printed. */
  readonly said: () => string;
  /** Presses Ctrl-C, and waits for its exit status. */
  readonly interrupt: () => Promise<number | null>;
}

/** Opens the console as an operator would, and waits until it says so. Throws with what it printed if it ends instead. */
export async function openConsole({ stack }: Live, port: number): Promise<OpenConsole> {
  // Not through npm: a signal to npm does not always reach what it has started.
  const words = ["ops/run.js", "nacos", "console", "--stack", stack.name, "--port", String(port)];
  const child = spawn(process.execPath, words, {
    cwd: checkout,
    env: stack.environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text: Buffer) => (said += text.toString()));
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const interrupt = (): Promise<number | null> => {
    child.kill("SIGINT");
    return ended;
  };
  try {
    await waitFor("the console to be open", 60, () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${said}`);
      return said.includes("base64");
    });
  } catch (error) {
    await interrupt();
    throw error;
  }
  return { said: () => said, interrupt };
}
