const started = Date.now();

/** Prints one progress line, which begins with the time since the command started (`m:ss`). */
export function progress(line: string): void {
  const seconds = Math.floor((Date.now() - started) / 1000);
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  process.stderr.write(`[${clock.padStart(5)}] ${line}\n`);
}

/** Seconds since `since` (a `Date.now()` value), for lines such as "built kubelet in 42 s". */
export function secondsSince(since: number): string {
  return `${Math.round((Date.now() - since) / 1000)} s`;
}
