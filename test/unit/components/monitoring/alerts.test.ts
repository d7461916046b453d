import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { alertsOf, ruleFile } from "../../../../components/monitoring/alerts/catalogue";
import { page, PAGE, watchedInProd } from "../../../support/alerts";
import { type Case, testRules } from "../../../support/promtool";
import { CASES } from "./alert-cases";

const prod = watchedInProd();
const watched = {
  ...prod,
  namespace: "n",
  thresholds: { ...prod.thresholds, verificationAgeHours: 1 },
  nacos: { ...prod.nacos, directBytes: 1000 },
  backups: { maxAgeHours: 1, deadlineMinutes: 50, offsite: {} },
};

const alerts = Object.values(alertsOf(watched)).flat();
const { groups } = ruleFile(watched, "prod", "https://git.example.com/docs");
const rules = Object.fromEntries(groups.flatMap((group) => group.rules).map((rule) => [rule.alert, rule]));

describe("alerts", () => {
  describe("fire, not before their time, not just below their threshold, and end", () => {
    let results: readonly string[] = [];
    before(() => {
      results = testRules(
        rules,
        CASES.map((one): Case => {
          const { minutes } = alerts.find(({ name }) => name === one.alert) ?? assert.fail(one.alert);
          return { phase: Math.max(40, minutes + 20), waits: minutes, ...one };
        }),
      );
    });
    CASES.forEach(({ alert, title }, index) => {
      it(`${alert}${title === undefined ? "" : `, ${title}`}`, () => assert.equal(results[index], ""));
    });
  });

  it("are all tested", () => {
    const tested = new Set(CASES.map(({ alert }) => alert));
    assert.deepEqual(
      alerts.map(({ name }) => name).filter((name) => !tested.has(name)),
      [],
    );
  });

  it("have one name each, a severity, the stack, and texts without Markdown's links", () => {
    assert.equal(new Set(alerts.map(({ name }) => name)).size, alerts.length);
    for (const { alert, labels, annotations } of Object.values(rules)) {
      assert.match(labels.severity, /^(critical|warning)$/, alert);
      assert.equal(labels.stack, "prod", alert);
      for (const text of [annotations.summary, annotations.description, annotations.action])
        assert.match(text, /^[^[\]]{10,}$/, alert);
    }
  });

  it("link to a section of docs/alerts.md; if not, run: npx sucrase-node test/support/alerts.ts", () => {
    const text = readFileSync(PAGE, "utf8");
    assert.equal(text, page());
    for (const { alert, annotations } of Object.values(rules)) {
      assert.equal(annotations.runbook_url, `https://git.example.com/docs/alerts.md#${alert.toLowerCase()}`);
      assert.ok(text.includes(`\n### ${alert}\n`), alert);
    }
  });

  it("refer to pages that exist", () => {
    for (const { action } of alerts)
      for (const [path] of action.matchAll(/docs\/[a-z/-]+\.md/gi)) assert.ok(readFileSync(path, "utf8"), path);
  });

  it("are only about what a stack has", () => {
    const names = (of: Parameters<typeof alertsOf>[0]) =>
      Object.values(alertsOf(of)).flatMap((group) => group.map(({ name }) => name));
    const dev = names({ ...watched, nacos: { ...watched.nacos, servers: 1 }, mysql: { ...watched.mysql, servers: 1 } });
    for (const name of ["NacosRegistriesDiffer", "MySqlReplicaStopped", "MySqlNotSemiSynchronous"])
      assert.ok(!dev.includes(name), name);
    assert.ok(dev.includes("MySqlNoPrimary"));
    const external = names({ ...watched, mysql: undefined });
    assert.deepEqual(
      external.filter((name) => name.startsWith("MySql")),
      [],
    );
    assert.ok(external.includes("BackupTooOld"));
    const inCluster = alertsOf({ ...watched, backups: { ...watched.backups, offsite: undefined } }).workloads;
    assert.doesNotMatch(inCluster.map(({ expr }) => expr).join(), /mysql-backups/);
    const fixed = names({ ...watched, nacos: { ...watched.nacos, cpuPercent: undefined } });
    assert.ok(!fixed.includes("AutoscalerAtMaximum"));
  });
});
