import assert from "node:assert/strict";
import { endUpgrade } from "../../../../runtime/nacos-schema/end";
import { freeze, frozenUntil, thaw } from "../../../../runtime/nacos-schema/freeze";
import { table } from "./examples";

const NOW = "2026-11-30 09:12";
const constraint = (until: string, of = "his_config_info", what = "publishing") => ({
  table: of,
  name: `${what} is frozen until ${until} UTC: upgrade`,
  now: NOW,
});

/** A database with these constraints. */
function database(constraints: readonly object[] = [], refusals: readonly number[] = []) {
  const changes: string[] = [];
  const left = [...refusals];
  return {
    changes,
    query: (statement: string): Promise<Record<string, unknown>[]> => {
      if (statement.includes("TABLE_CONSTRAINTS")) return Promise.resolve(constraints as Record<string, unknown>[]);
      if (statement.includes("MAX(gmt_modified)"))
        return Promise.resolve([{ after: "2026-11-30 09:00:01", before: "2026-12-01 09:12:00" }]);
      if (statement.includes("AS until")) return Promise.resolve([{ until: "2026-12-01 09:12" }]);
      if (!statement.startsWith("ALTER")) return Promise.resolve([]);
      changes.push(statement);
      const errno = left.shift();
      return errno === undefined ? Promise.resolve([]) : Promise.reject(Object.assign(new Error("no"), { errno }));
    },
  };
}

// test/contract/nacos-freeze.ts shows what MySQL makes of it.
describe("the freeze of publishing", () => {
  const freezing = ({ query }: ReturnType<typeof database>, ...tables: string[]) =>
    freeze(
      query,
      tables.map((name) => table(name)),
      "3.1.0",
      () => undefined,
    );

  it("is a constraint of each table that publishing writes to, in this order, whose name is the reason", async () => {
    const made = database();
    await freezing(made, "his_config_info", "config_info_tag", "config_info_gray", "config_info", "users");
    const copies = "tenant_id = '' AND src_user = 'nacos_namespace_migrate'";
    assert.deepEqual(
      made.changes,
      [
        ["config_info", "public publishing", copies],
        ["config_info_tag", "tag publishing", "TRUE"],
        ["config_info_gray", "gray publishing", copies],
        ["his_config_info", "publishing", "TRUE"],
      ].map(
        ([name, what, rows]) =>
          `ALTER TABLE nacos.\`${name}\` ADD CONSTRAINT \`${what} is frozen until 2026-12-01 09:12 UTC: upgrade\` ` +
          `CHECK (NOT (${rows} AND gmt_modified BETWEEN '2026-11-30 09:00:01' AND '2026-12-01 09:12:00'))`,
      ),
    );
    const names = made.changes.map((change) => /(?<=`)[^`]*UTC[^`]*/.exec(change)?.[0] ?? "");
    for (const name of names) assert.ok(name !== "" && name.length <= 64, name);
    assert.equal(new Set(names).size, names.length, "MySQL wants another name for each constraint of a database");
  });

  it("is prolonged in one statement, and left alone within the same minute", async () => {
    const earlier = constraint("2026-12-01 08:00");
    const made = database([earlier]);
    await freezing(made, "his_config_info");
    assert.match(
      made.changes[0],
      /^ALTER TABLE nacos\.`his_config_info` DROP CHECK `publishing .*08:00.*`, ADD CONSTRAINT/,
    );
    const same = database([constraint("2026-12-01 09:12")]);
    await freezing(same, "his_config_info");
    assert.deepEqual(same.changes, []);
  });

  it("is tried again if something is published meanwhile, and fails for any other reason", async () => {
    const busy = database([], [3819, 3819]);
    await freezing(busy, "his_config_info");
    assert.equal(busy.changes.length, 3);
    await assert.rejects(freezing(database([], [1205]), "his_config_info"), { code: "SCHEMA_NOT_FROZEN" });
    await assert.rejects(freezing(database([], Array<number>(20).fill(3819)), "his_config_info"), {
      code: "SCHEMA_NOT_FROZEN",
    });
  });

  it("ends by itself", async () => {
    assert.equal(await frozenUntil(database([constraint("2026-11-30 09:11")]).query), undefined);
    assert.equal(await frozenUntil(database([constraint(NOW)]).query), NOW);
    assert.equal(await frozenUntil(database().query), undefined);
  });

  it("ends when all servers are of one series, where 3.x publishes first last", async () => {
    const said: string[] = [];
    const made = database([
      constraint(NOW, "config_info", "public publishing"),
      constraint("2020-01-01 00:00"),
      constraint(NOW, "config_info_beta", "beta publishing"),
    ]);
    await endUpgrade(made.query, "2.5.3", (line) => said.push(line));
    assert.deepEqual(
      made.changes.map((change) => change.slice(0, 60)),
      [
        "ALTER TABLE nacos.`his_config_info` DROP CHECK `publishing i",
        "ALTER TABLE nacos.`config_info_beta` DROP CHECK `beta publis",
        "ALTER TABLE nacos.`config_info` DROP CHECK `public publishin",
      ],
    );
    assert.deepEqual(said, ["publishing is not frozen any more", "all servers are of 2.5.3"]);
    await thaw(database().query, () => assert.fail("nothing was frozen"));
  });
});
