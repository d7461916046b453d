import assert from "node:assert/strict";
import { evaluateDatabase, type Said } from "../../../../../ops/diagnose/checks/database";

describe("the check of Nacos' database", () => {
  const said = (...answers: (readonly [number, string] | string)[]) =>
    evaluateDatabase(
      answers.map(
        (answer, index): Said => ({
          server: `nacos-${index}`,
          answer: typeof answer === "string" ? answer : { status: answer[0], text: answer[1] },
        }),
      ),
    );
  const [old, three] = [
    [200, "OK"],
    [200, '{"code":0,"message":"success","data":"ok"}'],
  ] as const;

  it("finds nothing if every server can read it, of either series", () =>
    assert.deepEqual(said(old, three), { summary: "2 of 2 Nacos servers reach it", problems: [] }));

  it("watches one server that cannot, and escalates if none can", () => {
    const failed = [200, '{"code":30000,"message":"config not in readiness"}'] as const;
    assert.deepEqual(
      said(three, failed).problems.map(({ verdict, reason }) => `${verdict} ${reason}`),
      [`watch nacos-1 cannot read its database: 200 ${failed[1]}`],
    );
    assert.deepEqual(
      said([500, "config not in readiness"], failed).problems.map(({ verdict }) => verdict),
      ["escalate", "escalate"],
    );
  });

  it("does not know of a server that does not answer", () => {
    assert.deepEqual(
      said(three, "hung up").problems.map(({ verdict, reason }) => `${verdict} ${reason}`),
      ["unknown what nacos-1 says: hung up"],
    );
    assert.throws(() => said("hung up"), /no Nacos server answers; nacos-0: hung up/);
  });
});
