import { PolicyPack } from "@pulumi/policy";
import { platformExemptions } from "./platform-exemptions";
import { kubernetesPolicies } from "./policies";

new PolicyPack("nacos-platform", {
  enforcementLevel: "mandatory",
  policies: kubernetesPolicies({ exemptions: platformExemptions }),
});
