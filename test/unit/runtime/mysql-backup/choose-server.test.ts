import assert from "node:assert/strict";
import {
  chooseServer,
  databasesFault,
  type ReplicationRow,
  reportOf,
  type ServerReport,
} from "../../../../runtime/mysql-backup/choose-server";

const running = { Replica_IO_Running: "Yes", Replica_SQL_Running: "Yes" };
const replica = (server: string, lag: number | null, row: ReplicationRow = running): ServerReport =>
  reportOf(server, true, [{ ...row, Seconds_Behind_Source: lag }]);
const primary = (server: string): ServerReport => reportOf(server, false, []);

describe("The choice of a server to dump from", () => {
  const choose = (...reports: ServerReport[]) => chooseServer(reports, 60);

  it("is the replica that lags least, wherever it stands", () => {
    assert.deepEqual(choose(primary("a:1"), replica("b:1", 7), replica("c:1", 3), replica("d:1", 3)), {
      chosen: { server: "c:1", role: "replica" },
      skipped: [],
    });
  });

  it("is the primary if no replica is fit, with the reason for each", () => {
    const stopped = { ...running, Replica_IO_Running: "Connecting" };
    assert.deepEqual(
      choose(
        { server: "a:1", state: "unreachable", reason: "connect ECONNREFUSED" },
        replica("b:1", 61),
        replica("c:1", null),
        replica("d:1", 0, stopped),
        primary("e:1"),
      ),
      {
        chosen: { server: "e:1", role: "primary" },
        skipped: [
          "a:1 does not answer: connect ECONNREFUSED",
          "b:1 lags by 61 s, more than 60 s: skipped",
          "c:1 lags by NULL s, more than 60 s: skipped",
          "d:1 is a replica whose replication does not run: skipped",
        ],
      },
    );
  });

  it("is never a server that is read-only and no replica", () => {
    assert.deepEqual(choose(reportOf("a:1", true, [])), {
      chosen: undefined,
      skipped: ["a:1 is read-only and no replica: skipped"],
    });
  });

  it("takes the largest lag of a replica with several sources, all of which must run", () => {
    const rows = [
      { ...running, Seconds_Behind_Source: 1 },
      { ...running, Seconds_Behind_Source: 9 },
    ];
    assert.deepEqual(reportOf("a:1", true, rows), { server: "a:1", state: "replica", isRunning: true, lagSeconds: 9 });
    const [first, second] = rows;
    const stopped = reportOf("a:1", true, [first, { ...second, Replica_SQL_Running: "No" }]);
    assert.equal(stopped.state === "replica" && stopped.isRunning, false);
    assert.deepEqual(
      choose(reportOf("a:1", true, [first, { ...second, Seconds_Behind_Source: null }])).chosen,
      undefined,
    );
  });
});

describe("The names of databases to back up", () => {
  it("have letters, digits, _, $ and -, and there is at least one", () => {
    assert.equal(databasesFault("a:1", ["nacos", "my-db$1", "A_b"]), undefined);
    assert.equal(databasesFault("a:1", []), "a:1 has no database to back up");
    for (const name of ["a b", "a'b", "a`b", "a.b", "ä", "", "a\nb"])
      assert.match(databasesFault("a:1", ["nacos", name]) ?? "", /^a database's name has other characters than/, name);
  });
});
