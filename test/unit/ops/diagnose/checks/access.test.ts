import assert from "node:assert/strict";
import { evaluateAccess } from "../../../../../ops/diagnose/checks/access";

describe("the check of access", () => {
  const said = (own: boolean, wellKnown: boolean, open: boolean) =>
    evaluateAccess({ own, wellKnown, open }).problems.map(({ verdict }) => verdict);

  it("finds nothing if only the administrator gets in", () =>
    assert.deepEqual(evaluateAccess({ own: true, wellKnown: false, open: false }), {
      summary: "administrator: login works",
      problems: [],
    }));

  it("stops if anybody does, and watches a password that was changed", () => {
    assert.deepEqual(said(true, true, false), ["stop"]);
    assert.deepEqual(said(true, false, true), ["stop"]);
    assert.deepEqual(said(false, false, false), ["watch"]);
  });
});
