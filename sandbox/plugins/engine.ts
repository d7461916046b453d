/** Ends a plugin with the engine that started it. An engine that is killed says no goodbye; its children then get another parent. */
export function endWithEngine(before: () => void = () => undefined): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid === parent) return;
    before();
    process.exit(1);
  }, 1000).unref();
}
