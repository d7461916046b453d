import assert from "node:assert/strict";
import { applySchema } from "../../../../runtime/nacos-schema/apply";
import { refused } from "../../../support/refusal";

/** Names of tables and their columns. */
type Tables = Readonly<Record<string, readonly string[]>>;

/** A server whose columns are all longtext: what the program reads of it, and the statements that change something. */
class Database {
  readonly journal: string[] = [];
  records: { version: string; checksum: string; isComplete?: number }[] = [];
  /** Rows of other questions, by a part of the statement. */
  readonly rows: Record<string, Record<string, unknown>[]> = {};
  /** Statements that fail, with the error. */
  failure: [part: string, error: Error] | undefined;

  constructor(
    private here: Tables,
    private readonly ships: Tables,
  ) {}

  readonly query = async (statement: string, values: readonly string[] = []): Promise<Record<string, unknown>[]> => {
    await Promise.resolve();
    const tables = Object.entries(values[0] === "nacosscratch" ? this.ships : this.here);
    if (statement.includes("information_schema.TABLES"))
      return tables.map(([name]) => ({ name, type: "BASE TABLE", collation: "utf8mb4_bin", rowFormat: "Dynamic" }));
    if (statement.includes("information_schema.COLUMNS"))
      return tables.flatMap(([tableName, names]) =>
        names.map((name) => ({
          tableName,
          name,
          type: "longtext",
          dataType: "longtext",
          collation: "utf8mb4_bin",
          preset: null,
          isNullable: "YES",
          expression: "",
        })),
      );
    if (statement.includes("information_schema.STATISTICS")) return [];
    const shown = /^SHOW CREATE TABLE nacosscratch\.(`\w+`)$/.exec(statement)?.[1];
    if (shown !== undefined) return [{ "Create Table": `CREATE TABLE ${shown} (\n  \`b\` longtext,\n)` }];
    if (statement.startsWith("SELECT nacos_version")) return this.records;
    if (statement.startsWith("SELECT "))
      return Object.entries(this.rows).find(([part]) => statement.includes(part))?.[1] ?? [];
    this.journal.push(
      /^(SET|CREATE TABLE IF|INSERT)/.test(statement)
        ? statement
            .split(/[\s(=]+/)
            .slice(0, 3)
            .join(" ")
        : statement,
    );
    if (this.failure !== undefined && statement.includes(this.failure[0])) throw this.failure[1];
    const made = /^CREATE TABLE nacos\.`(\w+)` \(/.exec(statement)?.[1];
    if (made !== undefined) this.here = { ...this.here, [made]: this.ships[made] };
    return [];
  };

  readonly load = async (statements: string): Promise<void> => {
    await this.query(statements);
  };
}

async function run(database: Database, version = "2.5.1", isUpgrade = false): Promise<string[]> {
  const said: string[] = [];
  const administrator = { name: "nacos", hash: "HASH" };
  await applySchema(database, { version, checksum: "same", shipped: "the file", administrator, isUpgrade }, (line) =>
    said.push(line),
  );
  return said;
}

const DROP = "DROP DATABASE IF EXISTS nacosscratch";
const LOAD = [DROP, "CREATE DATABASE nacosscratch CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", "the file"];

describe("the schema step", () => {
  const ships = { roles: ["a"], users: ["a", "b"] };

  it("fills an empty database, in this order", async () => {
    const database = new Database({}, ships);
    assert.deepEqual(await run(database), [
      "created table roles",
      "created table users",
      "user nacos has the password of Secret nacos-admin",
      "the database has the schema of Nacos 2.5.1 (same)",
    ]);
    assert.deepEqual(database.journal, [
      ...LOAD,
      "CREATE TABLE nacos.`roles` (\n  `b` longtext,\n)",
      "CREATE TABLE nacos.`users` (\n  `b` longtext,\n)",
      "SET SESSION sql_mode",
      "SET SESSION sql_mode",
      "CREATE TABLE IF",
      "UPDATE nacos.platform_schema SET completed_at = NULL",
      "INSERT INTO nacos.platform_schema",
      "CREATE TABLE IF",
      "INSERT INTO nacos.users",
      "INSERT IGNORE INTO",
      "INSERT INTO nacos.platform_administrator",
      DROP,
    ]);
  });

  it("adds a column as it ships", async () => {
    const database = new Database({ roles: ["a"], users: ["a"] }, ships);
    assert.equal((await run(database))[0], "added column users.b");
    assert.equal(database.journal[LOAD.length], "ALTER TABLE nacos.`users` ADD COLUMN `b` longtext");
  });

  it("changes nothing of a database that is refused, and drops the scratch database", async () => {
    const foreign = new Database({ orders: ["a"] }, ships);
    await assert.rejects(run(foreign), refused("SCHEMA_DATABASE_FOREIGN"));
    assert.deepEqual(foreign.journal, [...LOAD, DROP]);
    const newer = new Database({ platform_schema: [], orders: [] }, ships);
    newer.records = [{ version: "9.9.9", checksum: "other" }];
    await assert.rejects(run(newer), refused("SCHEMA_DATABASE_NEWER"));
    assert.deepEqual(newer.journal, [...LOAD, DROP]);
  });

  it("leaves foreign tables alone once a version is recorded", async () => {
    const database = new Database({ platform_schema: [], orders: ["x"], ...ships }, ships);
    database.records = [{ version: "2.5.0", checksum: "other" }];
    assert.equal((await run(database)).at(-1), "the database has the schema of Nacos 2.5.1 (same)");
    assert.ok(!database.journal.some((statement) => statement.includes("orders")));
  });

  const constraints = "TABLE_CONSTRAINTS";
  const frozen = {
    table: "his_config_info",
    name: "publishing is frozen until 2999-01-02 10:00 UTC: upgrade",
    now: "2026",
  };

  it("freezes publishing in the end if servers of 2.x and 3.x are about to run side by side", async () => {
    const database = new Database(
      { platform_schema: ["completed_at"], his_config_info: ["a"], ...ships },
      { ...ships, config_info_gray: ["a"] },
    );
    database.records = [{ version: "2.5.3", checksum: "other" }];
    database.rows["AS until"] = [{ until: "2026-12-01 09:12" }];
    database.rows["MAX(gmt_modified)"] = [{ after: "2026-11-29 10:00:01", before: "2026-12-01 09:12:00" }];
    assert.match(
      (await run(database, "3.1.0", true)).at(-2) ?? "",
      /^publishing is frozen until .* while servers of 2.x and 3.1.0 run$/,
    );
    const [gray, history] = database.journal.filter((statement) => statement.includes("CHECK"));
    assert.match(gray, /^ALTER TABLE nacos.`config_info_gray` /, "which is new");
    assert.equal(
      history,
      "ALTER TABLE nacos.`his_config_info` ADD CONSTRAINT `publishing is frozen until 2026-12-01 09:12 UTC: upgrade` " +
        "CHECK (NOT (TRUE AND gmt_modified BETWEEN '2026-11-29 10:00:01' AND '2026-12-01 09:12:00'))",
    );
  });

  it("freezes nothing on a return, without consent, on a new database, and once all servers are of 3.x", async () => {
    for (const [version, isUpgrade, records] of [
      [
        "2.5.3",
        true,
        [
          { version: "2.5.3", checksum: "" },
          { version: "3.1.0", checksum: "" },
        ],
      ],
      ["3.1.0", false, [{ version: "2.5.3", checksum: "" }]],
      ["3.1.0", true, []],
      [
        "3.1.2",
        true,
        [
          { version: "2.5.3", checksum: "" },
          { version: "3.1.0", checksum: "", isComplete: 1 },
        ],
      ],
    ] as const) {
      const database = new Database(
        records.length === 0 ? {} : { platform_schema: ["completed_at"], his_config_info: [], ...ships },
        ships,
      );
      database.records = [...records];
      await run(database, version, isUpgrade);
      assert.ok(!database.journal.some((statement) => statement.includes("CHECK")), version);
    }
  });

  it("changes nothing while publishing is frozen for an upgrade that is to be forgotten", async () => {
    const database = new Database({ platform_schema: ["completed_at"], ...ships }, ships);
    database.records = [{ version: "2.5.3", checksum: "other" }];
    database.rows[constraints] = [frozen];
    await assert.rejects(run(database, "2.5.3"), refused("SCHEMA_PUBLISHING_FROZEN"));
    assert.deepEqual(database.journal, [...LOAD, DROP]);
    database.rows[constraints] = [{ ...frozen, now: "3000" }];
    await run(database, "2.5.3");
  });

  it("changes nothing if no server of 3.x would start", async () => {
    const database = new Database({ config_info: [], tenant_info: [], platform_schema: [], ...ships }, ships);
    database.records = [{ version: "2.5.3", checksum: "other" }];
    database.rows["JOIN nacos.config_info"] = [{ dataId: "a", group: "G" }];
    await assert.rejects(run(database, "3.1.0"), refused("SCHEMA_TWINS_DIFFER"));
    delete database.rows["JOIN nacos.config_info"];
    database.rows["nacos.tenant_info"] = [{ tenant_id: "public" }];
    await assert.rejects(run(database, "3.1.0"), refused("SCHEMA_NAMESPACE_PUBLIC"));
    assert.deepEqual(database.journal, [...LOAD, DROP, ...LOAD, DROP]);
    await run(database, "2.5.3");
  });

  it("names the file that cannot be loaded", async () => {
    const database = new Database({}, ships);
    database.failure = ["the file", new Error("You have an error in your SQL syntax")];
    await assert.rejects(run(database), {
      code: "SCHEMA_FILE_NOT_LOADED",
      message: "the schema of Nacos 2.5.1 cannot be loaded: You have an error in your SQL syntax",
    });
    assert.deepEqual(database.journal, [...LOAD, DROP]);
  });

  it("drops the scratch database after any failure, and reports that failure", async () => {
    for (const part of ["CREATE TABLE nacos.`roles`", "SET SESSION", "platform_schema", "IGNORE"]) {
      const database = new Database({}, ships);
      database.failure = [part, new Error("the connection is lost")];
      await assert.rejects(run(database), { message: "the connection is lost" }, part);
      assert.equal(database.journal.at(-1), DROP, part);
    }
    const lost = new Database({}, ships);
    lost.failure = ["nacos", new Error("the connection is lost")]; // with every statement
    await assert.rejects(run(lost), { message: "the connection is lost" });
  });
});
