/**
 * Ends a plugin when the engine that started it ends. A killed engine does not tell its plugins, but they get another parent
 * then: process 1, which they may have already when they begin.
 */
export function endWithEngine(before: () => void = () => undefined): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid === parent && parent !== 1) return;
    before();
    process.exit(1);
  }, 1000).unref();
}
