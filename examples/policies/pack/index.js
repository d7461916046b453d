const { PolicyPack } = require("@pulumi/policy");
const { kubernetesPolicies } = require("nacos-platform-policies");

new PolicyPack("shop", {
  policies: kubernetesPolicies({
    exemptions: require("./exemptions.json"),
    environmentOf: (stack) => (stack === "staging" ? "test" : "prod"),
  }),
});
