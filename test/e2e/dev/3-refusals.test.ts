import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { checkout } from "../../../sandbox/paths";
import { run } from "../../../sandbox/exec";
import { ensureBinaries } from "../../../sandbox/toolchain/build";
import { dev, live, Live, make, refusal } from "../support/environments";
import { ops } from "../support/ops";
import { changeSettings, type Settings } from "../support/stack-file";

describe("bad input", () => {
  let environment: Live;

  before(async () => {
    environment = await live(dev);
  });

  /** `pulumi up` of the dev stack with a changed configuration: what it prints, after a check that it created nothing. */
  async function refusedUp(change: (config: Settings) => void): Promise<string> {
    const { stack } = environment;
    const changed = path.join(stack.target.dir, "Pulumi.bad.yaml");
    changeSettings(stack.configFile, change, changed);
    const before = await environment.kubectl([
      "get",
      "all,configmaps,secrets,persistentvolumeclaims",
      "--all-namespaces",
      "-o",
      "name",
    ]);
    const output = await refusal(
      run("pulumi", ["up", "--yes", "--non-interactive"], {
        cwd: checkout,
        env: { ...stack.environment, PULUMI_OPTION_CONFIG_FILE: changed },
      }),
    );
    assert.equal(
      await environment.kubectl([
        "get",
        "all,configmaps,secrets,persistentvolumeclaims",
        "--all-namespaces",
        "-o",
        "name",
      ]),
      before,
    );
    return output;
  }

  it("refuses a quota that the stack does not fit, and shows the sum", async () => {
    const output = await refusedUp((config) => {
      config["nacos-platform:tenancy"] = { quota: { limitsMemory: "1Gi" } };
    });
    assert.match(output, /limits\.memory|limitsMemory/);
    assert.match(output, /StatefulSet\/mysql.*1088Mi/);
    assert.match(output, /StatefulSet\/nacos.*1152Mi/);
  });

  it("refuses an image without a version and unknown keys, all at once", async () => {
    const output = await refusedUp((config) => {
      config["nacos-platform:mysql"].image = "docker.io/library/mysql:latest";
      config["nacos-platform:nacos"].replica = 3;
      config["nacos-platform:mysq"] = {};
    });
    assert.match(output, /mysql\.image.*latest/);
    assert.match(output, /nacos-platform:nacos\.replica\b/);
    assert.match(output, /nacos-platform:mysq\b/);
  });

  it("stops without the policy pack, even if the preview is skipped", async () => {
    const { stack } = environment;
    const change = (config: Settings) =>
      void (config["nacos-platform:nacos"].properties = { "nacos.core.auth.plugin.nacos.token.expire.seconds": "600" });
    const changed = path.join(stack.target.dir, "Pulumi.bad.yaml");
    changeSettings(stack.configFile, change, changed);
    const env = { ...stack.environment, PULUMI_OPTION_CONFIG_FILE: changed, PULUMI_OPTION_POLICY_PACK: undefined };
    const revisions = () =>
      environment.kubectl([
        "get",
        "statefulsets",
        "--all-namespaces",
        "-o",
        "jsonpath={.items[*].metadata.generation}",
      ]);
    const before = await revisions();
    for (const flags of [[], ["--skip-preview"]]) {
      const up = run("pulumi", ["up", "--yes", "--non-interactive", ...flags], { cwd: checkout, env });
      assert.match(await refusal(up), /\[UPDATE_NOT_EVALUATED: docs\/runbooks\/pulumi-up\.md\]/);
    }
    assert.equal(await revisions(), before);
    assert.match(await ops(environment, "stack", "history"), /^STARTED .*\n\S+ +update +failed +none +no +[0-9a-f]{8}/);
  });

  it("lists the existing stacks if one is unknown", async () => {
    assert.match(await refusal(make("up", { ...dev, stack: "staging" })), /no stack "staging".*dev.*prod.*test/s);
  });

  it("names the port that is taken, and who holds it", async () => {
    assert.match(
      await refusal(make("up", { ...dev, cluster: "e2e-other" })),
      /port \d+ on 127\.0\.0\.1.*is taken by \w+ \(process \d+\).*PORT_OFFSET/s,
    );
    assert.ok(!fs.existsSync("/run/nacos-platform/e2e-other.owner"), "what never ran has an owner");
  });

  it("reports a stack that was never up on the cluster, and creates none", async () => {
    assert.match(
      await refusal(make("shell", { ...dev, stack: "test" })),
      /stack "test" was never up on cluster "e2e-dev".*make up STACK=test NAME=e2e-dev/,
    );
    assert.doesNotMatch(await environment.stack.pulumi(["stack", "ls"]), /^test\b/m);
  });

  it("reports a passphrase that does not fit", async () => {
    const wrong = path.join(environment.stack.target.dir, "wrong-passphrase");
    fs.writeFileSync(wrong, "wrong\n", { mode: 0o600 });
    const { stack } = environment;
    Object.assign(stack.target.pulumi, { PULUMI_CONFIG_PASSPHRASE_FILE: wrong });
    try {
      await assert.rejects(stack.preview(), /the passphrase does not fit the state of stack "dev".*wrong-passphrase/s);
    } finally {
      environment = await live(dev);
    }
  });

  it("refuses a number of nodes that the cluster was not created with", async () => {
    assert.match(await refusal(make("up", dev, "NODES=2")), /has 1 node\(s\), and NODES=2/);
    assert.match(await refusal(make("up", dev, "NODES=9")), /NODES=9 is out of range/);
  });

  it("names the log of a build that fails, and its last lines", async () => {
    const recipe = { name: "broken", version: "1.0.0", module: "tools", package: "./no-such-package" };
    await assert.rejects(
      ensureBinaries([recipe]),
      /building broken 1\.0\.0 failed.*build-broken\.log.*no-such-package/s,
    );
  });

  it("says what is missing without root, with both remedies", async () => {
    const asNobody = run(
      "setpriv",
      ["--reuid=65534", "--clear-groups", process.execPath, "--require", "sucrase/register", "sandbox/main.ts", "up"],
      { cwd: checkout, env: { ...process.env, HOME: "/tmp", TMPDIR: "/tmp" } },
    );
    assert.match(await refusal(asNobody), /needs root.*CONTEXT=/s);
  });

  it("never uses another context of the kubeconfig than the one that is named", async () => {
    const up = run("make", ["--silent", "up", "CONTEXT=nowhere"], {
      cwd: checkout,
      env: { ...process.env, KUBECONFIG: environment.kubeconfig },
    });
    assert.match(await refusal(up), /no context "nowhere"; it has embedded-e2e-dev/);
  });
});
