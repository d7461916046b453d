import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { decide, requireBcrypt, setAdministrator } from "../../../../runtime/nacos-schema/administrator";

const HASH = `$2a$10$${"x".repeat(53)}`;
const SET = { set: true, say: "user nacos has the password of Secret nacos-admin" };

describe("the administrator", () => {
  const known = { name: "nacos", wanted: "new", enabled: true };

  it("is created if the user does not exist", () => {
    assert.deepEqual(decide({ ...known }), SET);
    assert.deepEqual(decide({ ...known, given: "new" }), SET);
  });

  it("gets another password of the Secret, whatever the database has", () => {
    for (const present of ["old", "new", "changed"]) assert.deepEqual(decide({ ...known, given: "old", present }), SET);
    assert.deepEqual(decide({ ...known, present: "somebody's" }), SET);
  });

  it("keeps a password that was set in the console", () =>
    assert.deepEqual(decide({ ...known, given: "new", present: "changed" }), {
      set: false,
      say: "left as it is: user nacos has another password than Secret nacos-admin: it was changed in Nacos. `npm run ops -- secrets rotate` gives it a new one that is in the Secret",
    }));

  it("stays disabled, which is reported", () =>
    assert.deepEqual(decide({ ...known, given: "new", present: "new", enabled: false }), {
      set: false,
      say: "left as it is: user nacos is disabled",
    }));

  it("is left alone if it has its password", () =>
    assert.deepEqual(decide({ ...known, given: "new", present: "new" }), { set: false }));

  it("has a hash that Nacos can compare", () => {
    requireBcrypt(HASH);
    for (const hash of ["", "secret", `${HASH}x`, HASH.slice(1), `x${HASH}`, `${HASH}'; DROP`])
      assert.throws(() => requireBcrypt(hash), {
        code: "SCHEMA_PASSWORD_HASH_INVALID",
        message: "the administrator's password hash is not a bcrypt hash",
      });
  });
});

describe("the step that sets the administrator", () => {
  /** What is written, on a server with this record and this user. */
  async function run(given: object[], users: object[], recorded: boolean): Promise<[writes: string[], said: string[]]> {
    const writes: string[] = [];
    const said: string[] = [];
    await setAdministrator(
      (statement, values) => {
        if (statement.startsWith("SELECT hash_sha256")) return Promise.resolve(given as Record<string, unknown>[]);
        if (statement.startsWith("SELECT SHA2")) return Promise.resolve(users as Record<string, unknown>[]);
        const [, verb, name] = /^(\w+).*?nacos\.(\w+)/.exec(statement) ?? [];
        assert.ok(!statement.includes(HASH), "the hash is a value");
        writes.push(`${verb} ${name} ${(values ?? []).map((v) => (v === HASH ? "HASH" : v.slice(0, 8))).join(" ")}`);
        return Promise.resolve([]);
      },
      { name: "nacos", hash: HASH, recorded },
      (line) => said.push(line),
    );
    return [writes, said];
  }
  const digest = createHash("sha256").update(HASH).digest("hex");
  const always = (set: boolean) => [
    "CREATE platform_administrator ",
    ...(set ? ["INSERT users nacos HASH"] : []),
    "INSERT roles nacos",
    `INSERT platform_administrator nacos ${digest.slice(0, 8)}`,
  ];

  it("creates it with its role, and records its password by a digest of its hash", async () => {
    assert.deepEqual(await run([], [], false), [always(true), [SET.say]]);
  });

  it("changes nothing when repeated, but adds the role if it is missing", async () => {
    assert.deepEqual(await run([{ digest }], [{ digest, enabled: 1 }], true), [always(false), []]);
  });

  it("takes the password as given if a version is recorded, and the password is not", async () => {
    const changed = [{ digest: "changed", enabled: 1 }];
    assert.deepEqual((await run([], changed, true))[0], always(false));
    assert.deepEqual((await run([], changed, false))[0], always(true));
  });
});
