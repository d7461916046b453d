import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { run, waitFor } from "../../../sandbox/exec";
import { checkout } from "../../../sandbox/paths";
import { ensurePulumi } from "../../../sandbox/toolchain/pulumi";
import { requireCluster } from "../../../sandbox/cluster/cluster";
import { loadSession } from "../../../sandbox/commands/session";
import { dev, live, Live, make, makeWith, temporaryFolder } from "../support/environments";
import { NacosClient } from "../support/nacos-client";
import { mysqlQuery, publishedContent } from "../support/mysql";
import { CHECKS } from "../../../ops/diagnose/checks";
import { diagnose, problemsOf } from "../support/ops";
import { assertNoSecretIsWritten } from "../support/secrets";

describe("the dev environment", () => {
  let printed: string;
  let environment: Live;

  before("make up", async () => {
    printed = await make("up", dev);
    environment = await live(dev);
  });

  it("ends with two curl lines that publish a configuration and read it back", () => {
    const lines = printed.split("\n").filter((line) => line.trim().startsWith("curl "));
    assert.equal(lines.length, 2, printed);
    assert.doesNotMatch(printed, /from \$PATH/); // every plugin is the pinned one
    const [published, read] = lines.map(
      (line) => JSON.parse(execFileSync("bash", ["-c", line], { encoding: "utf8" })) as { data: unknown },
    );
    assert.equal(published.data, true);
    assert.equal((read.data as { content: string }).content, "world");
  });

  it("keeps what is published in MySQL", async () => {
    const nacos = await NacosClient.signedIn(environment);
    assert.deepEqual(await nacos.publish("stored", "in-mysql"), { status: 200, body: "true" });
    assert.equal(await publishedContent(environment, "stored"), "in-mysql");
  });

  it("gives the runtime account no right to change the schema", async () => {
    await assert.rejects(mysqlQuery(environment, "CREATE TABLE nacos.forbidden (id INT)"), /command denied/);
  });

  it("refuses to publish without a login, and with Nacos' well-known default password", async () => {
    const refused: Record<string, string>[] = [{}, { username: "nacos", password: "nacos" }];
    for (const headers of refused) {
      assert.equal((await NacosClient.with(environment, headers).publish("intruder", "x")).status, 403);
    }
    assert.equal(await publishedContent(environment, "intruder"), undefined);
  });

  it("is healthy, says the diagnosis, within 10 s", async () => {
    let problems: string[] = [];
    // Warnings of the start are past after 3 min, and the first metrics may be missing for some seconds.
    await waitFor("the diagnosis to end with 0", 240, async () => {
      const found = await diagnose(environment);
      problems = problemsOf(found);
      assert.ok(found.seconds < 10, `it took ${found.seconds} s`);
      assert.equal(found.checks.length, CHECKS.length);
      return found.status === 0;
    }).catch((error: unknown) => assert.fail(`${String(error)}: ${problems.join("; ")}`));
  });

  it("writes no secret into any log, output or ConfigMap, nor in plain text into the state", async () => {
    await assertNoSecretIsWritten(environment);
  });

  /** Runs commands in `make shell`, up to the first that fails. */
  function shell(...commands: string[]): Promise<string> {
    return run(
      process.execPath,
      ["--require", "sucrase/register", "sandbox/main.ts", "shell", "--name", dev.cluster, "--stack", dev.stack],
      {
        cwd: checkout,
        env: { ...process.env, SHELL: "/bin/bash" },
        input: ["set -e", ...commands].join("; "),
      },
    );
  }

  it("offers plain pulumi and kubectl in a shell, which leave the checkout as it is", async () => {
    const stackFiles = () => run("git", ["status", "--porcelain", "--", "Pulumi*.yaml"], { cwd: checkout });
    const before = await stackFiles();
    const printed = await shell(
      "pulumi stack | cat",
      "pulumi preview --expect-no-changes",
      "kubectl get statefulsets --namespace nacos-dev --output name",
    );
    assert.match(printed, /Current stack is dev/);
    assert.match(printed, /\d+ unchanged/);
    assert.match(printed, /statefulset\.apps\/nacos/);
    assert.equal(await stackFiles(), before);
  });

  it("keeps what is set in the shell: settings in the stack file, secrets with the cluster", async () => {
    const file = path.join(checkout, "Pulumi.dev.yaml");
    const before = fs.readFileSync(file, "utf8");
    const [setting, secret] = [
      "nacos-platform:nacos.databasePoolSize",
      "nacos-platform:mysql.backup.offsite.accessKeyId",
    ];
    try {
      assert.match(
        await shell(`pulumi config set --path ${setting} 11`, `pulumi config get --path ${setting}`),
        /^11$/m,
      );
      const changed = fs.readFileSync(file, "utf8");
      assert.match(changed, /^ +databasePoolSize: 11$/m);
      assert.match(
        await shell(`pulumi config set --path --secret ${secret} of-this-test`, `pulumi config get --path ${secret}`),
        /^of-this-test$/m,
      );
      assert.equal(fs.readFileSync(file, "utf8"), changed);
      await shell(`pulumi config rm --path ${secret}`, "pulumi config rm nacos-platform:nacos"); // the last key of its section
      assert.equal(fs.readFileSync(file, "utf8"), before);
      await assert.rejects(shell(`pulumi config get --path ${secret}`), /not found/);
    } finally {
      fs.writeFileSync(file, before);
    }
  });

  it("shows the pods' last lines and where the other logs are", async () => {
    const printed = await make("logs", dev);
    assert.match(printed, /schema: the database has the schema of Nacos/);
    assert.match(printed, /kube-apiserver\.log/);
  });

  it("uses an installed Pulumi if it is of the pinned version, with its plugins", async () => {
    const { PATH, PULUMI_HOME } = process.env;
    const { tools } = loadSession(requireCluster(dev.cluster));
    const home = temporaryFolder(dev, "pulumi-home");
    const bin = path.join(home, "bin");
    try {
      Object.assign(process.env, { PATH: `${bin}:${PATH}`, PULUMI_HOME: home });
      fs.cpSync(tools.binDir, bin, { recursive: true });
      assert.match((await ensurePulumi()).origin, /built/); // its plugins are missing
      fs.cpSync(tools.pluginDir, path.join(home, "plugins"), { recursive: true });
      assert.equal((await ensurePulumi()).origin, `the installed Pulumi 3.259.0 in ${bin}`);
    } finally {
      Object.assign(process.env, { PATH, PULUMI_HOME });
      if (PULUMI_HOME === undefined) delete process.env.PULUMI_HOME;
      fs.rmSync(home, { recursive: true });
    }
  });

  it("changes nothing when it is brought up again, whatever KUBECONFIG says", async () => {
    assert.doesNotMatch(
      await makeWith({ KUBECONFIG: "/nonexistent" }, "up", dev),
      /\bto (create|update|replace|delete)\b|[+~-]\s+\d+ (created|updated|replaced|deleted)/,
    );
  });
});
