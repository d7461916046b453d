import type { Server } from "./server";

/**
 * Closes the servers' binary logs regularly. Only closed logs are copied off-site; if a server is lost, the content of its
 * open log is lost too.
 */
export class LogRotation {
  private last = 0;
  private problems: readonly string[] = [];
  private readonly rotated = new Map<Server, string>();

  /** @param seconds how often; the log of a server without a new transaction is not closed. */
  constructor(
    private readonly servers: readonly Server[],
    private readonly seconds: number,
  ) {}

  /** @returns what went wrong at the last attempt. */
  async pass(now: number): Promise<readonly string[]> {
    if (now - this.last < this.seconds * 1000) return this.problems;
    this.last = now;
    const results = await Promise.all(
      this.servers.map((server) =>
        this.rotate(server).catch(
          (error: unknown) => `the binary log of ${server.name} was not closed: ${String(error)}`,
        ),
      ),
    );
    this.problems = results.filter((result) => result !== undefined);
    return this.problems;
  }

  private async rotate(server: Server): Promise<undefined> {
    const [{ executed, stuck }] = await server.query(
      "SELECT @@GLOBAL.gtid_executed AS executed, (SELECT COUNT(*) FROM performance_schema.processlist WHERE STATE LIKE 'Waiting for semi-sync ACK%' AND TIME > 1) AS stuck",
    );
    if (executed === this.rotated.get(server)) return;
    // MySQL closes a log when its last commit has ended. While a commit hangs, every attempt would occupy a connection for good.
    if (stuck !== 0) throw new Error("commits wait for replicas");
    await server.run("FLUSH LOCAL BINARY LOGS");
    this.rotated.set(server, executed as string);
  }
}
