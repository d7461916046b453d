import assert from "node:assert/strict";
import { untilCloned } from "../../../../ops/mysql/commands/rejoin";
import type { ServerState } from "../../../../runtime/mysql-controller/server";
import type { ErrorCode } from "../../../../contract/error-codes";
import { useClock } from "../../../support/clock";
import { following, gtids } from "../../../support/fake-mysql";
import { failed } from "../../../support/refusal";

type Look = "away" | { readonly uuid: string; readonly connected?: boolean };

describe("the wait for a server that is cloned again", () => {
  const clock = useClock();

  /** A server that is so at a time, in seconds, and is being cloned until another. */
  function server(look: (second: number) => Look, clonedUntil: number) {
    const now = (): number => clock.elapsed / 1000;
    return {
      name: "mysql-1",
      stateIfUp: (): Promise<ServerState | undefined> => {
        const seen = look(now());
        if (seen === "away") return Promise.resolve(undefined);
        const replica = seen.connected === undefined ? undefined : following("mysql-0", { connected: seen.connected });
        return Promise.resolve({
          uuid: seen.uuid,
          version: "8.4.7",
          writable: false,
          waitsFor: 0,
          executed: gtids("a:1-5"),
          logged: gtids("a:1-5"),
          cloning: now() < clonedUntil,
          replica,
        });
      },
    };
  }

  function fails(
    look: (second: number) => Look,
    clonedUntil: number,
    code: ErrorCode,
    ...parameters: string[]
  ): Promise<void> {
    return assert.rejects(untilCloned(server(look, clonedUntil), "old"), failed(code, ...parameters));
  }

  it("ends when it replicates with other data, however long the clone takes", async () => {
    await untilCloned(
      server(
        (second) =>
          second < 7200 ? { uuid: "old" } : second < 7260 ? "away" : { uuid: "new", connected: second > 7265 },
        7200,
      ),
      "old",
    );
    assert.ok(clock.elapsed > 7_265_000 && clock.elapsed < 7_270_000, String(clock.elapsed));
  });

  it("does not end for a server that replicates again on its old data", async () => {
    await fails(() => ({ uuid: "old", connected: true }), 60, "MYSQL_CLONE_FAILED", "mysql-1", "30 s");
    assert.ok(clock.elapsed > 89_000 && clock.elapsed < 93_000, String(clock.elapsed));
  });

  it("is given up if the server does not start on its clone, or does not replicate", async () => {
    await fails(
      (second) => (second < 60 ? { uuid: "old" } : "away"),
      60,
      "MYSQL_CLONE_NOT_REPLICATING",
      "mysql-1 does not answer, 30 min",
    );
    await fails(() => ({ uuid: "new" }), 0, "MYSQL_CLONE_NOT_REPLICATING", "mysql-1 does not replicate, 30 min");
  });
});
