import assert from "node:assert/strict";
import { createConnection, type Connection, type RowDataPacket } from "mysql2/promise";
import { pause } from "../../clients/pause";
import { MYSQL_PORT } from "../../contract/ports";
import { applySchema, type Session } from "../../runtime/nacos-schema/apply";
import { endUpgrade } from "../../runtime/nacos-schema/end";
import { freeze, frozenUntil, thaw } from "../../runtime/nacos-schema/freeze";
import { readTables, type Query } from "../../runtime/nacos-schema/tables";
import { COPIED } from "../../runtime/nacos-schema/twins";
import { Installation, type Mysqld } from "./mysql-server/mysqld";

/** As Nacos' servers write to them, as far as the freeze needs it. */
const TABLES = ["his_config_info", "config_info_beta", "config_info", "config_info_gray"].map(
  (table) =>
    `CREATE TABLE nacos.${table} (nid bigint PRIMARY KEY AUTO_INCREMENT, content longtext, gmt_modified datetime NOT NULL DEFAULT CURRENT_TIMESTAMP, ` +
    "tenant_id varchar(99), src_user text)",
);
/** As in components/mysql/platform-accounts.ts. */
const GRANTS = [
  "GRANT SELECT, INSERT, UPDATE, DELETE ON nacos.* TO nacos",
  "GRANT SELECT, INSERT, UPDATE, CREATE, ALTER, INDEX, REFERENCES ON nacos.* TO nacos_schema",
  "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES ON nacosscratch.* TO nacos_schema",
];
/** A schema file, as far as the upgrade needs it. */
const SHIPPED = `
  CREATE TABLE his_config_info (nid bigint PRIMARY KEY AUTO_INCREMENT, content longtext, gmt_modified datetime NOT NULL DEFAULT CURRENT_TIMESTAMP);
  CREATE TABLE config_info (data_id varchar(99), group_id varchar(99), tenant_id varchar(99), md5 char(1), src_user text, gmt_modified datetime DEFAULT CURRENT_TIMESTAMP);
  CREATE TABLE tenant_info (tenant_id varchar(99));
  CREATE TABLE users (username varchar(50) PRIMARY KEY, password varchar(500), enabled boolean);
  CREATE TABLE roles (username varchar(50), role varchar(50), UNIQUE (username, role))`;

/**
 * How MySQL itself behaves when publishing is frozen.
 *
 * @param archive where MySQL's image is; it is called once, when the tests begin.
 */
export function describeFreeze(archive: () => string): void {
  let installation: Installation;
  let server: Mysqld;
  let nacos: Connection;
  let schema: Connection;

  before(async () => {
    installation = new Installation(archive());
    server = await installation.start();
    for (const statement of [
      "SET GLOBAL super_read_only = OFF",
      "SET GLOBAL read_only = OFF",
      "SET GLOBAL rpl_semi_sync_source_enabled = OFF",
      "CREATE DATABASE nacos CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
      ...TABLES,
      ...["nacos", "nacos_schema"].map((user) => `CREATE USER ${user} IDENTIFIED BY 'x' REQUIRE SSL`),
      ...GRANTS,
    ])
      await server.administrate(statement);
    const connect = (user: string): Promise<Connection> =>
      createConnection({
        host: server.host,
        port: MYSQL_PORT,
        user,
        password: "x",
        ssl: { rejectUnauthorized: false },
      });
    nacos = await connect("nacos");
    schema = await connect("nacos_schema");
  });
  after(async () => {
    nacos?.destroy();
    schema?.destroy();
    await installation?.remove();
  });

  const query: Query = async (statement, values) =>
    (await schema.query<RowDataPacket[]>(statement, values && [...values]))[0];
  const freezeNow = async (): Promise<void> =>
    freeze(query, await readTables(query, "nacos"), "3.1.0", () => undefined);
  /** Time has a resolution of a second, and so has the beginning of the freeze. */
  const begun = (): Promise<void> => pause(1100);
  const publish = (table = "his_config_info") =>
    nacos.query(`INSERT INTO nacos.${table} (content, gmt_modified) VALUES ('x', UTC_TIMESTAMP())`);
  const refuses = (what: string) => (error: Error) => {
    assert.match(
      error.message,
      new RegExp(`'${what} is frozen until \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC: upgrade'`),
    );
    return true;
  };

  it("refuses every change with the reason, and lets the history be cleaned up", async () => {
    for (let row = 0; row < 20; row++) await publish();
    await publish("config_info_beta");
    assert.equal(await frozenUntil(query), undefined);
    await freezeNow();
    await begun();
    assert.match((await frozenUntil(query)) ?? "", /^\d{4}-/);
    await assert.rejects(publish(), refuses("publishing"));
    await assert.rejects(publish("config_info_beta"), refuses("beta publishing"));
    await assert.rejects(
      nacos.query("UPDATE nacos.config_info_beta SET gmt_modified = UTC_TIMESTAMP()"),
      refuses("beta publishing"),
    );
    await nacos.query("DELETE FROM nacos.his_config_info LIMIT 1");
  });

  it("refuses what 3.x copies from `public` to '', and nothing else that it copies, whatever MySQL's time zone", async () => {
    const tables = [
      { table: "config_info", what: "public publishing", others: null },
      { table: "config_info_gray", what: "gray publishing", others: "nacos_auto_migrate" },
    ];
    const write = (table: string, tenant: string, user: string | null) =>
      nacos.query(`INSERT INTO nacos.${table} (tenant_id, src_user, gmt_modified) VALUES (?, ?, NOW(3))`, [
        tenant,
        user,
      ]);
    for (const zone of ["'+08:00'", "'-08:00'", "DEFAULT"]) {
      await thaw(query, () => undefined);
      for (const one of [nacos, schema]) await one.query(`SET SESSION time_zone = ${zone}`);
      for (const { table } of tables) {
        await nacos.query(`DELETE FROM nacos.${table}`);
        await write(table, "", COPIED);
      }
      await freezeNow();
      await begun();
      for (const { table, what, others } of tables) {
        await assert.rejects(write(table, "", COPIED), refuses(what), zone);
        await write(table, "public", COPIED);
        await write(table, "", others);
        await assert.rejects(
          nacos.query(`UPDATE nacos.${table} SET src_user = '${COPIED}', gmt_modified = NOW(3) WHERE tenant_id = ''`),
          refuses(what),
        );
      }
    }
  });

  it("can be repeated, and ends", async () => {
    await freezeNow();
    await begun();
    await assert.rejects(publish(), refuses("publishing"));
    await thaw(query, () => undefined);
    assert.equal(await frozenUntil(query), undefined);
    await publish();
    await publish("config_info_beta");
    const made = await server.administrate("SHOW CREATE TABLE nacos.his_config_info");
    assert.doesNotMatch(String(made[0]["Create Table"]), /CHECK/);
  });

  it("begins while somebody publishes all the time", async () => {
    let isPublishing = true;
    const publishing = (async () => {
      while (isPublishing) await publish().catch(() => undefined);
    })();
    try {
      await freezeNow();
    } finally {
      isPublishing = false;
      await publishing;
    }
    await begun();
    await assert.rejects(publish(), refuses("publishing"));
  });

  it("ends by itself", async () => {
    await thaw(query, () => undefined);
    await query(
      "ALTER TABLE nacos.his_config_info ADD CONSTRAINT `publishing is frozen until 2020-01-02 10:00 UTC: upgrade` " +
        "CHECK (gmt_modified NOT BETWEEN '2020-01-01 10:00:00' AND '2020-01-02 10:00:00')",
    );
    assert.equal(await frozenUntil(query), undefined);
    await publish();
    await freezeNow();
    await begun();
    await assert.rejects(publish(), refuses("publishing"));
    await thaw(query, () => undefined);
    await publish();
  });

  it("belongs to an upgrade, which can be taken back one step, and until all servers are of 3.x to any version", async () => {
    await server.administrate("DROP DATABASE nacos");
    await server.administrate("CREATE DATABASE nacos CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");
    const load: Session["load"] = async (statements) => {
      for (const statement of statements.split(";")) {
        await query("USE nacosscratch");
        await query(statement);
      }
    };
    const administrator = { name: "nacos", hash: "x" };
    const apply = (version: string, isUpgrade: boolean): Promise<void> =>
      applySchema(
        { query, load },
        { version, checksum: version, shipped: SHIPPED, administrator, isUpgrade },
        () => undefined,
      );
    const end = (version: string): Promise<void> => endUpgrade(query, version, () => undefined);
    const row = (tenant: string, md5: string, user: string): Promise<unknown> =>
      nacos.query("INSERT INTO nacos.config_info VALUES ('a', 'G', ?, ?, ?, NOW())", [tenant, md5, user]);

    await apply("2.2.4", false);
    await nacos.query("INSERT INTO nacos.tenant_info VALUES ('public')");
    await assert.rejects(apply("3.1.0", true), { code: "SCHEMA_NAMESPACE_PUBLIC" });
    await nacos.query("DELETE FROM nacos.tenant_info");
    await row("", "1", "somebody");
    await row("public", "2", "somebody");
    await assert.rejects(apply("3.1.0", true), { code: "SCHEMA_TWINS_DIFFER", message: /: a of G differs between/ });
    await nacos.query("UPDATE nacos.config_info SET src_user = 'nacos_namespace_migrate' WHERE tenant_id = 'public'");
    await publish();
    await apply("3.1.0", true);
    await begun();
    await assert.rejects(publish(), refuses("publishing"));
    await assert.rejects(apply("2.2.4", false), { code: "SCHEMA_PUBLISHING_FROZEN" });

    await apply("2.2.4", true);
    await assert.rejects(publish(), refuses("publishing"));
    await end("2.2.4");
    await publish();

    await apply("3.1.0", true);
    await begun();
    await assert.rejects(publish(), refuses("publishing"));
    await end("3.1.0");
    await publish();
    await apply("3.1.2", true);
    await begun();
    await publish();
    await assert.rejects(apply("2.2.4", true), { code: "SCHEMA_DATABASE_NEWER" });
    await apply("2.5.3", false);
    await apply("3.1.2", true);
    await begun();
    await assert.rejects(publish(), refuses("publishing"));
  });
}
