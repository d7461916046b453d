import assert from "node:assert/strict";
import type { MySqlServers } from "../../../../ops/cluster";
import { lookAt } from "../../../../ops/mysql/look";
import { GtidSet } from "../../../../runtime/gtid-set";
import type { ReplicaState, ServerState } from "../../../../runtime/mysql-controller/server";

const A = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
const replicating: ReplicaState = {
  source: "mysql-0.s",
  sourceUuid: A,
  user: "replica",
  connected: true,
  receiving: true,
  applying: true,
  retrieved: GtidSet.parse(""),
  secondsBehind: 3,
  receiveError: undefined,
  applyError: undefined,
};

/** A state, with so many transactions. */
function state(transactions: number, over: Partial<ServerState> = {}): ServerState {
  const executed = GtidSet.parse(`${A}:1-${transactions}`);
  return {
    uuid: "",
    version: "",
    writable: false,
    waitsFor: 0,
    executed,
    logged: executed,
    cloning: false,
    replica: replicating,
    ...over,
  };
}

const primary = state(5, { writable: true, replica: undefined });

/** What is said of the servers with these states; one without a state never answers. */
const said = (...states: (ServerState | undefined)[]) => saidOf(() => "mysql-0", states);

/** @param declared the primary, each time it is read */
async function saidOf(declared: () => string, states: (ServerState | undefined)[]): Promise<string[]> {
  const servers = states.map((one, index) => ({
    name: `mysql-${index}`,
    state: () => (one === undefined ? new Promise<never>(() => undefined) : Promise.resolve(one)),
    certificates: () => Promise.reject(new Error("none")),
  }));
  const { servers: found } = await lookAt(
    {
      topology: { servers, declaration: { read: () => Promise.resolve({ primary: declared(), version: "1" }) } },
      settings: { servers: servers.map(({ name }) => name) },
      lease: { look: () => Promise.resolve({}), holderSeen: "controller" },
    } as unknown as MySqlServers,
    10,
  );
  return found.map(({ is, behind }) => [is, behind].filter((text) => text !== "").join(", "));
}

describe("what `ops` says of MySQL's servers", () => {
  it("is which one is the primary, and how far the others are behind", async () =>
    assert.deepEqual(await said(primary, state(4)), ["writable", "replicates from mysql-0, 3 s"]));

  for (const [what, given, expected] of [
    ["does not answer", undefined, "! does not answer"],
    ["is writable", state(5, { writable: true }), "! writable, and must not be, 3 s"],
    ["has errant transactions", state(6), `! has 1 errant transaction(s): ${A}:6, 3 s`],
    ["does not replicate", state(5, { replica: undefined }), "! does not replicate"],
    ["does not apply", state(5, { replica: { ...replicating, applying: false } }), "! does not apply, 3 s"],
    [
      "is not connected",
      state(5, {
        replica: {
          ...replicating,
          connected: false,
          secondsBehind: undefined,
          receiveError: { code: 1, message: "denied" },
        },
      }),
      "! is not connected to mysql-0.s: denied",
    ],
    [
      "cannot apply",
      state(5, { replica: { ...replicating, applyError: { code: 1, message: "no row" } } }),
      "! cannot apply: no row, 3 s",
    ],
  ] as const) {
    it(`is a problem if a replica ${what}`, async () => assert.equal((await said(primary, given))[1], expected));
  }

  it("is about the primary that is declared at the end, if another was promoted meanwhile", async () => {
    const declared = ["mysql-0"];
    const promoted = [undefined, state(5, { writable: true, replica: undefined })];
    assert.deepEqual(await saidOf(() => declared.pop() ?? "mysql-1", promoted), ["! does not answer", "writable"]);
  });

  it("is a problem if the primary is read-only or does not answer", async () => {
    assert.deepEqual(await said(state(5, { replica: undefined })), ["! read-only"]);
    assert.deepEqual(await said(undefined, state(9)), ["! does not answer", "replicates from mysql-0, 3 s"]);
  });
});
