import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { catalogue } from "../../../policy-pack/catalogue";
import { run } from "../../../sandbox/exec";
import { checkout } from "../../../sandbox/paths";
import { type Props, types, violations } from "../../policy/support";

/** Which rule stops what a check of Pod Security stops, by the beginning of the fixture's name. */
const RULES: Readonly<Record<string, string>> = {
  allowprivilegeescalation: "disallow-privilege-escalation",
  apparmorprofile: "restrict-kernel-settings",
  capabilities: "require-drop-all",
  hostnamespaces: "no-host-access",
  hostpathvolumes: "no-host-access",
  hostports: "no-host-access",
  hostprobesandhostlifecycle: "no-host-access",
  privileged: "disallow-privileged-containers",
  procmount: "restrict-kernel-settings",
  restrictedvolumes19: "no-host-access", // a hostPath
  restrictedvolumes: "restrict-volume-types",
  runasnonroot: "require-run-as-non-root",
  runasuser: "require-run-as-non-root",
  seccompprofile: "restrict-seccomp",
  selinuxoptions: "restrict-kernel-settings",
  sysctls: "restrict-kernel-settings",
  windowshostprocess: "disallow-privileged-containers",
};

/** Kubernetes publishes them in a Go module, of which the embedded cluster's own has pinned a version. */
describe("the fixtures of Pod Security", () => {
  const rules = catalogue["Pod security"].filter(({ rule }) => rule.tags.some((tag) => tag.startsWith("pss:")));
  const found = new Map<string, { readonly fails: boolean; readonly by: readonly string[] }>();

  before(async () => {
    const cwd = path.join(checkout, "sandbox", "toolchain", "modules", "tools");
    const module = "k8s.io/pod-security-admission";
    await run("go", ["mod", "download", module], { cwd });
    const folder = (await run("go", ["list", "-m", "-mod=readonly", "-f", "{{.Dir}}", module], { cwd })).trim();
    for (const outcome of ["pass", "fail"]) {
      const files = path.join(folder, "test", "testdata", "restricted", "v1.34", outcome);
      for (const file of fs.readdirSync(files)) {
        const pod = parse(fs.readFileSync(path.join(files, file), "utf8")) as Props;
        const by = rules.filter(({ rule }) => violations(rule, types.Pod, pod).length > 0).map(({ rule }) => rule.name);
        found.set(`${outcome}/${file}`, { fails: outcome === "fail", by });
      }
    }
  });

  it("pass if the restricted standard lets them pass", () => {
    const passing = [...found].filter(([, { fails }]) => !fails);
    assert.ok(passing.length > 20);
    assert.deepEqual(
      passing.filter(([, { by }]) => by.length > 0),
      [],
    );
  });

  it("are stopped by the rule on what they test, if it refuses them", () => {
    const failing = [...found].filter(([, { fails }]) => fails);
    assert.ok(failing.length > 70);
    const missed = failing.filter(([file, { by }]) => {
      const check = Object.keys(RULES).find((start) => path.basename(file).startsWith(start));
      return check === undefined || !by.includes(RULES[check]);
    });
    assert.deepEqual(missed, []);
  });
});
