import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { CommandError, run } from "../../../sandbox/exec";
import { goWithoutDebugLogs, linkPlugins } from "../../../sandbox/deploy/target";
import { checkout } from "../../../sandbox/paths";
import { ensurePulumi } from "../../../sandbox/toolchain/pulumi";
import { dev, temporaryFolder } from "../support/environments";

const project = path.join(checkout, "test", "policy", "broken");

describe("a stack that breaks each rule of the policy pack once", () => {
  // Pulumi writes into it how the stack encrypts.
  after(() => fs.rmSync(path.join(project, "Pulumi.prod.yaml"), { force: true }));

  it("is stopped by the preview, with exactly one report for each rule", async () => {
    const tools = await ensurePulumi();
    const folder = temporaryFolder(dev, "broken");
    fs.rmSync(folder, { recursive: true });
    const [home, state] = ["home", "state"].map((name) => path.join(folder, name));
    for (const needed of [home, state]) fs.mkdirSync(needed, { recursive: true });
    linkPlugins(home, tools);
    goWithoutDebugLogs(home);
    const pulumi = (...args: string[]) =>
      run("pulumi", [...args, "--stack", "prod", "--non-interactive"], {
        cwd: project,
        env: {
          ...process.env,
          PATH: `${tools.binDir}:${process.env.PATH ?? ""}`,
          PULUMI_HOME: home,
          PULUMI_BACKEND_URL: `file://${state}`,
          PULUMI_CONFIG_PASSPHRASE: "",
          PULUMI_CONFIG_PASSPHRASE_FILE: undefined,
          PULUMI_SKIP_UPDATE_CHECK: "true",
          PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
          KUBECONFIG: path.join(folder, "none"),
          TMPDIR: folder,
        },
      });
    await pulumi("stack", "select", "--create");
    const pack = ["--policy-pack", path.join(checkout, "policy-pack"), "--policy-pack-config", "policies.json"];
    // An update previews first: what fails here has changed nothing.
    const output = await pulumi("up", "--yes", "--suppress-progress", ...pack).then(
      () => assert.fail("nothing stopped it"),
      (error: unknown) => (error as CommandError).output,
    );
    const found = output.matchAll(/- \[(\w+)\] \[severity: \w+\] +(\S+) +\(.*\)\n.*\n +(.*)/g);
    assert.deepEqual(
      [...found].map(([, level, rule, message]) => `[${level}] ${rule}: ${message}`).sort(),
      fs.readFileSync(path.join(project, "report.txt"), "utf8").trimEnd().split("\n"),
    );
    assert.doesNotMatch(await pulumi("stack", "export"), /"resources"/);
  });
});
