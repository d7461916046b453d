import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { run } from "../../../sandbox/exec";
import { checkout } from "../../../sandbox/paths";
import { ensureBinaries } from "../../../sandbox/toolchain/build";
import { actionlint } from "../../../sandbox/toolchain/recipes";
import { dev, live, Live, refusal, temporaryFolder } from "../support/environments";
import { changeSettings } from "../support/stack-file";

describe("the workflows", () => {
  it("are accepted by actionlint, which finds a mistake", async () => {
    const { actionlint: program } = await ensureBinaries([actionlint]);
    await run(program, [], { cwd: checkout });
    const file = path.join(temporaryFolder(dev, "workflows"), "nightly.yml");
    const text = fs.readFileSync(path.join(checkout, ".github/workflows/nightly.yml"), "utf8");
    fs.writeFileSync(file, text.replace("matrix.stack }}-plan", "matrix.stak }}-plan"));
    assert.match(await refusal(run(program, [file], { cwd: checkout })), /property "stak" is not defined/);
  });
});

describe("a deployment by the workflows", () => {
  let environment: Live;
  let folder: string;
  let env: NodeJS.ProcessEnv;

  before(async () => {
    environment = await live(dev);
    folder = temporaryFolder(dev, "plan");
    const changed = path.join(folder, "Pulumi.dev.yaml");
    changeSettings(
      environment.stack.configFile,
      (config) => {
        config["nacos-platform:mysql"].backup = { schedule: { verify: "0 5 * * *" } };
      },
      changed,
    );
    env = { ...environment.stack.environment, PULUMI_OPTION_CONFIG_FILE: changed };
  });

  const step = (...words: string[]): Promise<string> =>
    run("npm", ["run", "-s", "pipeline", "--", ...words, "--stack", "dev"], { cwd: checkout, env });
  const cronJob = (...words: string[]): Promise<string> =>
    environment.kubectl(["--namespace", environment.outputs.namespace, ...words]);

  it("is what the plan says, whose secrets are encrypted; a second time the plan is refused @drill", async () => {
    await step("plan", "--folder", folder);
    const exported = JSON.parse(await environment.stack.pulumi(["stack", "export", "--show-secrets"])) as {
      deployment: { resources: { type: string; outputs?: { result?: { plaintext?: string } } }[] };
    };
    const passwords = exported.deployment.resources
      .filter(({ type }) => type === "random:index/randomPassword:RandomPassword")
      .map(({ outputs }) => JSON.parse(outputs?.result?.plaintext ?? "") as string);
    assert.notEqual(passwords.length, 0);
    const plan = fs.readFileSync(path.join(folder, "plan.json"), "utf8");
    assert.match(plan, /"ciphertext"/);
    assert.ok(!passwords.some((password) => plan.includes(password))); // no message may have one

    await step("deploy", "--folder", folder);
    assert.equal(await cronJob("get", "cronjob", "mysql-verify", "-o", "jsonpath={.spec.schedule}"), "0 5 * * *");
    assert.match(
      await refusal(step("deploy", "--folder", folder)),
      /refused: .*the state of stack dev has changed since.*\[UPDATE_PLAN_OUTDATED: docs\/runbooks\/pulumi-up\.md\]/,
    );
  });

  it("is compared with the cluster every night @drill", async () => {
    await step("drift");
    await cronJob("delete", "cronjob", "mysql-verify");
    assert.match(await refusal(step("drift")), /failed: stack dev has drifted/);
    await environment.stack.pulumi([
      "up",
      "--yes",
      "--refresh",
      "--skip-preview",
      "--non-interactive",
      "--suppress-progress",
    ]);
    assert.equal(await cronJob("get", "cronjob", "mysql-verify", "-o", "jsonpath={.spec.schedule}"), "0 4 * * *");
  });
});
