import { PolicyPack } from "@pulumi/policy";
import { mark } from "./lib/mark";
import { platformExemptions } from "./platform-exemptions";
import { kubernetesPolicies } from "./policies";

new PolicyPack("nacos-platform", {
  enforcementLevel: "mandatory",
  policies: [mark, ...kubernetesPolicies({ exemptions: platformExemptions })],
});
