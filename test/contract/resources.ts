import { strict as assert } from "node:assert";
import { Bag, Made, recordedState } from "./plugin";
import { NOWHERE, Server } from "./server";

/** What becomes of each type of resource on a server. */
export function describeResources(on: () => Server): void {
  describe("Database", () => {
    it("is created, found unchanged, changed in place and dropped", async () => {
      const made = await on().plugin.create("Database", on().database("whole"));
      assert.equal(made.id, `${on().prefix}_whole`);
      assert.deepEqual((await on().plugin.diff(made, on().database("whole"))).changed, []);
      const refreshed = await on().plugin.refresh(made);
      assert.deepEqual(refreshed?.outputs, made.outputs);
      const changed = { ...on().database("whole"), defaultCollation: "utf8mb4_0900_ai_ci" };
      assert.deepEqual(await on().plugin.diff(made, changed), {
        changed: ["defaultCollation"],
        replaces: [],
        deleteBeforeReplace: false,
      });
      assert.equal((await on().plugin.update(made, changed)).outputs.defaultCollation, "utf8mb4_0900_ai_ci");
      await on().plugin.delete(made);
      assert.equal(await on().plugin.refresh(made), undefined);
    });

    it("notices what was changed behind its back", async () => {
      const made = await on().plugin.create("Database", on().database("drifted"));
      await on().ask(`ALTER DATABASE ${made.id} COLLATE utf8mb4_general_ci`);
      const refreshed = await on().plugin.refresh(made);
      assert.equal(refreshed?.outputs.defaultCollation, "utf8mb4_general_ci");
      assert.equal(refreshed?.inputs.defaultCollation, "utf8mb4_general_ci");
    });

    it("is utf8 by default, which shows a change in every diff: the server calls it utf8mb3", async () => {
      const given = { name: `${on().prefix}_default` };
      assert.equal((await on().plugin.check("Database", given)).inputs.defaultCharacterSet, "utf8");
      const made = await on().plugin.create("Database", given);
      assert.equal(made.outputs.defaultCharacterSet, "utf8mb3");
      assert.ok((await on().plugin.diff(made, given)).changed.includes("defaultCharacterSet"));
    });

    it("is replaced if its name changes", async () => {
      const made = await on().plugin.create("Database", on().database("named"), true);
      assert.deepEqual((await on().plugin.diff({ ...made, id: "x" }, on().database("renamed"))).replaces, ["name"]);
    });

    it("can be imported, as the only type", async () => {
      await on().plugin.create("Database", on().database("imported"));
      assert.deepEqual(
        (await on().plugin.import("Database", `${on().prefix}_imported`))?.outputs,
        on().database("imported"),
      );
      for (const type of ["User", "Grant", "Role"] as const) {
        assert.equal(
          await on()
            .plugin.import(type, `${on().prefix}_imported`)
            .catch(() => undefined),
          undefined,
        );
      }
    });
  });

  describe("User", () => {
    it("accepts a new password in place, at once", async () => {
      const made = await on().plugin.create("User", on().user("rotated"));
      assert.equal(made.id, `${on().prefix}_rotated@%`);
      await on().signIn(`${on().prefix}_rotated`, "first");
      const second = on().user("rotated", { plaintextPassword: "second" });
      assert.deepEqual(await on().plugin.diff(made, second), {
        changed: ["plaintextPassword"],
        replaces: [],
        deleteBeforeReplace: false,
      });
      const updated = await on().plugin.update(made, second);
      await on().signIn(`${on().prefix}_rotated`, "second");
      await assert.rejects(on().signIn(`${on().prefix}_rotated`, "first"));
      assert.deepEqual((await on().plugin.diff(updated, second)).changed, []);
    });

    it("records a password that the server never accepted: the next update does not try again", async () => {
      const made = await on().plugin.create("User", on().user("refused"));
      const second = on().user("refused", { plaintextPassword: "second" });
      const failure: unknown = await (await on().started(NOWHERE)).update(made, second).then(
        () => undefined,
        (error: unknown) => error,
      );
      const recorded: Made = { ...made, outputs: recordedState(failure) ?? {} };
      assert.deepEqual((await on().plugin.diff(recorded, second)).changed, []);
      await on().plugin.update(recorded, second);
      await assert.rejects(on().signIn(`${on().prefix}_refused`, "second"));
    });

    it("logs in from localhost by default", async () => {
      assert.equal((await on().plugin.check("User", { user: "any" })).inputs.host, "localhost");
    });

    it("is replaced if anything except the password changes, the new one first", async () => {
      const made = await on().plugin.create("User", on().user("kept"), true);
      for (const change of [{ host: "10.%" }, { tlsOption: "SSL" }] as Bag[]) {
        assert.deepEqual(await on().plugin.diff({ ...made, id: "x" }, { ...on().user("kept"), ...change }), {
          changed: Object.keys(change),
          replaces: Object.keys(change),
          deleteBeforeReplace: false,
        });
      }
    });

    it("has an empty password if authPlugin names a plugin that the provider does not know", async () => {
      await on().plugin.create("User", { user: `${on().prefix}_open`, host: "%", authPlugin: "caching_sha2_password" });
      await on().signIn(`${on().prefix}_open`, "");
    });

    it("requires TLS if tlsOption says so", async () => {
      await on().plugin.create("User", on().user("encrypted", { tlsOption: "SSL" }));
      const [{ ssl_type: type }] = await on().ask(
        `SELECT ssl_type FROM mysql.user WHERE user = '${on().prefix}_encrypted'`,
      );
      assert.equal(String(type), "ANY");
    });

    it("has its values put into SQL as they are: a quote breaks the statement", async () => {
      await assert.rejects(
        on().plugin.create("User", on().user("quoted", { plaintextPassword: "it's" })),
        /Error 1064 \(42000\)/,
      );
    });

    it("does not notice a password, or a host, that was changed behind its back", async () => {
      const made = await on().plugin.create("User", on().user("unnoticed"));
      await on().ask(`ALTER USER '${on().prefix}_unnoticed'@'%' IDENTIFIED BY 'other'`);
      await on().ask(`RENAME USER '${on().prefix}_unnoticed'@'%' TO '${on().prefix}_unnoticed'@'10.%'`);
      assert.deepEqual((await on().plugin.refresh(made))?.outputs, made.outputs);
    });

    it("is found gone if no account has its name", async () => {
      const made = await on().plugin.create("User", on().user("gone"));
      await on().ask(`DROP USER '${on().prefix}_gone'@'%'`);
      assert.equal(await on().plugin.refresh(made), undefined);
    });
  });

  describe("Grant", () => {
    let granted: Bag;

    before(async () => {
      await on().plugin.create("Database", on().database("granted"));
      await on().plugin.create("User", on().user("granted"));
      granted = {
        user: `${on().prefix}_granted`,
        host: "%",
        database: `${on().prefix}_granted`,
        privileges: ["SELECT", "INSERT"],
      };
    });

    it("to a user is created, but can never be deleted or changed: the server refuses the first REVOKE with error 1141", async () => {
      const made = await on().plugin.create("Grant", granted);
      assert.equal(made.id, `${on().prefix}_granted@%:\`${on().prefix}_granted\``);
      assert.deepEqual((await on().plugin.diff(made, { ...granted, privileges: ["INSERT", "SELECT"] })).changed, []);
      await assert.rejects(
        on().plugin.delete(made),
        /error revoking GRANT \(REVOKE GRANT OPTION ON .*Error 1141 \(42000\)/,
      );
      assert.ok((await on().grantsOf(`'${on().prefix}_granted'@'%'`)).includes("SELECT, INSERT"));
    });

    it("without the right to grant, whatever `grant` says", async () => {
      await on().plugin.create("User", on().user("granting"));
      await on().plugin.create("Grant", { ...granted, user: `${on().prefix}_granting`, grant: true });
      assert.ok(!(await on().grantsOf(`'${on().prefix}_granting'@'%'`)).includes("GRANT OPTION"));
    });

    it("does not notice privileges that were taken away behind its back", async () => {
      await on().plugin.create("User", on().user("stripped"));
      const made = await on().plugin.create("Grant", { ...granted, user: `${on().prefix}_stripped` });
      await on().ask(`REVOKE SELECT ON \`${on().prefix}_granted\`.* FROM '${on().prefix}_stripped'@'%'`);
      const refreshed = await on().plugin.refresh(made);
      assert.deepEqual(refreshed?.outputs, made.outputs);
    });

    it("needs an administrator who may read the system tables: otherwise it counts as gone as soon as it is created", async () => {
      const name = `${on().prefix}_blind`;
      await on().ask(`CREATE USER '${name}'@'%' IDENTIFIED BY 'blind'`);
      await on().ask(`GRANT SELECT, INSERT ON \`${on().prefix}_granted\`.* TO '${name}'@'%' WITH GRANT OPTION`);
      const blind = await on().started({ username: name, password: "blind" });
      await assert.rejects(blind.create("Grant", granted));
    });

    it("is replaced if any field changes, the new one first", async () => {
      const made = { ...(await on().plugin.create("Grant", granted, true)), id: "x" };
      const changed: Bag = {
        user: "u",
        host: "h",
        database: "d",
        table: "t",
        privileges: ["UPDATE"],
        grant: true,
        tlsOption: "SSL",
      };
      for (const [name, value] of Object.entries(changed)) {
        assert.deepEqual(await on().plugin.diff(made, { ...granted, [name]: value }), {
          changed: [name],
          replaces: [name],
          deleteBeforeReplace: false,
        });
      }
    });

    it("needs privileges or roles, not both, and a user or a role, not both", async () => {
      assert.notDeepEqual((await on().plugin.check("Grant", { ...granted, roles: ["r"] })).refused, []);
      assert.notDeepEqual((await on().plugin.check("Grant", { ...granted, role: "r" })).refused, []);
      assert.notDeepEqual((await on().plugin.check("Grant", { user: "u", privileges: ["SELECT"] })).refused, []);
      await assert.rejects(
        on().plugin.create("Grant", { user: "u", database: "d" }),
        /One of privileges or roles is required/,
      );
    });
  });

  describe("Role", () => {
    it("with its grant and a grant of it to a user is created, changed and deleted cleanly", async () => {
      const reader = `${on().prefix}_reader`;
      await on().plugin.create("Database", on().database("shared"));
      await on().plugin.create("User", on().user("member"));
      const role = await on().plugin.create("Role", { name: reader });
      const privileges = await on().plugin.create("Grant", {
        role: reader,
        database: `${on().prefix}_shared`,
        privileges: ["SELECT"],
      });
      const membership = await on().plugin.create("Grant", {
        user: `${on().prefix}_member`,
        host: "%",
        database: "",
        roles: [reader],
      });
      assert.deepEqual(
        [role.id, privileges.id, membership.id],
        [reader, `${reader}:\`${on().prefix}_shared\``, `${on().prefix}_member@%:\`\``],
      );
      assert.ok((await on().grantsOf(`'${on().prefix}_member'@'%'`)).includes(`\`${reader}\`@`));
      for (const made of [role, privileges, membership])
        assert.deepEqual((await on().plugin.refresh(made))?.outputs, made.outputs);
      assert.deepEqual(
        (
          await on().plugin.diff(privileges, {
            role: reader,
            database: `${on().prefix}_shared`,
            privileges: ["SELECT"],
          })
        ).changed,
        [],
      );

      await on().plugin.delete(privileges);
      const wider = await on().plugin.create("Grant", {
        role: reader,
        database: `${on().prefix}_shared`,
        privileges: ["SELECT", "INSERT"],
      });
      assert.ok((await on().grantsOf(`'${reader}'`)).includes("SELECT, INSERT"));

      for (const made of [membership, wider, role]) await on().plugin.delete(made);
      assert.equal(await on().plugin.refresh(role), undefined);
    });

    it("loses what both have if the new grant is created before the old one is deleted", async () => {
      const writer = `${on().prefix}_writer`;
      await on().plugin.create("Role", { name: writer });
      const old = await on().plugin.create("Grant", {
        role: writer,
        database: `${on().prefix}_shared`,
        privileges: ["SELECT"],
      });
      await on().plugin.create("Grant", {
        role: writer,
        database: `${on().prefix}_shared`,
        privileges: ["SELECT", "INSERT"],
      });
      await on().plugin.delete(old);
      assert.ok(!(await on().grantsOf(`'${writer}'`)).includes("SELECT"));
    });

    it("gets a name if none is given, which stays", async () => {
      const { inputs } = await on().plugin.check("Role", {});
      assert.match(inputs.name as string, /^contract-[0-9a-f]{7}$/);
      assert.equal((await on().plugin.check("Role", {}, inputs)).inputs.name, inputs.name);
    });
  });
}
