import assert from "node:assert/strict";
import { changeTables, type TablePlan } from "../../../../runtime/nacos-schema/change";

const SET = "SET SESSION sql_mode = 'STRICT_ALL_TABLES', lock_wait_timeout = 60";
const RESET = "SET SESSION sql_mode = DEFAULT, lock_wait_timeout = DEFAULT";

/** Carries plans out on a server that refuses statements with a clause of `refusals`, with this number and message. */
async function carryOut(
  plans: readonly TablePlan[],
  refusals: Readonly<Record<string, readonly [errno: number, message: string]>> = {},
): Promise<{ statements: string[]; said: string[] }> {
  const statements: string[] = [];
  const said: string[] = [];
  await changeTables(
    (statement) => {
      statements.push(statement);
      const refusal = Object.entries(refusals).find(([clause]) => statement.includes(clause))?.[1];
      if (refusal === undefined) return Promise.resolve([]);
      return Promise.reject(Object.assign(new Error(refusal[1]), { errno: refusal[0] }));
    },
    plans,
    (line) => said.push(line),
  );
  return { statements, said };
}

const two: TablePlan = {
  table: "t",
  changes: [
    { clause: "ONE", done: "one is done", stays: "one is not" },
    { clause: "SILENT", stays: "silent is not" },
    { clause: "TWO", done: "two is done", stays: "two is not" },
  ],
  differences: ["the rest differs"],
};

describe("a change of a table", () => {
  it("is one statement, in a strict session that waits a minute for the table, which is as before at the end", async () => {
    assert.deepEqual(await carryOut([two]), {
      statements: [SET, "ALTER TABLE nacos.`t` ONE, SILENT, TWO", RESET],
      said: ["left as it is: the rest differs", "one is done", "two is done"],
    });
  });

  it("is made one by one if the content does not allow all of them", async () => {
    assert.deepEqual(await carryOut([two], { TWO: [1062, "Duplicate entry '1-twice' for key 'k'"] }), {
      statements: [
        SET,
        "ALTER TABLE nacos.`t` ONE, SILENT, TWO",
        "ALTER TABLE nacos.`t` ONE",
        "ALTER TABLE nacos.`t` SILENT",
        "ALTER TABLE nacos.`t` TWO",
        RESET,
      ],
      said: [
        "left as it is: the rest differs",
        "one is done",
        "left as it is: two is not: Duplicate entry '1-twice' for key 'k'",
      ],
    });
  });

  it("is not tried twice if it is the only one", async () => {
    const [change] = two.changes;
    const { statements, said } = await carryOut([{ table: "t", changes: [change], differences: [] }], {
      ONE: [1406, "Data too long"],
    });
    assert.deepEqual(statements, [SET, "ALTER TABLE nacos.`t` ONE", RESET]);
    assert.deepEqual(said, ["left as it is: one is not: Data too long"]);
  });

  it("is none for a table that only differs", async () => {
    assert.deepEqual(await carryOut([{ table: "t", changes: [], differences: ["it differs"] }]), {
      statements: [SET, RESET],
      said: ["left as it is: it differs"],
    });
  });

  it("does not keep the next table from its changes", async () => {
    const change = (clause: string) => ({ clause, done: clause, stays: clause });
    const { said } = await carryOut(
      [
        { table: "a", changes: [change("A")], differences: [] },
        { table: "b", changes: [change("B")], differences: [] },
      ],
      { "`a`": [1138, "Invalid use of NULL value"] },
    );
    assert.deepEqual(said, ["left as it is: A: Invalid use of NULL value", "B"]);
  });

  for (const errno of [
    1062, 1067, 1071, 1101, 1118, 1138, 1170, 1264, 1265, 1292, 1366, 1406, 1832, 1833, 1834, 3780,
  ]) {
    it(`is left out if the server refuses it with ${errno}`, async () =>
      assert.equal((await carryOut([two], { TWO: [errno, "why"] })).said.at(-1), "left as it is: two is not: why"));
  }

  for (const errno of [1064, 1142, 1205, 1290, 3100]) {
    it(`ends the program if the server refuses it with ${errno}`, () =>
      assert.rejects(carryOut([two], { TWO: [errno, "Lock wait timeout exceeded"] }), {
        code: "SCHEMA_TABLE_NOT_CHANGED",
        message: "t cannot be changed: Lock wait timeout exceeded. Run the update again",
      }));
  }
});
