import assert from "node:assert/strict";
import { evaluateReplication } from "../../../../../ops/diagnose/checks/replication";
import type { MySqlLook, ServerLook } from "../../../../../ops/mysql/look";

/** A server by what `ops mysql status` says of it. */
const server = (name: string, is: string, over: object = {}): ServerLook => ({
  name,
  isPrimary: name === "mysql-0",
  is,
  behind: "",
  transactions: "",
  state: (is === "! does not answer"
    ? undefined
    : { writable: is.includes("writable"), ...over }) as ServerLook["state"],
});
const look = (servers: ServerLook[], over: Partial<MySqlLook> = {}): MySqlLook => ({
  primary: "mysql-0",
  servers,
  notes: {},
  leader: "controller",
  certificates: new Map(),
  ...over,
});

describe("the check of replication", () => {
  const said = (given: MySqlLook, ...ready: string[]) =>
    evaluateReplication(given, new Set(ready)).problems.map(({ verdict, reason }) => `${verdict} ${reason}`);
  const primary = server("mysql-0", "writable");
  const good = (name: string) => server(name, "replicates from mysql-0");

  it("finds nothing in healthy servers", () =>
    assert.deepEqual(evaluateReplication(look([primary, good("mysql-1"), good("mysql-2")]), new Set()), {
      summary: "primary mysql-0, 3 of 3 answer",
      problems: [],
    }));

  it("watches one replica with a problem, and escalates several", () => {
    const down = (name: string) => server(name, "! does not answer");
    assert.deepEqual(said(look([primary, down("mysql-1"), good("mysql-2")])), ["watch mysql-1 does not answer"]);
    assert.deepEqual(said(look([primary, down("mysql-1"), server("mysql-2", "! does not replicate")])), [
      "escalate mysql-1 does not answer",
      "escalate mysql-2 does not replicate",
    ]);
  });

  it("escalates a primary that does not answer, is read-only or is not configured", () => {
    const down = server("mysql-0", "! does not answer");
    assert.deepEqual(said(look([down, good("mysql-1")])), [
      "escalate the primary mysql-0 does not answer: nothing can be published",
    ]);
    assert.deepEqual(said(look([server("mysql-0", "! read-only")])), [
      "escalate the primary mysql-0 is read-only: nothing can be published",
    ]);
    assert.deepEqual(said(look([good("mysql-1")])), ["escalate the declared primary mysql-0 is not configured"]);
  });

  it("does not know of a server that it cannot reach, if the pod is ready", () => {
    const down = server("mysql-0", "! does not answer");
    assert.deepEqual(said(look([down, good("mysql-1")]), "mysql-0"), [
      "unknown mysql-0 was not reached, and its pod is ready",
    ]);
  });

  it("stops at a second server that is writable", () =>
    assert.deepEqual(said(look([primary, server("mysql-1", "! writable, and must not be")])), [
      "stop mysql-1 writable, and must not be: two servers may have different data, mysql-0 is the primary",
    ]));

  it("watches a replica that is behind, and a controller that does not run or is paused", () => {
    const late = { ...server("mysql-1", "replicates", { replica: { secondsBehind: 61 } }), behind: "61 s" };
    assert.deepEqual(said(look([primary, late])), ["watch mysql-1 is 61 s behind"]);
    assert.deepEqual(said(look([primary], { leader: undefined, notes: { paused: "by me" } })), [
      "watch no controller runs: a server that restarts stays read-only",
      "watch the controller is paused: by me",
    ]);
  });
});
