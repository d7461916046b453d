import type { Server } from "./server";

/**
 * Closes the servers' binary logs in good time: only closed ones are copied outside, and what is in an open one is lost
 * with its server.
 */
export class LogRotation {
  private last = 0;
  private problems: readonly string[] = [];
  private readonly rotated = new Map<Server, string>();

  /** @param seconds how often; a server without a new transaction is left alone. */
  constructor(private readonly servers: readonly Server[], private readonly seconds: number) {}

  /** @returns what went wrong at the last attempt. */
  async pass(now: number): Promise<readonly string[]> {
    if (now - this.last < this.seconds * 1000) return this.problems;
    this.last = now;
    const results = await Promise.all(this.servers.map((server) => this.rotate(server).catch((error: unknown) => `the binary log of ${server.name} was not closed: ${String(error)}`)));
    this.problems = results.filter((result) => result !== undefined);
    return this.problems;
  }

  private async rotate(server: Server): Promise<undefined> {
    const [{ executed }] = await server.query("SELECT @@GLOBAL.gtid_executed AS executed");
    if (executed === this.rotated.get(server)) return;
    await server.run("FLUSH LOCAL BINARY LOGS");
    this.rotated.set(server, executed as string);
  }
}
