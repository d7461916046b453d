import assert from "node:assert/strict";
import { Lease } from "../../../../clients/kubernetes/lease";
import { Controller } from "../../../../runtime/mysql-controller/main";
import { pause } from "../../../../clients/pause";
import { useClock } from "../../../support/clock";
import { FakeApi, following, gtids, serverSet, type FakeSet } from "../../../support/fake-mysql";

const NOTE = "nacos-platform/";

/** A controller at work on a set of servers, until the test ends. */
class Running {
  readonly set: FakeSet;
  readonly lease = new FakeApi();
  readonly controller: Controller;
  /** What is wrong with certificates. */
  certificates: string[] = [];

  constructor(count: number, failover: "automatic" | "manual" = "automatic") {
    this.set = serverSet(count);
    const notebook = new Lease(this.lease.api, "/lease", "controller");
    this.controller = new Controller(
      Object.assign(this.set.topology, { notebook }),
      notebook,
      failover === "automatic",
      undefined,
      () => this.certificates,
    );
  }

  start(): this {
    void this.controller.run();
    return this;
  }

  /** Kills the primary, as the others notice it. */
  killPrimary(): void {
    const [primary, ...others] = this.set.servers;
    primary.up = false;
    for (const server of others) server.replica = following("mysql-0", { connected: false });
  }

  note(key: string, text: string | undefined): void {
    this.lease.object.metadata.annotations = { ...this.lease.object.metadata.annotations };
    if (text === undefined) delete this.lease.object.metadata.annotations[NOTE + key];
    else this.lease.object.metadata.annotations[NOTE + key] = text;
  }

  noted(key: string): string | undefined {
    return this.lease.object.metadata.annotations?.[NOTE + key];
  }

  get holder(): unknown {
    return this.lease.object.spec?.holderIdentity;
  }
}

async function until(isSo: () => boolean): Promise<void> {
  for (let looks = 0; !isSo(); looks++) {
    assert.ok(looks < 10_000, "in vain");
    await pause(50);
  }
}

describe("a controller", () => {
  const clock = useClock();
  let running: Running | undefined;
  const run = (...args: ConstructorParameters<typeof Running>): Running => (running = new Running(...args)).start();
  afterEach(() => running?.controller.stop());

  it("puts the servers right once it holds the lease", async () => {
    const { set, controller } = run(3);
    set.servers[0].writable = false;
    await until(() => set.servers[0].writable);
    assert.deepEqual(set.logged, ["holds the lease", "mysql-0 is the declared primary: it becomes writable now"]);
    assert.deepEqual(
      [controller.state, controller.alive],
      [{ leads: true, problems: 0, isPaused: false, errant: 0 }, true],
    );
  });

  it("changes nothing while another controller holds it, and continues when that one is gone", async () => {
    const other = new Running(2);
    running = other;
    const renew = (): void =>
      void (other.lease.object.spec = {
        holderIdentity: "other",
        renewTime: new Date().toISOString(),
        leaseDurationSeconds: 4,
      });
    renew();
    const renewal = setInterval(renew, 1000);
    other.set.servers[0].writable = false;
    other.start();
    await pause(20_000);
    assert.deepEqual(
      [other.set.journal, other.controller.state],
      [[], { leads: false, problems: 0, isPaused: false, errant: 0 }],
    );
    clearInterval(renewal);
    await until(() => other.set.servers[0].writable);
    assert.equal(other.holder, "controller");
  });

  it("fails over when the primary has been silent for seconds, and notes it", async () => {
    const { set, controller } = run(3);
    await until(() => controller.state.leads);
    const died = clock.elapsed;
    running?.killPrimary();
    await until(() => set.declared.primary !== "mysql-0");
    assert.ok(clock.elapsed - died >= 2500 && clock.elapsed - died < 5000, `${clock.elapsed - died} ms`);
    await until(() => running?.noted("last-failover") !== undefined);
    assert.match(
      running?.noted("last-failover") ?? "",
      /^2030-01-01T00:00:0\d\.\d+Z mysql-0 to mysql-1: mysql-0 does not answer$/,
    );
  });

  it("ignores it if it is unreachable for a moment", async () => {
    const { set, controller } = run(3);
    await until(() => controller.state.leads);
    for (let times = 0; times < 5; times++) {
      running?.killPrimary();
      await pause(2000);
      set.servers[0].up = true;
      for (const server of set.servers.slice(1)) server.replica = following("mysql-0");
      await pause(2000);
    }
    assert.equal(set.declared.primary, "mysql-0");
  });

  describe("after the last failover", () => {
    /** How long after the note the next failover comes, in ms. */
    async function wait(note: string, seenBefore = 0): Promise<number> {
      const { set, controller } = run(3);
      await until(() => controller.state.leads);
      running?.note("settling", note);
      await pause(seenBefore);
      const noted = clock.elapsed;
      running?.killPrimary();
      await until(() => set.declared.primary !== "mysql-0");
      assert.ok(set.logged.some((line) => line.includes("the next one waits until the servers have settled, 60 s")));
      return clock.elapsed - noted;
    }

    for (const [what, note] of [
      ["though the clock that noted it is years ahead", "2040-01-01T00:00:00.000Z mysql-1 to mysql-0: a test"],
      ["or years behind", "2020-01-01T00:00:00.000Z mysql-1 to mysql-0: a test"],
    ] as const)
      it(`waits a minute, ${what}`, async () => {
        const waited = await wait(note);
        assert.ok(waited >= 60_000 && waited < 65_000, `${waited} ms`);
      });

    it("counts from when it first saw the note", async () => {
      const waited = await wait("2030-01-01T00:00:00.000Z mysql-1 to mysql-0: a test", 40_000);
      assert.ok(waited >= 20_000 - 1000 && waited < 25_000, `${waited} ms`);
    });

    it("waits no longer once the servers have settled, whatever the record says", async () => {
      const { set, controller } = run(3);
      await until(() => controller.state.leads);
      running?.note("last-failover", "2040-01-01T00:00:00.000Z mysql-1 to mysql-0: a test");
      running?.note("settling", "2040-01-01T00:00:00.000Z mysql-1 to mysql-0: a test");
      await until(() => running?.noted("settling") === undefined);
      const died = clock.elapsed;
      running?.killPrimary();
      await until(() => set.declared.primary !== "mysql-0");
      assert.ok(clock.elapsed - died < 5000, `${clock.elapsed - died} ms`);
    });
  });

  describe("that sees less than half of the servers", () => {
    /** A controller that reaches the API server and no server but these. */
    async function blind(visible: readonly number[], failover?: "manual"): Promise<FakeSet> {
      const { set, controller } = run(3, failover);
      await until(() => controller.state.leads);
      for (const [ordinal, server] of set.servers.entries()) server.up = visible.includes(ordinal);
      return set;
    }

    for (const visible of [[], [0]])
      it(`(${visible.length}) releases the lease after ten seconds, and leaves it to others for a while`, async () => {
        const set = await blind(visible);
        const began = clock.elapsed;
        await until(() => running?.holder === "");
        assert.ok(clock.elapsed - began >= 10_000 && clock.elapsed - began < 15_000, `${clock.elapsed - began} ms`);
        assert.ok(
          set.logged.includes(
            `releases the lease: it has seen ${visible.length} of 3 server(s) for 10 s, and another controller may see more`,
          ),
        );
        await pause(14_000);
        assert.equal(running?.holder, "");
        await until(() => running?.holder === "controller");
      });

    it("keeps the lease if there is no other controller", async () => {
      await blind([], "manual");
      await pause(60_000);
      assert.equal(running?.holder, "controller");
    });

    it("keeps the lease if it is half of them, or only for a moment", async () => {
      const set = await blind([1, 2]);
      await pause(9000);
      set.servers[2].up = false;
      await pause(9000);
      set.servers[2].up = true;
      await pause(9000);
      assert.equal(running?.holder, "controller");
    });
  });

  it("reports with its code why it does not fail over", async () => {
    const { set, controller } = run(3);
    await until(() => controller.state.leads);
    running?.killPrimary();
    set.servers[1].up = false;
    await until(() =>
      set.logged.some((line) =>
        /problem: .*no answer from mysql-1.* \[MYSQL_NO_QUORUM: docs\/runbooks\/mysql-failover\.md\]$/.test(line),
      ),
    );
    assert.equal(set.declared.primary, "mysql-0");
  });

  it("never fails over to an empty server: a new set waits for its primary, which starts last, and no failover is noted", async () => {
    const starting = new Running(3);
    running = starting;
    for (const server of starting.set.servers)
      Object.assign(server, { writable: false, waitsForReplicas: false, replica: undefined, executed: gtids("") });
    starting.set.servers[0].up = false;
    starting.start();
    await pause(60_000);
    assert.deepEqual(
      [starting.set.declared.primary, starting.set.logged.at(-1)],
      ["mysql-0", "problem: mysql-0 does not answer; no other server has data: waiting for mysql-0"],
    );
    starting.set.servers[0].up = true;
    await until(() => starting.set.servers[0].writable);
    assert.deepEqual([starting.set.declared.primary, starting.noted("last-failover")], ["mysql-0", undefined]);
  });

  it("never fails over if that is an operator's decision, and reports what is wrong", async () => {
    const { set, controller } = run(3, "manual");
    await until(() => controller.state.leads);
    running?.killPrimary();
    await pause(300_000);
    assert.deepEqual([set.declared.primary, controller.state.problems], ["mysql-0", 1]);
    assert.equal(set.logged.at(-1), "problem: mysql-0 does not answer");
  });

  it("tells of a certificate that ends, while all servers are as declared", async () => {
    const { set, controller } = run(2);
    await until(() => controller.state.leads);
    if (running !== undefined) running.certificates = ["the certificate of mysql-0 ends soon"];
    await until(() => controller.state.problems === 1);
    assert.equal(set.logged.at(-1), "problem: the certificate of mysql-0 ends soon");
    assert.equal(set.declared.primary, "mysql-0");
  });

  it("does nothing while it is paused, and continues afterwards", async () => {
    const { set, controller } = run(3);
    await until(() => controller.state.leads);
    running?.note("paused", "2030-01-01T00:00:00.000Z by me: a test");
    await pause(1000);
    running?.killPrimary();
    await pause(300_000);
    assert.deepEqual(
      [set.declared.primary, set.logged.at(-1)],
      ["mysql-0", "problem: paused: 2030-01-01T00:00:00.000Z by me: a test"],
    );
    running?.note("paused", undefined);
    await until(() => set.declared.primary !== "mysql-0");
  });

  it("hands the lease to a process that asks for it, and does nothing until it comes back", async () => {
    const { set, controller } = run(2);
    await until(() => controller.state.leads);
    running?.note("wanted-by", "ops");
    await until(() => running?.holder === "ops");
    set.servers[0].writable = false;
    await pause(3000);
    assert.deepEqual([set.servers[0].writable, running?.noted("wanted-by")], [false, undefined]);
    await until(() => set.servers[0].writable);
    assert.equal(running?.holder, "controller");
  });

  it("hands it over while a clone runs, which continues", async () => {
    const { set, controller } = run(2);
    await until(() => controller.state.leads);
    const [, server] = set.servers;
    let end = (): void => undefined;
    server.before = (statement) => {
      if (!statement.startsWith("CLONE")) return undefined;
      server.cloning = true;
      return new Promise<void>((resolve) => (end = resolve));
    };
    Object.assign(server, { executed: gtids(""), replica: undefined });
    await until(() => server.cloning);
    running?.note("wanted-by", "ops");
    await until(() => running?.holder === "ops");
    end();
    await until(() => !server.up);
    assert.equal(set.logged.at(-1), "mysql-1 is cloned and restarts on the new data");
  });

  it("continues after a pass that failed", async () => {
    const { set, controller } = run(2);
    await until(() => controller.state.leads);
    set.servers[0].writable = false;
    const read = set.topology.declaration.read.bind(set.topology.declaration);
    let looks = 0;
    Object.assign(set.topology.declaration, {
      read: () => (looks++ < 3 ? Promise.reject(new Error("the API server is away")) : read()),
    });
    await until(() => set.servers[0].writable);
    assert.ok(set.logged.includes("problem: Error: the API server is away"));
  });

  it("releases the lease when it receives the signal to end", async () => {
    const { controller } = run(2);
    await until(() => controller.state.leads);
    await controller.stop();
    await pause(10_000);
    assert.deepEqual([running?.holder, controller.state.leads], ["", false]);
  });
});
