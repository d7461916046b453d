import * as assert from "node:assert/strict";
import { exemptionsIn, type ExemptionsFile, problemsOf } from "../../policy-pack/configuration";
import { readExemptions } from "../../policy-pack/platform-exemptions";
import { covers } from "../../policy-pack/lib/exemption";
import { met } from "../../policy-pack/lib/read";
import type { Resource } from "../../policy-pack/lib/resource";
import { Run } from "../../policy-pack/lib/run";
import { exemptionsCurrent } from "../../policy-pack/rules/stack/exemptions-current";
import { workloadHasBudget } from "../../policy-pack/rules/stack/workload-has-pdb";
import { runAutoscaled, runExposed, runExternal, runOnNodePort } from "../support/program";
import { stackWith } from "./stack-support";
import { exemption, findings, stackViolations, TODAY } from "./support";

describe("an exemption", () => {
  const resource = { name: "logical", namespace: "nacos", objectName: "db" } as Resource;
  const role = { name: "reader-role", namespace: "", objectName: "reader" } as Resource;
  for (const [object, part, covered] of [
    ["nacos/db", undefined, true],
    ["nacos/db", "main", true],
    ["nacos/db/main", "main", true],
    ["nacos/db/app.kubernetes.io/name", "app.kubernetes.io/name", true],
    ["nacos/db/main", undefined, false],
    ["nacos/db/main", "other", false],
    ["nacos/db2", undefined, false],
    ["other/db", undefined, false],
    ["*/db", undefined, false],
    ["pulumi:logical", "main", true],
    ["pulumi:logical/main", "main", true],
    ["pulumi:db", undefined, false],
  ] as const)
    it(`${object} ${covered ? "covers" : "does not cover"} ${part ?? "the object"}`, () =>
      assert.equal(covers(exemption(object), resource, part), covered));

  it("/name covers an object without a namespace", () => {
    assert.equal(covers(exemption("/reader"), role), true);
    assert.equal(covers(exemption("default/reader"), role), false);
  });
});

describe("exemptions-current", () => {
  const bad = stackWith({ "budget-db": undefined });
  const says = (today: string, ...until: string[]) => {
    const run = new Run({}, today);
    const exempt = { exempt: until.map((day) => exemption("nacos/db", day)) };
    const found = stackViolations(workloadHasBudget, bad, [], { run, settings: exempt });
    return { found: found.length, remarks: stackViolations(exemptionsCurrent, bad, [], { run }) };
  };
  const what = "advisory: the exemption of nacos/db from workload-has-pdb";
  const list = "advisory: exempt are: nacos/db from workload-has-pdb.";

  it("lists those that apply", () => {
    assert.deepEqual(says(TODAY, "2027-06-30"), { found: 0, remarks: [list] });
  });
  it("reminds of those that end soon, which still apply", () => {
    const soon = `${what} ends on 2026-12-15. Fix the object, or ask tests for a later date.`;
    assert.deepEqual(says(TODAY, "2026-12-15"), { found: 0, remarks: [soon, list] });
    assert.equal(says(TODAY, TODAY).found, 0);
  });
  it("reports those that have ended, which no longer apply", () => {
    const ended = `${what} has ended on 2026-11-30. Fix the object, or ask tests for a later date.`;
    assert.deepEqual(says(TODAY, "2026-11-30"), { found: 1, remarks: [ended] });
  });
  it("reports those that cover nothing, unless something is still unknown", () => {
    const run = new Run({}, TODAY);
    stackViolations(workloadHasBudget, bad, ["nacos/typo"], { run });
    met.unknown = false;
    assert.deepEqual(stackViolations(exemptionsCurrent, bad, [], { run }), [
      "advisory: the exemption of nacos/typo from workload-has-pdb covers nothing. Remove it.",
    ]);
    met.unknown = true;
    assert.deepEqual(stackViolations(exemptionsCurrent, bad, [], { run }), []);
  });
});

describe("the pack's own exemptions", () => {
  it("are enough for every way to deploy the platform in prod, and each is needed", async () => {
    const used = new Set(["pulumi:upgrade-end-job"]); // of a stack that upgrades from 2.x to 3.x, for one update
    for (const recorded of [runExternal, runOnNodePort, runExposed, runAutoscaled]) {
      const run = new Run(readExemptions(), TODAY);
      assert.deepEqual(findings((await recorded()).resources, "prod", run).stops, [], recorded.name);
      for (const { exemption, count } of run.allSeen) if (count > 0) used.add(exemption.object);
    }
    const own = Object.values(readExemptions()).flat();
    assert.deepEqual(
      own.filter(({ object }) => !used.has(object)),
      [],
    );
  });
});

describe("the exemptions of a pack", () => {
  const exempt = [exemption("nacos/db")];
  it("are taken as they are", () =>
    assert.deepEqual(exemptionsIn({ "no-host-access": { exempt } }), { "no-host-access": exempt }));

  for (const [title, config] of [
    ["a level of all rules", { all: "disabled" }],
    ["a level", { "min-replicas": "advisory" }],
    ["another setting", { "min-replicas": { replicas: 3, exempt } }],
    ["no exemption", { "min-replicas": {} }],
    ["null", { "min-replicas": null }],
  ] as const)
    it(`refuse ${title}, which would be dropped`, () =>
      assert.throws(
        () => exemptionsIn(config as unknown as ExemptionsFile),
        /: exemptions are \{ "exempt": \[…\] \} only/,
      ));
});

describe("the check of a configuration", () => {
  const exempt = [exemption("nacos/db")];
  it("passes what is right", () => {
    assert.deepEqual(
      problemsOf({
        all: "mandatory",
        "require-labels": "disabled",
        "min-replicas": { enforcementLevel: "advisory", environment: "prod", replicas: 3, exempt },
      }),
      [],
    );
  });

  for (const [title, config, problem] of [
    [
      "a misspelt rule",
      { "no-host-acces": {} },
      /^no-host-acces: there is no such rule. Did you mean no-host-access\?$/,
    ],
    [
      "a misspelt key",
      { "no-host-access": { exmept: [] } },
      /^no-host-access: it has no key exmept; it has enforcementLevel, exempt, environment\.$/,
    ],
    ["a misspelt level", { "no-host-access": "warning" }, /none of advisory, mandatory, disabled/],
    [
      "an environment that does not exist",
      { "no-host-access": { environment: "staging" } },
      /environment: it is none of \["dev","test","prod"\]/,
    ],
    [
      "the former form",
      { "no-host-access": { exempt: ["nacos/db"] } },
      /exempt\[0\]: it is of type string instead of object/,
    ],
    ["an exemption without an owner", { "no-host-access": { exempt: [{ ...exempt[0], owner: undefined }] } }, /owner/],
    [
      "a reason that is none",
      { "no-host-access": { exempt: [{ ...exempt[0], reason: "because" }] } },
      /reason: it is shorter than 15 characters/,
    ],
    [
      "a day that does not exist",
      { "no-host-access": { exempt: [{ ...exempt[0], until: "2027-13-01" }] } },
      /until: "2027-13-01" does not match/,
    ],
    ["an object that is none", { "no-host-access": { exempt: [exemption("db")] } }, /object: "db" does not match/],
    ["a number that is none", { "min-replicas": { replicas: 0 } }, /replicas: it is less than 1/],
    ["no object", [], /no object of rules/],
  ] as const) {
    it(`reports ${title}`, () => {
      const problems = problemsOf(JSON.parse(JSON.stringify(config)));
      assert.equal(problems.length, 1, problems.join("\n"));
      assert.match(problems[0], problem);
    });
  }
});
