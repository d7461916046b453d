import { PolicyPack } from "@pulumi/policy";
import { entries } from "./catalogue";
import { readExemptions } from "./configuration";
import { mark } from "./lib/mark";
import { policyOf } from "./lib/policy";
import { Run } from "./lib/run";

const run = new Run(readExemptions());

new PolicyPack("nacos-platform", {
  enforcementLevel: "mandatory",
  policies: [mark, ...entries.map(({ rule, levels }) => policyOf(rule, levels, run))],
});
