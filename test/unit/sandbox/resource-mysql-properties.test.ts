import { strict as assert } from "node:assert";
import { checkConfig, serverConfig } from "../../../sandbox/plugins/resource-mysql/config";
import { changes, check, stateOf, UNKNOWN, Values } from "../../../sandbox/plugins/resource-mysql/properties";
import { grant } from "../../../sandbox/plugins/resource-mysql/resources/grant";
import { role } from "../../../sandbox/plugins/resource-mysql/resources/role";
import { user } from "../../../sandbox/plugins/resource-mysql/resources/user";

const naming = { logicalName: "reader", seed: new Uint8Array([1]) };
const toUser = { user: "u", host: "%", database: "d", privileges: ["SELECT"] };

describe("the MySQL provider's check", () => {
  it("fills in defaults, and not what cannot stand beside what is given", () => {
    assert.deepEqual(check(grant.properties, {}, { user: "u", database: "d", privileges: ["SELECT"] }, naming), {
      inputs: {
        user: "u",
        host: "localhost",
        database: "d",
        table: "*",
        privileges: ["SELECT"],
        grant: false,
        tlsOption: "NONE",
        __defaults: ["host", "table", "grant", "tlsOption"],
      },
      failures: [],
    });
    assert.ok(
      !("host" in check(grant.properties, {}, { role: "r", database: "d", privileges: ["SELECT"] }, naming).inputs),
    );
  });

  it("names what is missing and what conflicts", () => {
    const failing = (given: Values) =>
      check(user.properties, {}, given, naming).failures.map(({ property }) => property);
    assert.deepEqual(failing({}), ["user"]);
    assert.deepEqual(failing({ user: "u", plaintextPassword: "a", password: "b" }), ["password"]);
    assert.deepEqual(failing({ user: "u", password: UNKNOWN, authPlugin: "mysql_no_login" }), ["authPlugin"]);
  });

  it("keeps a name that it has made, and not one that the program gave once", () => {
    const name = (previous: Values, more = {}) =>
      check(role.properties, previous, {}, { ...naming, ...more }).inputs.name;
    const first = check(role.properties, {}, {}, naming).inputs;
    assert.match(String(first.name), /^reader-[0-9a-f]{7}$/);
    assert.equal(name({}), first.name); // the same seed
    assert.equal(name(first, { seed: new Uint8Array() }), first.name);
    assert.equal(name({ name: "given", __defaults: [] }), first.name);
    assert.equal(name({}, { proposed: "by-pattern" }), "by-pattern");
    assert.deepEqual(
      check(role.properties, {}, {}, { ...naming, disabled: true }).failures.map(({ property }) => property),
      ["name"],
    );
  });
});

describe("the MySQL provider's diff", () => {
  const state = stateOf(grant.properties, toUser);

  it("knows lists by their members, and empty by missing", () => {
    assert.deepEqual(
      changes(grant.properties, { ...state, privileges: ["A", "B"] }, { ...toUser, privileges: ["B", "A", "B"] }),
      [],
    );
    assert.deepEqual(changes(grant.properties, state, { ...toUser, roles: [], grant: false }), []);
  });

  it("tells additions, changes and removals", () => {
    const kinds = changes(
      user.properties,
      { user: "u", password: "a", tlsOption: "NONE" },
      { user: "v", host: "localhost", plaintextPassword: "b", tlsOption: "NONE" },
    );
    assert.deepEqual(
      kinds.map(({ property, kind, replaces }) => [property, kind, replaces]),
      [
        ["user", "update", true],
        ["host", "add", true],
        ["plaintextPassword", "add", false],
        ["password", "delete", false],
      ],
    );
  });

  it("compares passwords by their hash where the state holds a hash", () => {
    const old = stateOf(user.properties, { user: "u", plaintextPassword: "a" });
    assert.equal(old.plaintextPassword, "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb");
    assert.deepEqual(changes(user.properties, old, { user: "u", plaintextPassword: "a" }), []);
    assert.equal(changes(user.properties, old, { user: "u", plaintextPassword: "b" }).length, 1);
  });

  it("counts what is not known, wholly or in part, as changed", () => {
    assert.deepEqual(
      changes(grant.properties, state, { ...toUser, privileges: ["SELECT", UNKNOWN] }).map(({ property }) => property),
      ["privileges"],
    );
    assert.deepEqual(
      changes(grant.properties, state, { ...toUser, user: UNKNOWN }).map(({ property }) => property),
      ["user"],
    );
    assert.deepEqual(changes(grant.properties, state, { ...toUser, user: UNKNOWN }, ["user"]), []);
  });
});

describe("the MySQL provider's configuration", () => {
  const given = {
    endpoint: "db:3307",
    username: "u",
    password: "p",
    tls: "skip-verify",
    maxOpenConns: "2",
    maxConnLifetimeSec: "60",
  };
  const environment = { ...process.env };

  beforeEach(() => {
    for (const name of [
      "MYSQL_ENDPOINT",
      "MYSQL_USERNAME",
      "MYSQL_PASSWORD",
      "MYSQL_TLS_CONFIG",
      "ALL_PROXY",
      "all_proxy",
    ])
      delete process.env[name];
  });

  after(() => {
    process.env = environment;
  });

  it("takes what it knows", () => {
    assert.deepEqual(checkConfig(given), []);
    assert.deepEqual(serverConfig(given), {
      address: { host: "db", port: 3307 },
      username: "u",
      password: "p",
      tls: "skip-verify",
      proxy: undefined,
      cleartextPassword: false,
    });
    assert.equal(serverConfig({ ...given, authenticationPlugin: "cleartext" }).cleartextPassword, true);
  });

  it("reads hosts, addresses and sockets", () => {
    const address = (endpoint: string) => serverConfig({ ...given, endpoint }).address;
    assert.deepEqual(address("db"), { host: "db", port: 3306 });
    assert.deepEqual(address("[::1]:3307"), { host: "::1", port: 3307 });
    assert.deepEqual(address("/run/mysqld/mysqld.sock"), { socketPath: "/run/mysqld/mysqld.sock" });
  });

  it("refuses what it does not know", () => {
    const refused = (more: Record<string, string>) =>
      checkConfig({ ...given, ...more }).map(({ property }) => property);
    assert.deepEqual(refused({ tls: "required" }), ["tls"]);
    assert.deepEqual(refused({ proxy: "http://proxy:1080" }), ["proxy"]);
    assert.deepEqual(refused({ authenticationPlugin: "sha2" }), ["authenticationPlugin"]);
    assert.deepEqual(refused({ maxOpenConns: "few", endpoint: "" }), ["endpoint", "maxOpenConns"]);
    assert.deepEqual(
      checkConfig({}).map(({ property }) => property),
      ["endpoint", "username"],
    );
    assert.deepEqual(refused({ endpoint: UNKNOWN, tls: UNKNOWN, maxOpenConns: UNKNOWN }), []);
  });

  it("is completed silently by the environment", () => {
    Object.assign(process.env, { MYSQL_ENDPOINT: "other:1", MYSQL_USERNAME: "v", ALL_PROXY: "socks5://proxy:1080" });
    assert.deepEqual(checkConfig({}), []);
    assert.deepEqual(serverConfig({}).address, { host: "other", port: 1 });
    assert.deepEqual(serverConfig(given).address, { host: "db", port: 3307 });
    assert.equal(serverConfig(given).proxy, "socks5://proxy:1080");
  });
});
