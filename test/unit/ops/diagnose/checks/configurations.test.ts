import assert from "node:assert/strict";
import { evaluateConfigurations, type InDatabase, stillStale } from "../../../../../ops/diagnose/checks/configurations";
import type { Query } from "../../../../../runtime/nacos-schema/tables";

describe("the check of configurations", () => {
  const good: InDatabase = { frozen: undefined, orphans: [], twins: undefined, compared: 5, stale: [] };
  const said = (over: Partial<InDatabase>) =>
    evaluateConfigurations({ ...good, ...over }).problems.map(({ verdict, reason }) => `${verdict} ${reason}`);
  const row = { dataId: "app.yaml", group: "G", tenant: "", md5: "1" };

  it("finds nothing if servers and database have the same", () =>
    assert.deepEqual(evaluateConfigurations(good), {
      summary: "of the 5 newest, 5 are the same in the database and at every server",
      problems: [],
    }));

  it("escalates a server that gives clients something else", () => {
    const other = { ...row, tenant: "orders" };
    const stale = [
      { server: "nacos-0", row, md5: "2" },
      { server: "nacos-0", row: other, md5: "2" },
      { server: "nacos-1", row: other, md5: undefined },
    ];
    assert.deepEqual(said({ stale }), [
      "escalate nacos-0 gives its clients another content for public/G/app.yaml and 1 more, says the database",
      "escalate nacos-1 gives its clients nothing for orders/G/app.yaml, says the database",
    ]);
    assert.match(evaluateConfigurations({ ...good, stale }).summary, /^of the 5 newest, 3 are/);
  });

  it("leaves out what was published or deleted while the servers were asked", async () => {
    const stale = ["same", "published", "deleted"].map((dataId) => ({
      server: "nacos-0",
      row: { ...row, dataId },
      md5: "2",
    }));
    const rows: Record<string, object[]> = { same: [{ md5: "1" }], published: [{ md5: "2" }], deleted: [] };
    const query = (statement: string) => Promise.resolve(rows[/data_id = '(.*)'/.exec(statement)?.[1] ?? ""]);
    assert.deepEqual(await stillStale(query as Query, stale), [stale[0]]);
  });

  it("watches a freeze, namespaces that do not exist, and contents that stop a server of 3.x", () =>
    assert.deepEqual(said({ frozen: "2030-01-01 10:00", orphans: ["a", "b"], twins: "no server starts" }), [
      "watch publishing is frozen until 2030-01-01 10:00 UTC",
      "watch configurations are in namespaces that do not exist: a, b",
      "watch no server starts",
    ]));
});
