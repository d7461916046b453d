import assert from "node:assert/strict";
import { problem, type Result } from "../../../../ops/diagnose/check";
import { diagnosis, text } from "../../../../ops/diagnose/report";

describe("the report of `ops diagnose`", () => {
  const of = (...checks: Result[]) =>
    diagnosis({ stack: "prod", namespace: "nacos-prod" }, "ctx", Date.parse("2030-01-01T00:00:00Z"), checks);
  const ok: Result = { name: "nodes", verdict: "ok", summary: "3 of 3 ready", problems: [] };

  it("ends with 0 if nothing is wrong", () => {
    assert.equal(
      text(of(ok)),
      `stack prod, namespace nacos-prod, 2030-01-01T00:00:00.000Z

CHECK  VERDICT  READ
nodes  ok       3 of 3 ready

severity: ok (exit status 0): nothing to do`,
    );
  });

  it("names the problems, the worst first, and the same of several checks once, with the complete commands", () => {
    const unread = problem("unknown", "the API server does not answer", "docs/runbooks/diagnose.md#unknown");
    const report = text(
      of(
        { ...ok, verdict: "unknown", problems: [unread] },
        {
          name: "pods",
          verdict: "watch",
          summary: "2 of 3 ready",
          problems: [problem("watch", "nacos-1 is down", "kubectl describe pod nacos-1; ops nacos status")],
          lines: ["nacos-1, last lines:", "  out of memory"],
        },
        { name: "quota", verdict: "unknown", summary: "cannot be read", problems: [unread] },
      ),
    );
    assert.deepEqual(report.split("\n").slice(7), [
      "watch: pods: nacos-1 is down",
      "  fix: kubectl --context ctx --namespace nacos-prod describe pod nacos-1; npm run ops -- nacos status --stack prod",
      "unknown: nodes, quota: the API server does not answer",
      "  fix: docs/runbooks/diagnose.md#unknown",
      "nacos-1, last lines:",
      "  out of memory",
      "severity: watch (exit status 4): one pod or a warning: the service continues, fix it in working hours",
    ]);
  });

  for (const [verdict, status] of [
    ["unknown", 3],
    ["watch", 4],
    ["escalate", 5],
    ["stop", 6],
  ] as const) {
    it(`ends with ${status} for ${verdict}`, () => {
      const found = of(ok, { ...ok, name: "pods", verdict, problems: [problem(verdict, "r", "f")] });
      assert.deepEqual([found.severity, found.status], [verdict, status]);
    });
  }
});
