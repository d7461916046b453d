import assert from "node:assert/strict";
import { demote, disconnectClients, follow, followAsItself, promote } from "../../../../runtime/mysql-controller/roles";
import { useClock } from "../../../support/clock";
import { following, madeReadOnly, serverSet, type FakeSet } from "../../../support/fake-mysql";
import { refused } from "../../../support/refusal";

describe("a server that is promoted", () => {
  it("waits for its replicas before its first write, for as many as make a majority", async () => {
    for (const [count, acknowledgements] of [
      [2, 1],
      [3, 1],
      [4, 2],
      [5, 2],
    ]) {
      const { topology, servers } = serverSet(count);
      await promote(topology, servers[1]);
      assert.deepEqual(servers[1].statements, [
        "STOP REPLICA",
        "RESET REPLICA ALL",
        `SET GLOBAL rpl_semi_sync_source_wait_for_replica_count = ${acknowledgements}`,
        "SET GLOBAL rpl_semi_sync_source_enabled = ON",
        "SET GLOBAL read_only = OFF",
      ]);
    }
  });

  it("waits for no replica if there is none", async () => {
    const {
      topology,
      servers: [server],
    } = serverSet(1);
    Object.assign(server, { writable: false });
    await promote(topology, server);
    assert.deepEqual([server.writable, server.waitsForReplicas], [true, false]);
  });

  it("does not become writable if it cannot be set to wait for replicas", async () => {
    const {
      topology,
      servers: [, server],
    } = serverSet(2);
    server.before = (statement) =>
      statement.includes("semi_sync_source_enabled") ? Promise.reject(new Error("Unknown system variable")) : undefined;
    await assert.rejects(promote(topology, server), /Unknown system variable/);
    assert.equal(server.writable, false);
  });
});

describe("a server that is made a replica", () => {
  it("is read-only first, and validates its source", async () => {
    const { topology, servers } = serverSet(2);
    await follow(topology, servers[0], servers[1]);
    assert.deepEqual(servers[0].statements, [
      "SET GLOBAL super_read_only = ON",
      "STOP REPLICA",
      "RESET REPLICA ALL",
      "SET GLOBAL rpl_semi_sync_source_enabled = OFF",
      "CHANGE REPLICATION SOURCE TO SOURCE_HOST = 'mysql-1.example', SOURCE_PORT = 3306, SOURCE_USER = 'replica', SOURCE_PASSWORD = 'it\\'s', " +
        "SOURCE_AUTO_POSITION = 1, SOURCE_SSL = 1, SOURCE_SSL_CA = '/tls/ca.crt', SOURCE_SSL_VERIFY_SERVER_CERT = 1, " +
        "SOURCE_HEARTBEAT_PERIOD = 1, SOURCE_CONNECT_RETRY = 1, SOURCE_RETRY_COUNT = 0",
      "START REPLICA USER = 'replica' PASSWORD = 'it\\'s'",
    ]);
  });

  it("uses the controller's account if the source does not have the replication account, and does not store it", async () => {
    for (const knows of [["it's own"], []]) {
      const { topology, servers } = serverSet(2);
      servers[1].knows = knows;
      await follow(topology, servers[0], servers[1]);
      assert.deepEqual(
        servers[0].statements.filter((statement) => statement.includes("it\\'s own")),
        ["START REPLICA USER = 'control' PASSWORD = 'it\\'s own'"],
      );
    }
  });

  const anew = (user: string, password: string) => [
    "STOP REPLICA IO_THREAD",
    `START REPLICA IO_THREAD USER = '${user}' PASSWORD = '${password}'`,
  ];
  const [its, own] = ["it's", "it's own"];
  const cases: [string, { as: string; code?: number; knows: string[] }, string[]][] = [
    [
      "uses the replication account as soon as it exists, and keeps what it has received",
      { as: "control", knows: [own, its] },
      anew("replica", "it\\'s"),
    ],
    ["waits for that account if it does not exist", { as: "control", knows: [own] }, []],
    ["stays with it", { as: "replica", knows: [own, its] }, []],
    ["keeps another account, if its source has neither of these", { as: "former", knows: [] }, []],
    [
      "continues with the controller's account if its source refuses the other",
      { as: "replica", code: 1045, knows: [own] },
      anew("control", "it\\'s own"),
    ],
    [
      "continues with the controller's account if its source has no free connection for others",
      { as: "replica", code: 1040, knows: [own] },
      anew("control", "it\\'s own"),
    ],
    [
      "uses the new password if there is one",
      { as: "replica", code: 1045, knows: [own, its] },
      anew("replica", "it\\'s"),
    ],
    ["waits for a source that is unreachable", { as: "replica", code: 2003, knows: [] }, []],
  ];
  for (const [title, { as, code, knows }, statements] of cases) {
    it(title, async () => {
      const { topology, servers } = serverSet(2);
      servers[0].knows = knows;
      const replica = following("mysql-0", {
        user: as,
        receiveError: code === undefined ? undefined : { code, message: "refused" },
      });
      servers[1].replica = replica;
      assert.equal(await followAsItself(topology, servers[1], replica, servers[0], true), statements.length > 0);
      assert.deepEqual(servers[1].statements, statements);
    });
  }

  it("is not disconnected while commits need it, unless its source refuses it", async () => {
    for (const code of [undefined, 1045]) {
      const { topology, servers } = serverSet(2);
      const replica = following("mysql-0", {
        user: "control",
        receiveError: code === undefined ? undefined : { code, message: "refused" },
      });
      assert.equal(await followAsItself(topology, servers[1], replica, servers[0], false), code !== undefined);
      assert.deepEqual(servers[1].statements, code === undefined ? [] : anew("replica", "it\\'s"));
    }
  });
});

describe("a server that is demoted", () => {
  const clock = useClock();
  const clients = ["mysql-0: look for clients", "mysql-0: kill 7", "mysql-0: kill 9"];

  /** A primary with clients, one of which waits for acknowledgements that keep it from being read-only. */
  function waiting(): FakeSet {
    const set = serverSet(2);
    const [server, replica] = set.servers;
    server.clients = [7, 9];
    replica.replica = following("mysql-0", { connected: false });
    server.commit(9).catch(() => undefined); // its connection is lost
    return set;
  }

  it("loses its clients while no client can begin to write, and those that connected meanwhile", async () => {
    const {
      topology,
      servers: [server],
      journal,
    } = serverSet(2);
    server.clients = [7, 9];
    let looks = 0;
    server.before = (statement) => void (statement.startsWith("SELECT ID") && looks++ === 1 && server.clients.push(11));
    assert.equal(await demote(topology, server, await server.state(), "await"), true);
    assert.deepEqual(journal, [
      ...madeReadOnly("mysql-0"),
      ...clients,
      "mysql-0: closed",
      "mysql-0: look for clients",
      "mysql-0: kill 11",
    ]);
    assert.deepEqual([server.writable, server.waitsForReplicas], [false, true]);
  });

  it("releases commits that get no acknowledgement, once no client can receive their result", async () => {
    const {
      topology,
      servers: [server],
      journal,
    } = waiting();
    await demote(topology, server, await server.state(), "release");
    const [session, lock, ...rest] = madeReadOnly("mysql-0");
    assert.deepEqual(journal, [
      session,
      lock,
      ...clients,
      "mysql-0: rpl_semi_sync_source_enabled = OFF",
      ...rest,
      "mysql-0: closed",
      "mysql-0: look for clients",
    ]);
    assert.deepEqual([server.writable, server.waitsForReplicas], [false, false]);
  });

  it("waits for acknowledgements that still arrive", async () => {
    const {
      topology,
      servers: [server, replica],
    } = waiting();
    const demoted = demote(topology, server, await server.state(), "await");
    setTimeout(() => replica.reconnect(), 1000);
    await demoted;
    assert.deepEqual([server.writable, server.waitsForReplicas], [false, true]);
  });

  it("stays writable if a client cannot be disconnected, and nothing is left waiting in it", async () => {
    const {
      topology,
      servers: [server],
      journal,
    } = waiting();
    server.before = (statement) =>
      statement.startsWith("KILL") ? Promise.reject(Object.assign(new Error("not owner"), { errno: 1095 })) : undefined;
    await assert.rejects(demote(topology, server, await server.state(), "release"), /not owner/);
    assert.deepEqual(journal.slice(-4), [
      "mysql-0: kill 7",
      "mysql-0: rpl_semi_sync_source_enabled = ON",
      "mysql-0: kill 99",
      "mysql-0: closed",
    ]);
    assert.deepEqual([server.writable, server.waitsForReplicas], [true, true]);
  });

  it("stays writable, and waits for replicas again, if something in it does not end", async () => {
    const {
      topology,
      servers: [server],
      journal,
    } = waiting();
    server.neverEnds = true;
    await assert.rejects(
      demote(topology, server, await server.state(), "release"),
      refused("MYSQL_DEMOTION_TIMEOUT", "mysql-0", "5 s"),
    );
    assert.deepEqual(journal.slice(-4), [
      "mysql-0: rpl_semi_sync_source_enabled = OFF",
      "mysql-0: rpl_semi_sync_source_enabled = ON",
      "mysql-0: kill 99",
      "mysql-0: closed",
    ]);
    assert.ok(clock.elapsed >= 5000);
  });

  it("is demoted also if it is read-only and its commits may still wait", async () => {
    const {
      topology,
      servers: [server],
      journal,
    } = serverSet(2);
    server.writable = false;
    await demote(topology, server, await server.state(), "release");
    assert.ok(journal.includes("mysql-0: rpl_semi_sync_source_enabled = OFF"));
  });

  it("is not touched if it is read-only", async () => {
    const {
      topology,
      servers: [, replica],
      journal,
    } = serverSet(2);
    assert.equal(await demote(topology, replica, await replica.state(), "release"), false);
    assert.deepEqual(journal, []);
  });

  it("gets a higher connection limit if all connections are in use", async () => {
    const {
      topology,
      servers: [server],
      journal,
    } = serverSet(2);
    server.free = -1;
    await demote(topology, server, await server.state(), "release");
    assert.equal(journal[0], "mysql-0: max_connections = @@GLOBAL.max_connections + 5");
    assert.equal(server.writable, false);
  });

  it("keeps waiting for replicas if it could not be made read-only", async () => {
    const {
      topology,
      servers: [server],
      journal,
    } = serverSet(2);
    server.before = (statement) =>
      statement.startsWith("FLUSH TABLES") ? Promise.reject(new Error("gone away")) : undefined;
    await assert.rejects(demote(topology, server, await server.state(), "release"), /gone away/);
    assert.ok(!journal.includes("mysql-0: rpl_semi_sync_source_enabled = OFF"));
    assert.deepEqual([server.writable, server.waitsForReplicas], [true, true]);
  });
});

describe("clients that are disconnected", () => {
  const asked =
    "SELECT ID AS id FROM performance_schema.processlist WHERE ID <> CONNECTION_ID() AND USER NOT IN ('system user', 'event_scheduler', 'platform_control') AND COMMAND NOT LIKE 'Binlog Dump%'";

  it("are all but replication, the scheduler and the controllers", async () => {
    const {
      servers: [server],
    } = serverSet(2);
    server.clients = [7];
    await disconnectClients(server);
    assert.deepEqual(server.statements, [asked, "KILL CONNECTION ?"]);
  });

  it("may have disconnected by themselves, and no other error is ignored", async () => {
    const {
      servers: [server],
      journal,
    } = serverSet(2);
    server.clients = [7, 9];
    const failing = (errno: number) => (statement: string) =>
      statement.startsWith("KILL") ? Promise.reject(Object.assign(new Error(`errno ${errno}`), { errno })) : undefined;
    server.before = failing(1094);
    await disconnectClients(server);
    assert.deepEqual(journal.slice(-2), ["mysql-0: kill 7", "mysql-0: kill 9"]);
    server.before = failing(1095);
    await assert.rejects(disconnectClients(server), /errno 1095/);
  });
});
