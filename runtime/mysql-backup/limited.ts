import { Worker } from "node:worker_threads";

export interface Limits {
  readonly memoryMiB: number;
  readonly milliseconds: number;
}

/**
 * Runs a program in another thread, so that it may take too much memory or time without ending this one.
 *
 * @returns why it did not finish; undefined if it did
 */
export async function withLimits(
  file: string,
  argv: readonly string[],
  { memoryMiB, milliseconds }: Limits,
): Promise<string | undefined> {
  const worker = new Worker(file, { argv: [...argv], resourceLimits: { maxOldGenerationSizeMb: memoryMiB } });
  let timer: NodeJS.Timeout | undefined;
  const fault = await new Promise<string | undefined>((resolve) => {
    timer = setTimeout(() => resolve(`it did not finish within ${milliseconds / 1000} s`), milliseconds);
    worker.on("error", ({ message }) => resolve(message));
    worker.on("exit", (status) => resolve(status === 0 ? undefined : `it ended with status ${status}`));
  });
  clearTimeout(timer);
  await worker.terminate();
  return fault;
}
