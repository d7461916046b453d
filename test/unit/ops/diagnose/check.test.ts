import assert from "node:assert/strict";
import { problem, run, UNREADABLE, watchOne, worst } from "../../../../ops/diagnose/check";
import type { World } from "../../../../ops/diagnose/world";

describe("a check of `ops diagnose`", () => {
  const world = {} as World;

  it("has the verdict of its worst problem", async () => {
    const problems = [problem("watch", "a", "b"), problem("stop", "c", "d"), problem("escalate", "e", "f")];
    const check = { name: "pods", look: () => Promise.resolve({ summary: "3 pods", problems }) };
    assert.deepEqual(await run(check, world, 1000), { name: "pods", verdict: "stop", summary: "3 pods", problems });
    assert.equal(worst([]), "ok");
    assert.equal(worst(["ok", "unknown"]), "unknown");
    assert.equal(worst(["watch", "unknown"]), "watch");
  });

  it("is unknown, with the reason, if it cannot be read or takes too long", async () => {
    const unknown = (reason: string) => ({
      name: "pods",
      verdict: "unknown",
      summary: "cannot be read",
      problems: [problem("unknown", reason, UNREADABLE)],
    });
    const failing = { name: "pods", look: () => Promise.reject(new Error("connect ECONNREFUSED")) };
    assert.deepEqual(await run(failing, world, 1000), unknown("connect ECONNREFUSED"));
    const hanging = { name: "pods", look: () => new Promise<never>(() => undefined) };
    assert.deepEqual(await run(hanging, world, 10), unknown("no answer within 0.01 s"));
  });

  it("watches one problem and escalates several", () => {
    const one = { reason: "nacos-0 is down", fix: "x" };
    assert.deepEqual(
      watchOne([one]).map(({ verdict }) => verdict),
      ["watch"],
    );
    assert.deepEqual(
      watchOne([one, one]).map(({ verdict }) => verdict),
      ["escalate", "escalate"],
    );
  });
});
