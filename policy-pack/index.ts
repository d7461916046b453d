import { PolicyPack } from "@pulumi/policy";
import { policies } from "./policies";

new PolicyPack("nacos-platform", { enforcementLevel: "mandatory", policies });
