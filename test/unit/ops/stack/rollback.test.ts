import assert from "node:assert/strict";
import type { ErrorCode } from "../../../../contract/error-codes";
import { goalOf, requireSame, type Step, undone } from "../../../../ops/stack/rollback";
import { refused } from "../../../support/refusal";
import { deployment } from "./deployment";

const COMMIT = "a5a28ac13af22b9a21ce1a3ed7fabc33ec695192";
const at = (hour: number, over: Parameters<typeof deployment>[0] = {}) =>
  deployment({ startTime: `2026-11-30T${hour}:00:00.000Z`, ...over });
const other = { environment: { "git.head": "bbbb" } };

describe("stack rollback", () => {
  it("goes back to the last good deployment that differs from the newest", () => {
    const good = at(14);
    assert.equal(goalOf([at(18, { ...other, result: "failed" }), good, at(12)], undefined), good);
    assert.equal(goalOf([at(18, other), at(17, other), at(16, { result: "failed" }), good], undefined), good);
    assert.equal(goalOf([at(18, other), at(17, { kind: "destroy" }), good], undefined), good);
    assert.equal(goalOf([at(18, { config: {} }), good], undefined), good);
    assert.equal(goalOf([at(18, other), at(17), good], good.startTime), good);
  });

  it("knows no deployment that failed, that is the newest, or that does not exist", () => {
    const all = [at(18), at(17, { ...other, result: "failed" }), at(16)];
    for (const to of [undefined, all[0].startTime, all[1].startTime, "yesterday"])
      assert.throws(() => goalOf(all, to), refused("STACK_ROLLBACK_UNKNOWN", "stack history"));
    assert.throws(() => goalOf([], undefined), refused("STACK_ROLLBACK_UNKNOWN"));
  });

  it("needs the commit and the configuration of that deployment here", () => {
    const here = { commit: COMMIT, isDirty: false, config: deployment().config };
    const refuses = (
      goal: ReturnType<typeof deployment>,
      over: Partial<typeof here>,
      code: ErrorCode,
      ...words: string[]
    ) => assert.throws(() => requireSame(goal, { ...here, ...over }), refused(code, ...words));
    requireSame(deployment(), here);
    refuses(
      deployment(),
      { commit: "cccc" },
      "STACK_ROLLBACK_PROGRAM_DIFFERS",
      "is at cccc",
      `git worktree add ../rollback ${COMMIT}`,
      "stack-rollback.md#older-commits",
    );
    refuses(deployment(), { isDirty: true }, "STACK_ROLLBACK_PROGRAM_DIFFERS", "uncommitted changes");
    refuses(deployment({ environment: {} }), {}, "STACK_ROLLBACK_UNKNOWN", "no Git checkout");
    const dirty = { "git.head": COMMIT, "git.dirty": "true" };
    refuses(deployment({ environment: dirty }), {}, "STACK_ROLLBACK_UNKNOWN", "with uncommitted changes");
    const config = { "nacos-platform:nacos": { value: "", objectValue: { image: "nacos:v3.1.3" }, secret: false } };
    refuses(deployment(), { config }, "STACK_ROLLBACK_CONFIG_DIFFERS", 'nacos.image: "nacos:v3.1.3" → "nacos:v3.1.2"');
  });

  const set = (name: string, from: string, to: string): Step => {
    const state = (tag: string) => ({
      type: "kubernetes:apps/v1:StatefulSet",
      inputs: {
        metadata: { name },
        spec: {
          template: {
            spec: {
              containers: [
                { name: "other", image: "x:1.0" },
                { name, image: `docker.io/x/${name}:${tag}` },
              ],
            },
          },
        },
      },
    });
    return { op: "update", oldState: state(from), newState: state(to) };
  };

  it("does not go back over a schema of Nacos, or a version of MySQL", () => {
    assert.match(
      undone([set("nacos", "v3.1.2", "v2.5.3")]) ?? "",
      /Nacos 2\.5\.3 with the schema of 3\.1\.2.*nacos-rollback/,
    );
    assert.match(undone([set("nacos", "v3.2.0", "v3.1.9")]) ?? "", /schema/);
    assert.equal(undone([set("nacos", "v3.1.3", "v3.1.2")]), undefined);
    assert.equal(undone([set("nacos", "v2.5.3", "v3.0.3")]), undefined);
    for (const to of ["9.7.3", "8.4.6"])
      assert.match(undone([set("mysql", "9.7.4", to)]) ?? "", /MySQL.*mysql-restore/);
    for (const to of ["9.7.4", "9.7.10"]) assert.equal(undone([set("mysql", "9.7.4", to)]), undefined);
  });

  it("does not touch what names MySQL's primary", () => {
    const state = (pod: string) => ({
      type: "kubernetes:core/v1:Service",
      inputs: { metadata: { name: "mysql" }, spec: { selector: { pod } } },
    });
    const step = (op: string, pod: string): Step => ({ op, oldState: state("mysql-1"), newState: state(pod) });
    assert.equal(undone([step("same", "mysql-1"), step("update", "mysql-1")]), undefined);
    assert.match(undone([step("update", "mysql-0")]) ?? "", /undo a failover/);
    for (const op of ["delete", "replace", "delete-replaced", "create-replacement"])
      assert.match(undone([step(op, "mysql-1")]) ?? "", /delete Service mysql.*undo a failover/);
  });
});
