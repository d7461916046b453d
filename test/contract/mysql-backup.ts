import assert from "node:assert/strict";
import * as path from "node:path";
import { createConnection, type Connection, type RowDataPacket } from "mysql2/promise";
import { backupSteps, restoreSteps, verifySteps } from "../../components/mysql/backup/pods";
import { MYSQL_PATHS } from "../../components/mysql/my-cnf";
import { ACCOUNTS } from "../../contract/accounts";
import type { Manifest } from "../../runtime/mysql-backup/manifest";
import { applySchema } from "../../runtime/nacos-schema/apply";
import { waitFor } from "../../sandbox/exec";
import { Installation, PASSWORD, type Mysqld } from "./mysql-server/mysqld";
import { StepRunner, type End } from "./mysql-server/steps";

const TABLES = [
  "CREATE TABLE config_info (data_id varchar(99), group_id varchar(99), tenant_id varchar(99), md5 char(1), src_user text, gmt_modified datetime DEFAULT CURRENT_TIMESTAMP)",
  "CREATE TABLE users (username varchar(50) PRIMARY KEY, password varchar(500), enabled boolean)",
  "CREATE TABLE roles (username varchar(50), role varchar(50), UNIQUE (username, role))",
];
/** A schema file, as far as an upgrade needs it. */
const SHIPPED = [...TABLES, "CREATE TABLE ai_resource (id bigint PRIMARY KEY AUTO_INCREMENT, name varchar(99))"];

const LEDGER = [
  "CREATE DATABASE ledger",
  "CREATE DATABASE others",
  "CREATE TABLE ledger.gone (i INT)",
  "CREATE TABLE ledger.rebuilt (i INT)",
  "CREATE TABLE ledger.rows (word VARCHAR(64) PRIMARY KEY, j INT)",
  "CREATE TABLE others.gone (i INT)",
  "CREATE FUNCTION ledger.gone() RETURNS INT DETERMINISTIC RETURN 1",
  "CREATE FUNCTION ledger.f() RETURNS INT DETERMINISTIC RETURN 1",
];
const VIEWS = {
  "of a table": "SELECT i FROM ledger.gone",
  "of a column": "SELECT j FROM ledger.rows",
  "of a database": "SELECT i FROM others.gone",
  "of a function": "SELECT ledger.gone()",
  "of a view": "SELECT * FROM ledger.`of a table`",
  "to be changed": "SELECT i FROM ledger.gone",
  "to be dropped": "SELECT i FROM ledger.gone",
  "to return": "SELECT i FROM ledger.rebuilt WHERE i > 0 WITH CHECK OPTION",
  "to return too": "SELECT * FROM ledger.`to return`",
  "also to return": "SELECT * FROM ledger.`to return too`",
};
const GOOD = [
  "CREATE VIEW ledger.good AS SELECT word, ledger.f() AS f FROM ledger.rows",
  "CREATE VIEW ledger.checked (w) AS SELECT word FROM ledger.rows WHERE word <> 'x' WITH CHECK OPTION",
  `CREATE DEFINER = '${ACCOUNTS.backup}'@'%' VIEW ledger.another AS SELECT word FROM ledger.rows`,
  `CREATE DEFINER = '${ACCOUNTS.backup}'@'%' VIEW ledger.\`of another\` AS SELECT word FROM ledger.another`,
  "CREATE DATABASE apps",
  "CREATE VIEW apps.words AS SELECT word FROM ledger.rows",
];
const BREAKING = [
  "DROP TABLE ledger.gone",
  "DROP TABLE ledger.rebuilt",
  "DROP FUNCTION ledger.gone",
  "DROP DATABASE others",
  "ALTER TABLE ledger.rows DROP COLUMN j",
];

/**
 * Backups, verifications and restores by the steps of their pods, with a real server.
 *
 * @param archive where MySQL's image is; it is called once, when the tests begin.
 */
export function describeBackups(archive: () => string): void {
  let installation: Installation;
  let server: Mysqld;
  let root: Connection;
  let runner: StepRunner;

  before(async () => {
    installation = new Installation(archive());
    server = await installation.start();
    runner = new StepRunner(installation, server);
    root = await connect();
    await run("SET GLOBAL super_read_only = OFF", "SET GLOBAL read_only = OFF");
    await run("SET GLOBAL rpl_semi_sync_source_enabled = OFF", "DROP DATABASE contract");
    await run(
      `CREATE USER '${ACCOUNTS.backup}'@'%' IDENTIFIED BY 'it''s' REQUIRE SSL`,
      `GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, REPLICATION CLIENT, RELOAD ON *.* TO '${ACCOUNTS.backup}'@'%'`,
    );
    await run("CREATE DATABASE nacos CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", "USE nacos", ...TABLES);
    await run(
      "INSERT INTO users VALUES ('nacos', '', TRUE)",
      "INSERT INTO roles VALUES ('nacos', 'ROLE_ADMIN')",
      ...LEDGER,
    );
    for (const [name, query] of Object.entries(VIEWS))
      await run(`CREATE DEFINER = '${ACCOUNTS.backup}'@'%' VIEW ledger.\`${name}\` AS ${query}`);
    await run(...GOOD, ...BREAKING, "INSERT INTO ledger.rows VALUES ('before the backup')");
  });
  after(async () => {
    runner?.kill();
    root?.destroy();
    await installation?.remove();
  });

  const connect = (): Promise<Connection> =>
    createConnection({
      socketPath: path.join(server.root, MYSQL_PATHS.socket),
      user: ACCOUNTS.root,
      password: PASSWORD,
    });
  async function run(...statements: string[]): Promise<RowDataPacket[]> {
    let rows: RowDataPacket[] = [];
    for (const statement of statements) [rows] = await root.query<RowDataPacket[]>(statement);
    return rows;
  }
  const views = async (): Promise<unknown[]> =>
    (await run("SELECT TABLE_NAME AS name FROM information_schema.VIEWS WHERE TABLE_SCHEMA = 'ledger'"))
      .map(({ name }) => String(name))
      .sort();
  const succeeded = (end: End, step: string): string => {
    assert.deepEqual([end.step, end.status], [step, 0], end.message);
    return end.message;
  };
  const restore = (mode: string): Promise<End> => runner.run("restore", restoreSteps(runner.args), { MODE: mode });

  it("a backup is made although views are broken, has their definitions and warns", async () => {
    const said = succeeded(await runner.run("backup", backupSteps(runner.args)), "seal");
    assert.match(said, /^warning: the dump lacks 10 broken views \(ledger\.also to return, .*; the manifest has/m);
    const [, name] = /(\w+) is complete/.exec(said) ?? [];
    const { brokenViews = [] } = JSON.parse(runner.read("backups", name, "manifest.json")) as Manifest;
    assert.deepEqual(brokenViews.map(({ view }) => view).sort(), Object.keys(VIEWS).sort());
    assert.match(brokenViews.find(({ view }) => view === "of a function")?.definition ?? "", /`gone`\(\)/);
  });

  it("logs are replayed across a schema step, and across what becomes of views that are broken", async () => {
    const query = async (statement: string, values: readonly string[] = []) =>
      (await root.query<RowDataPacket[]>(statement, [...values]))[0];
    await applySchema(
      { query, load: async () => void (await run("USE nacosscratch", ...SHIPPED)) },
      {
        version: "3.1.0",
        checksum: "",
        shipped: "",
        administrator: { name: "nacos", hash: "x" },
        isUpgrade: false,
      },
      () => undefined,
    );
    await run(
      "INSERT INTO nacos.ai_resource (name) VALUES ('after the upgrade')",
      "DROP VIEW ledger.`to be dropped`",
      "ALTER VIEW ledger.`to be changed` AS SELECT word FROM ledger.rows",
      // As an earlier release did it.
      "CREATE DATABASE nacosscratch",
      "CREATE TABLE nacosscratch.t (i INT)",
      "CREATE TABLE nacos.earlier LIKE nacosscratch.t",
      "DROP DATABASE nacosscratch",
      "CREATE USER 'later'@'%'",
      "GRANT SELECT ON *.* TO 'later'@'%'",
      "CREATE VIEW ledger.`of another too` AS SELECT word FROM ledger.`of another`",
      // What a restore has left.
      "CREATE DATABASE platform_rehearsal",
      "CREATE TABLE ledger.soon (i INT)",
      "CREATE VIEW ledger.later AS SELECT i FROM ledger.soon",
      "DROP TABLE ledger.soon",
      "CREATE TABLE ledger.rebuilt (i INT)",
      "FLUSH BINARY LOGS",
    );
    const said = succeeded(await runner.run("restore", verifySteps(runner.args)), "verify");
    assert.match(said, /restores: .* with \d+ transactions of binary logs .*, without 10 broken views \(/);
  });

  it("a restore that is lost half-way says so, and the same again needs no hand", async () => {
    const reader = await connect();
    await reader.query("BEGIN");
    await reader.query("SELECT * FROM ledger.rows");
    const ending = restore("in-place");
    let hasEnded = false;
    void ending.then(() => (hasEnded = true));
    const dropping =
      "SELECT ID FROM information_schema.PROCESSLIST WHERE USER = 'restore' AND INFO LIKE 'DROP DATABASE%ledger%'";
    await waitFor("the restore to drop a database", 120, async () => hasEnded || (await run(dropping)).length > 0);
    runner.kill();
    const lost = await ending;
    assert.equal(lost.step, "load");
    assert.match(lost.message, /\nthe databases are incomplete, run the restore again\n$/);
    assert.doesNotMatch(lost.message, /nothing was restored/);
    reader.destroy();

    await run("CREATE DATABASE IF NOT EXISTS platform_rehearsal", "CREATE TABLE platform_rehearsal.users (i INT)");
    // A server keeps the session of a node that is gone.
    const session = { host: server.host, user: ACCOUNTS.restore, password: PASSWORD, database: "nacos" };
    const dead = await createConnection({ ...session, ssl: { rejectUnauthorized: false } });
    dead.on("error", () => undefined);
    const said = succeeded(await restore("in-place"), "report");
    assert.match(said, /^left out: 6 broken views \(ledger\.later, ledger\.of a column, /m);
    assert.match(said, /all row counts agree/);
    assert.deepEqual(await views(), [
      "also to return",
      "another",
      "checked",
      "good",
      "of another",
      "of another too",
      "to be changed",
      "to return",
      "to return too",
    ]);
    const [returned] = await run(
      "SELECT DEFINER, CHECK_OPTION FROM information_schema.VIEWS WHERE TABLE_NAME = 'to return'",
    );
    assert.deepEqual({ ...returned }, { DEFINER: `${ACCOUNTS.backup}@%`, CHECK_OPTION: "CASCADED" });
    assert.equal((await run("SELECT name FROM nacos.ai_resource"))[0].name, "after the upgrade");
    assert.deepEqual(await run("SHOW DATABASES LIKE '%rehearsal'"), []);
  });
}
