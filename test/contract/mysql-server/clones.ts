import assert from "node:assert/strict";
import { escape } from "mysql2";
import { pause } from "../../../clients/pause";
import { cloneFrom } from "../../../runtime/mysql-controller/clone";
import { follow, followOn, promote } from "../../../runtime/mysql-controller/roles";
import type { Server } from "../../../runtime/mysql-controller/server";
import { replicating } from "./replication";
import { errnoOf, eventually, started, stateOf, usePair, type Pair } from "./pair";

const FOLDER = "/var/lib/mysql/cloned";

/** A server that gets another's data. */
export function describeClones(make: () => Promise<Pair>): void {
  describe("that is cloned", () => {
    const on = usePair(make, replicating);
    const primary = () => on().tested[0];
    const replica = () => on().tested[1];
    const clone = (donor: string, password = on().topology.control.password) =>
      `CLONE INSTANCE FROM ${escape(on().topology.control.user)}@${escape(donor)}:3306 IDENTIFIED BY ${escape(password)} DATA DIRECTORY = ${escape(FOLDER)} REQUIRE SSL`;
    const allowed = (server: Server, donor: string) =>
      server.run(`SET GLOBAL clone_valid_donor_list = ${escape(`${donor}:3306`)}`);
    const down = ({ server }: { server: Server }) =>
      eventually(async () => assert.equal(await server.stateIfUp(), undefined));

    it("refuses a donor that is not in its list, that refuses the account, or that is unreachable, and leaves no folder", async () => {
      const [
        { server },
        {
          server: { host },
        },
      ] = [replica(), primary()];
      const before = await server.state();
      assert.equal(await errnoOf(server.query(clone(host))), 3869);
      await allowed(server, host);
      assert.equal(await errnoOf(server.query(clone(host, "wrong"))), 3862);
      await allowed(server, "127.255.255.254");
      assert.equal(await errnoOf(server.query(clone("127.255.255.254"))), 3862);
      assert.deepEqual(await server.state(), before);
    });

    it("stays as it is until it starts again; then it is another server with the donor's data, and replicates from no source", async () => {
      const { uuid } = await replica().server.state();
      await (await primary().connect()).commit();
      const donor = await primary().server.state();
      await cloneFrom(on().topology, replica().server, primary().server, "discard");
      await down(replica());
      await replica().start();
      const { replica: state, executed, ...rest } = await eventually(() => replica().server.state());
      assert.deepEqual([state, executed, rest.writable, rest.waitsFor], [undefined, donor.executed, false, 0]);
      assert.ok(![uuid, donor.uuid].includes(rest.uuid));
    });

    it("replicates from the donor afterwards", async () => {
      await follow(on().topology, replica().server, primary().server);
      await stateOf(replica(), { connected: true, applying: true });
      await (await primary().connect()).commit();
    });

    it("starts again if a clone has left its folder, and refuses another one until then", async () => {
      const [{ server }, { server: donor }] = [replica(), primary()];
      const { uuid } = await server.state();
      await allowed(server, donor.host);
      await server.query(clone(donor.host), [], 60_000);
      assert.equal((await server.state()).uuid, uuid);
      assert.equal(await errnoOf(cloneFrom(on().topology, server, donor, "discard")), 1007);
      await down(replica());
      await replica().start();
      assert.notEqual((await eventually(() => server.state())).uuid, uuid); // that clone is complete
      await follow(on().topology, server, donor);
      await stateOf(replica(), { connected: true, applying: true });
    });

    it("from a replica, has settings without their logs: no start of them succeeds, and a new source is accepted", async () => {
      const [{ server }, { server: donor }] = [primary(), replica()];
      await cloneFrom(on().topology, server, donor, "keep");
      await down(primary());
      await primary().start();
      const { replica: state } = await stateOf(primary(), { receiving: false, connected: false, applying: false });
      assert.deepEqual(
        [state?.source, state?.user, state?.retrieved.isEmpty],
        [server.host, on().topology.replication.user, true],
      );
      for (const statement of ["START REPLICA", "START REPLICA IO_THREAD", "START REPLICA SQL_THREAD"])
        assert.equal(await errnoOf(server.query(statement)), 1872, statement);
      assert.equal(await followOn(on().topology, server, donor), false);
      await follow(on().topology, server, donor);
      await stateOf(primary(), { connected: true, applying: true });
    });

    it("does not end while a commit of its donor waits", async () => {
      const [{ server: donor }, { server }] = [replica(), primary()];
      await server.run("STOP REPLICA");
      await promote(on().topology, donor);
      const commit = started((await replica().connect()).commit());
      await eventually(async () =>
        assert.equal((await donor.state()).logged.minus((await donor.state()).executed).size, 1),
      );
      await allowed(server, donor.host);
      const long = server.another();
      const cloned = started(long.query(clone(donor.host), [], 60_000));
      await eventually(async () => assert.equal((await server.state()).cloning, true));
      await pause(3000); // longer than the clone itself
      assert.deepEqual([cloned.isOver, commit.isOver, (await server.state()).cloning], [false, false, true]);
      await donor.run("SET GLOBAL rpl_semi_sync_source_enabled = OFF");
      assert.deepEqual([await commit.end, await cloned.end], ["done", "done"]);
      await eventually(async () => assert.equal((await server.state()).cloning, false));
      long.close();
    });
  });
}
