import assert from "node:assert/strict";
import { ApiError } from "../../../../clients/kubernetes/api";
import {
  copiedAt,
  type CopiedAt,
  shippingProblems,
  ShippingWatch,
} from "../../../../runtime/mysql-controller/shipping";
import { useClock } from "../../../support/clock";

const MINUTE = 60_000;

describe("The copies of binary logs", () => {
  const clock = useClock();

  it("are as late as the server's container last reported, if it has done so lately", async () => {
    const asked: string[] = [];
    const of = (answer: Promise<string>): Promise<number | undefined> =>
      copiedAt({ text: (path) => (asked.push(path), answer) }, "n", "mysql-1");
    const log = "binlogs: late by 0 s\nbinlogs: copied x\nERROR : binlogs: late by 1 s\nbinlogs: late by 75 s\nERROR\n";
    assert.equal(await of(Promise.resolve(log)), Date.now() - 75_000);
    assert.equal(await of(Promise.resolve("binlogs: copied x\n")), undefined);
    for (const status of [400, 404]) assert.equal(await of(Promise.reject(new ApiError(status, "not yet"))), undefined);
    await assert.rejects(of(Promise.reject(new ApiError(403, "forbidden"))), /forbidden/);
    assert.equal(asked[0], "/api/v1/namespaces/n/pods/mysql-1/log?container=binlogs&sinceSeconds=150");
  });

  it("are a problem of each server that is late for more than five minutes, or whose lateness is unknown", () => {
    const now = 100 * MINUTE;
    const copied = new Map<string, CopiedAt>([
      ["mysql-0", now - 5 * MINUTE],
      ["mysql-1", now - 6 * MINUTE],
      ["mysql-2", undefined],
      ["mysql-3", new Error("forbidden")],
    ]);
    assert.deepEqual(shippingProblems(copied, now), [
      "mysql-1 has not copied all of its binary logs off-site for 6 minutes: `kubectl logs mysql-1 -c binlogs` shows why",
      "mysql-2 does not report the copies of its binary logs: `kubectl logs mysql-2 -c binlogs` shows why",
      "the reports of mysql-3 on its binary logs cannot be read: forbidden",
    ]);
  });

  it("are watched: a server that stops reporting becomes a problem, and is none when it reports again", async () => {
    const reports = new Map([
      ["mysql-0", true],
      ["mysql-1", false],
    ]);
    const watch = new ShippingWatch([...reports.keys()], (server) =>
      reports.get(server) ? Promise.resolve(Date.now() - 10_000) : Promise.reject(new Error("unreachable")),
    );
    const late = async (): Promise<unknown[]> => {
      await watch.look();
      return watch.metrics().map(({ name, labels, value }) => [name, labels?.server, value]);
    };
    clock.pass(5 * MINUTE);
    assert.deepEqual(await late(), [
      ["binlogs_late_seconds", "mysql-0", 10],
      ["binlogs_late_seconds", "mysql-1", 300],
    ]);
    assert.deepEqual(watch.problems(), []);
    clock.pass(MINUTE);
    await late();
    const problems = watch.problems();
    assert.match(problems.join(), /^mysql-1 has not copied all of its binary logs off-site for more than 5 minutes: /);
    clock.pass(MINUTE);
    await late();
    assert.deepEqual(watch.problems(), problems);
    reports.set("mysql-1", true);
    await late();
    assert.deepEqual(watch.problems(), []);
  });
});
