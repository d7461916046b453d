import assert from "node:assert/strict";
import { ApiError } from "../../../../clients/kubernetes/api";
import { Lease, withLease } from "../../../../clients/kubernetes/lease";
import { useClock } from "../../../support/clock";
import { FakeApi } from "../../../support/fake-mysql";
import { refused } from "../../../support/refusal";

const PATH = "/apis/coordination.k8s.io/v1/namespaces/n/leases/l";

describe("the lease", () => {
  const clock = useClock();
  let api: FakeApi;
  let one: Lease;
  let other: Lease;
  beforeEach(() => {
    api = new FakeApi();
    one = new Lease(api.api, PATH, "one");
    other = new Lease(api.api, PATH, "other");
  });
  const holder = (): unknown => api.object.spec?.holderIdentity;
  const annotations = (): unknown => api.object.metadata.annotations ?? {};

  it("that nobody has held yet is taken, for four seconds", async () => {
    assert.equal(await one.hold(), true);
    assert.deepEqual(api.object.spec, {
      holderIdentity: "one",
      leaseDurationSeconds: 4,
      renewTime: "2030-01-01T00:00:00.000000Z",
    });
    assert.deepEqual(api.paths, [`get ${PATH}`, `patch ${PATH}`]);
    assert.equal(one.holderSeen, "one");
  });

  it("is held by one at a time, and renewed only by that one", async () => {
    await one.hold();
    clock.pass(3000);
    assert.deepEqual([await other.hold(), await one.hold()], [false, true]);
    assert.equal(api.object.spec?.renewTime, "2030-01-01T00:00:03.000000Z");
    clock.pass(3000);
    assert.deepEqual([await other.hold(), holder(), other.holderSeen], [false, "one", "one"]);
  });

  it("that has expired is taken by another, and not earlier", async () => {
    await one.hold();
    assert.equal(await other.hold(), false);
    clock.pass(4000);
    assert.equal(await other.hold(), false);
    clock.pass(1);
    assert.deepEqual([await other.hold(), holder()], [true, "other"]);
    assert.equal(await one.hold(), false);
  });

  it("counts from when a renewal is seen, whatever the holder's clock shows", async () => {
    for (const renewTime of ["2020-01-01T00:00:00.000000Z", "2040-01-01T00:00:00.000000Z"]) {
      api.object = {
        metadata: { resourceVersion: "9" },
        spec: { holderIdentity: "one", leaseDurationSeconds: 4, renewTime },
      };
      assert.equal(await other.hold(), false);
      clock.pass(4001);
      assert.equal(await other.hold(), true);
    }
  });

  it("is certainly held for three seconds after the request, and no longer once it is handed over or lost", async () => {
    assert.equal(one.isHeld, false);
    await one.hold();
    clock.pass(2999);
    assert.equal(one.isHeld, true);
    clock.pass(1);
    assert.equal(one.isHeld, false);
    await one.hold();
    await one.release();
    assert.equal(one.isHeld, false);
    await one.hold();
    await other.ask();
    await one.look();
    await one.handOver();
    assert.equal(one.isHeld, false);
    await other.release();
    await one.hold();
    Object.assign(api.object.spec ?? {}, { holderIdentity: "other" });
    assert.deepEqual([await one.hold(), one.isHeld], [false, false]);
  });

  it("stays held if a note came between", async () => {
    await one.hold();
    api.beforePatch = () => {
      api.beforePatch = () => undefined;
      api.object.metadata.resourceVersion = "99";
    };
    assert.deepEqual([await one.hold(), one.isHeld], [false, true]);
  });

  it("is not taken if another process was faster", async () => {
    api.beforePatch = () => {
      api.beforePatch = () => undefined;
      api.object = {
        metadata: { resourceVersion: "9" },
        spec: { holderIdentity: "other", leaseDurationSeconds: 4, renewTime: new Date().toISOString() },
      };
    };
    assert.deepEqual([await one.hold(), holder()], [false, "other"]);
  });

  it("is not taken silently if the API server fails", async () => {
    api.beforePatch = () => {
      throw new ApiError(500, "etcd is gone");
    };
    await assert.rejects(one.hold(), { message: "etcd is gone" });
  });

  it("is handed over to the process that asks, which need not wait until it expires", async () => {
    await one.hold();
    await other.ask();
    assert.deepEqual(annotations(), { "nacos-platform/wanted-by": "other" });
    await one.look();
    assert.deepEqual([await one.handOver(), holder(), annotations()], [true, "other", {}]);
    assert.deepEqual([await other.hold(), await one.hold()], [true, false]);
  });

  it("is not handed over if nobody asks, or the holder itself did", async () => {
    await one.hold();
    assert.equal(await one.handOver(), false);
    await one.ask();
    assert.deepEqual([await one.handOver(), holder()], [false, "one"]);
  });

  it("is not handed over on what was seen before it changed", async () => {
    await one.hold();
    await other.ask();
    await one.look();
    await other.note({ paused: "for now" });
    assert.deepEqual([await one.handOver(), holder()], [false, "one"]);
  });

  it("is released by its holder, and by no other", async () => {
    await one.hold();
    await other.release();
    assert.equal(holder(), "one");
    await one.release();
    assert.equal(holder(), "");
    assert.equal(await other.hold(), true);
  });

  it("has notes, which outlive its holders until they are removed", async () => {
    await one.note({ paused: "by one", rejoin: "mysql-1" });
    await other.hold();
    api.object.metadata.annotations = { ...api.object.metadata.annotations, "example.org/not": "ours" };
    assert.deepEqual(await one.look(), { paused: "by one", rejoin: "mysql-1" });
    await one.note({ rejoin: "" });
    assert.deepEqual([one.notes, await other.look()], [{ paused: "by one" }, { paused: "by one" }]);
  });

  describe("for the time of some work", () => {
    const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

    it("is held, renewed every second, and released", async () => {
      const renewals: unknown[] = [];
      const result = await withLease(one, 30, async () => {
        await pause(3500);
        renewals.push(holder(), api.object.spec?.renewTime);
        return 42;
      });
      assert.deepEqual([result, renewals, holder()], [42, ["one", "2030-01-01T00:00:03.000000Z"], ""]);
    });

    it("is released if the work fails", async () => {
      await assert.rejects(
        withLease(one, 30, () => Promise.reject(new Error("refused"))),
        { message: "refused" },
      );
      assert.equal(holder(), "");
      await pause(5000);
      assert.equal(holder(), "");
    });

    it("is asked for once, and worked under as soon as it is handed over", async () => {
      await other.hold();
      const renewal = setInterval(() => void other.hold(), 1000);
      const work = withLease(one, 30, () => Promise.resolve([holder(), clock.elapsed]));
      await pause(2050);
      assert.deepEqual(annotations(), { "nacos-platform/wanted-by": "one" });
      await other.look();
      assert.equal(await other.handOver(), true);
      clearInterval(renewal);
      assert.deepEqual(await work, ["one", 2100]);
      assert.deepEqual([holder(), annotations()], ["", {}]);
    });

    it("is not waited for longer than asked, and nothing is done then", async () => {
      await other.hold();
      const renewal = setInterval(() => void other.hold(), 1000);
      await assert.rejects(
        withLease(one, 10, () => assert.fail("worked")),
        refused("MYSQL_LEASE_HELD", "other", "10 s"),
      );
      clearInterval(renewal);
      assert.deepEqual([holder(), clock.elapsed > 10_000 && clock.elapsed < 10_300], ["other", true]);
    });
  });
});
