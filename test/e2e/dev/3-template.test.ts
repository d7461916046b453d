import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { goWithoutDebugLogs, linkPlugins } from "../../../sandbox/deploy/target";
import { run } from "../../../sandbox/exec";
import { checkout } from "../../../sandbox/paths";
import { ensurePulumi } from "../../../sandbox/toolchain/pulumi";
import { dev, temporaryFolder } from "../support/environments";

describe("`pulumi new`", () => {
  it("makes a stack from three answers, and the policy pack accepts it @drill", async () => {
    const tools = await ensurePulumi();
    const folder = temporaryFolder(dev, "template");
    fs.rmSync(folder, { recursive: true });
    const [template, made, home, state] = ["template", "made", "home", "state"].map((name) => path.join(folder, name));
    for (const name of [made, home, state]) fs.mkdirSync(name, { recursive: true });
    linkPlugins(home, tools);
    goWithoutDebugLogs(home);
    for (const file of (await run("git", ["ls-files", "-z"], { cwd: checkout })).split("\0").filter(Boolean))
      fs.cpSync(path.join(checkout, file), path.join(template, file));

    const answers = {
      kubeContext: "my-prod",
      storageClass: "gp3-retain",
      backupBucket: "https://minio.internal:9000/nacos",
    };
    await run(
      path.join(tools.binDir, "pulumi"),
      [
        ...["new", template, "--dir", made, "--yes", "--offline", "--name", "nacos-platform", "--stack", "prod"],
        ...Object.entries(answers).flatMap(([key, answer]) => ["--config", `${key}=${answer}`]),
      ],
      {
        env: {
          ...process.env,
          PATH: `${tools.binDir}:${process.env.PATH}`,
          PULUMI_HOME: home,
          PULUMI_BACKEND_URL: `file://${state}`,
          PULUMI_CONFIG_PASSPHRASE: "only of this test",
          PULUMI_SKIP_UPDATE_CHECK: "true",
        },
      },
    );
    const { config } = parse(fs.readFileSync(path.join(made, "Pulumi.prod.yaml"), "utf8")) as { config: object };
    assert.deepEqual(config, {
      "nacos-platform:environment": "prod",
      ...Object.fromEntries(Object.entries(answers).map(([key, answer]) => [`nacos-platform:${key}`, answer])),
    });

    fs.symlinkSync(path.join(checkout, "node_modules"), path.join(made, "node_modules"));
    const said = await run(
      process.execPath,
      ["--require", "sucrase/register", "sandbox/main.ts", "preview", "--stack=prod"],
      { cwd: made }, // not by make, which would install the packages into the link
    );
    assert.match(said, /Policies:\n.* nacos-platform@v.*\/made\/policy-pack/);
    assert.doesNotMatch(said, /\[mandatory\]/);
    fs.rmSync(folder, { recursive: true });
  });
});
