import assert from "node:assert/strict";
import { demote, disconnectClients, follow, promote } from "../../../../ops/mysql/roles";
import type { Server } from "../../../../ops/mysql/server";
import { serverSet, type FakeServer } from "../support";

const real = (server: FakeServer): Server => server as unknown as Server;

describe("a server that is made the primary", () => {
  it("waits for its replicas before its first write, for as many as make a majority", async () => {
    for (const [count, acknowledgements] of [[2, 1], [3, 1], [4, 2], [5, 2]]) {
      const { topology, servers } = serverSet(count);
      await promote(topology, real(servers[1]));
      assert.deepEqual(servers[1].statements, [
        "STOP REPLICA",
        "RESET REPLICA ALL",
        `SET GLOBAL rpl_semi_sync_source_wait_for_replica_count = ${acknowledgements}`,
        "SET GLOBAL rpl_semi_sync_source_enabled = ON",
        "SET GLOBAL read_only = OFF",
      ]);
    }
  });

  it("waits for nobody where it is alone", async () => {
    const { topology, servers: [server] } = serverSet(1);
    Object.assign(server, { writable: false });
    await promote(topology, real(server));
    assert.deepEqual([server.writable, server.waitsForReplicas], [true, false]);
  });

  it("takes no writes where it cannot be told to wait for replicas", async () => {
    const { topology, servers: [, server] } = serverSet(2);
    server.before = (statement) => (statement.includes("semi_sync_source_enabled") ? Promise.reject(new Error("Unknown system variable")) : undefined);
    await assert.rejects(promote(topology, real(server)), /Unknown system variable/);
    assert.equal(server.writable, false);
  });
});

describe("a server that is made to follow", () => {
  it("is read-only first, and checks whom it follows", async () => {
    const { topology, servers } = serverSet(2);
    await follow(topology, real(servers[0]), real(servers[1]));
    assert.deepEqual(servers[0].statements, [
      "SET GLOBAL super_read_only = ON",
      "STOP REPLICA",
      "SET GLOBAL rpl_semi_sync_source_enabled = OFF",
      "CHANGE REPLICATION SOURCE TO SOURCE_HOST = 'mysql-1.example', SOURCE_PORT = 3306, SOURCE_USER = 'replication', SOURCE_PASSWORD = 'it\\'s', " +
        "SOURCE_AUTO_POSITION = 1, SOURCE_SSL = 1, SOURCE_SSL_CA = '/tls/ca.crt', SOURCE_SSL_VERIFY_SERVER_CERT = 1, " +
        "SOURCE_HEARTBEAT_PERIOD = 1, SOURCE_CONNECT_RETRY = 1, SOURCE_RETRY_COUNT = 0",
      "START REPLICA",
    ]);
  });
});

describe("a server whose writes are taken away", () => {
  it("loses its clients before and after, so that none hears of a commit that nobody acknowledged", async () => {
    const { servers: [server], journal } = serverSet(2);
    server.clients = [7, 9];
    await demote(real(server), await server.state());
    const clients = ["mysql-0: look for clients", "mysql-0: kill 7", "mysql-0: kill 9"];
    assert.deepEqual(journal, [...clients, "mysql-0: super_read_only = ON", ...clients]);
    assert.equal(server.writable, false);
  });

  it("is left alone where it takes none", async () => {
    const { servers: [, replica], journal } = serverSet(2);
    await demote(real(replica), await replica.state());
    assert.deepEqual(journal, []);
  });
});

describe("clients that are cut off", () => {
  const asked = "SELECT ID AS id FROM performance_schema.processlist WHERE ID <> CONNECTION_ID() AND USER NOT IN ('system user', 'event_scheduler', 'platform_control') AND COMMAND NOT LIKE 'Binlog Dump%'";

  it("are all but replication, the scheduler and the controllers", async () => {
    const { servers: [server] } = serverSet(2);
    server.clients = [7];
    await disconnectClients(real(server));
    assert.deepEqual(server.statements, [asked, "KILL CONNECTION ?"]);
  });

  it("may have left by themselves, and no other error is overlooked", async () => {
    const { servers: [server], journal } = serverSet(2);
    server.clients = [7, 9];
    const failing = (errno: number) => (statement: string) => (statement.startsWith("KILL") ? Promise.reject(Object.assign(new Error(`errno ${errno}`), { errno })) : undefined);
    server.before = failing(1094);
    await disconnectClients(real(server));
    assert.deepEqual(journal.slice(-2), ["mysql-0: kill 7", "mysql-0: kill 9"]);
    server.before = failing(1095);
    await assert.rejects(disconnectClients(real(server)), /errno 1095/);
  });
});
