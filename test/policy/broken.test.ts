import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { entries } from "../../policy-pack/catalogue";
import { problemsOf } from "../../policy-pack/configuration";
import { Run } from "../../policy-pack/lib/run";
import { record } from "../support/recorder";
import { breakEachRule } from "./broken/program";
import { findings, TODAY } from "./support";

const folder = path.join(__dirname, "broken");
const config = JSON.parse(fs.readFileSync(path.join(folder, "policies.json"), "utf8")) as Record<string, object>;
const report = fs.readFileSync(path.join(folder, "report.txt"), "utf8").trimEnd().split("\n");

/** The same with Pulumi's own command line: test/e2e/dev/3-policies.test.ts. */
describe("a stack that breaks each rule once", () => {
  it("is reported exactly like this", async () => {
    const { resources } = await record(breakEachRule, { stack: "prod", project: "broken" });
    const { stops, remarks } = findings(resources, "prod", new Run({}, TODAY), config);
    const all = [...stops.map((text) => `[mandatory] ${text}`), ...remarks.map((text) => `[advisory] ${text}`)];
    assert.deepEqual(all.sort(), report);
  });

  it("breaks every rule of the catalogue", () => {
    const broken = report.map((line) => /^\[\w+\] ([\w-]+): /.exec(line)?.[1] ?? line);
    assert.deepEqual(broken.sort(), entries.map(({ rule }) => rule.name).sort());
  });

  it("has a valid configuration", () => assert.deepEqual(problemsOf(config), []));
});
