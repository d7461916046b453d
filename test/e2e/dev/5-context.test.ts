import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { stringify } from "yaml";
import { listClusters, requireCluster } from "../../../sandbox/cluster/cluster";
import { loadSession } from "../../../sandbox/commands/session";
import { run } from "../../../sandbox/exec";
import { checkout, stateRoot } from "../../../sandbox/paths";
import { dev, live, Live, prod, refusal, temporaryFolder } from "../support/environments";

describe("a cluster that exists already", () => {
  const name = "dev-elsewhere";
  const file = path.join(checkout, `Pulumi.${name}.yaml`);
  let state: string;
  let environment: Live;
  let env: NodeJS.ProcessEnv;

  before(async () => {
    state = temporaryFolder(dev, "pulumi-state");
    environment = await live(dev);
    const { images } = loadSession(requireCluster(dev.cluster));
    const config = {
      "nacos-platform:environment": "dev",
      "nacos-platform:kubeContext": "another",
      "nacos-platform:namespace": "elsewhere",
      "nacos-platform:mysql": { image: images.mysql.ref, storageClass: "embedded-local" },
      "nacos-platform:nacos": {
        image: images.nacos.ref,
        storageClass: "embedded-local",
        resources: { limits: { cpu: "2" } },
      },
      "nacos-platform:images": { node: images.node.ref, mysqldExporter: images["mysqld-exporter"].ref },
    };
    fs.writeFileSync(file, stringify({ config }));
    fs.writeFileSync(path.join(state, "passphrase"), "only of this test\n", { mode: 0o600 });
    env = {
      ...process.env,
      KUBECONFIG: environment.kubeconfig,
      PULUMI_HOME: path.join(state, "home"),
      PULUMI_CONFIG_PASSPHRASE_FILE: path.join(state, "passphrase"),
    };
  });

  /** Pulumi keeps the stack's salt in the same file. */
  const configure = (kubeContext: string) =>
    fs.writeFileSync(file, fs.readFileSync(file, "utf8").replace(/kubeContext: .*/, `kubeContext: ${kubeContext}`));
  const home = path.join(stateRoot, "contexts", "embedded-e2e-dev");

  after(() => {
    fs.rmSync(home, { recursive: true, force: true });
    fs.rmSync(file, { force: true });
    fs.rmSync(state, { recursive: true });
  });

  const up = (settings: NodeJS.ProcessEnv) =>
    run("bash", ["-c", `make --silent up STACK=${name} CONTEXT=embedded-e2e-dev 2>&1`], {
      cwd: checkout,
      env: settings,
    });

  it("is not deployed to while nothing says where the state is kept", async () => {
    assert.match(await refusal(up(env)), /nothing says where Pulumi keeps the state.*PULUMI_BACKEND_URL/);
  });

  it("is not deployed to without a question if the stack file names another context, and nothing is left behind", async () => {
    const settings = { ...env, PULUMI_BACKEND_URL: `file://${state}` };
    assert.match(
      await refusal(up(settings)),
      new RegExp(
        `is configured for context "another", and was never deployed to "embedded-e2e-dev", cluster https://127\\.0\\.0\\.1:${environment.ports.api}\\. Nothing was changed\\. .*pulumi config set --stack ${name} nacos-platform:kubeContext embedded-e2e-dev`,
      ),
    );
    assert.ok(!fs.existsSync(path.join(state, ".pulumi", "stacks", "nacos-platform", `${name}.json`)));
  });

  it("is deployed to by its context's name, after it is named, and nothing is started @drill", async () => {
    const ofOthers = [prod.cluster]; // its tests run in parallel with these
    const clusters = () => listClusters().filter((name) => !ofOthers.includes(name));
    const before = clusters();
    const settings = { ...env, PULUMI_BACKEND_URL: `file://${state}` };
    configure("embedded-e2e-dev");
    const printed = await up(settings);
    const named = printed.indexOf(
      `cluster https://127.0.0.1:${environment.ports.api}, with the state in file://${state}`,
    );
    assert.ok(named >= 0 && named < printed.indexOf("Previewing update"), printed.slice(0, 500));
    assert.deepEqual(clusters(), before);
    assert.equal(
      await environment.kubectl(["--namespace", "elsewhere", "get", "statefulsets", "-o", "name"]),
      "statefulset.apps/mysql\nstatefulset.apps/nacos\n",
    );
    configure("another"); // it is the stack's own by now
    assert.match(await up(settings), /\d+ unchanged[^]* is deployed to https:/);
    const pulumi = path.join(loadSession(requireCluster(dev.cluster)).tools.binDir, "pulumi");
    await run(pulumi, ["destroy", "--yes", "--non-interactive", "--stack", name], {
      cwd: checkout,
      env: { ...settings, PULUMI_HOME: path.join(home, "home") },
    });
  });
});
