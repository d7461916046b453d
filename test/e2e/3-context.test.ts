import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { stringify } from "yaml";
import { contextTarget } from "../../sandbox/deploy/target";
import { Stack } from "../../sandbox/deploy/stack";
import { requireCluster } from "../../sandbox/cluster/cluster";
import { loadSession } from "../../sandbox/commands/session";
import { run } from "../../sandbox/exec";
import { checkout } from "../../sandbox/paths";
import { dev, live, Live } from "./environments";

describe("a cluster that exists already", () => {
  const name = "dev-elsewhere";
  const file = path.join(checkout, `Pulumi.${name}.yaml`);
  let environment: Live;

  before(async () => {
    environment = await live(dev);
    const { images } = loadSession(requireCluster(dev.cluster));
    const config = {
      "nacos-platform:environment": "dev",
      "nacos-platform:kubeContext": "overruled",
      "nacos-platform:namespace": "elsewhere",
      "nacos-platform:mysql": { image: images.mysql.ref, storageClass: "embedded-local" },
      "nacos-platform:nacos": { image: images.nacos.ref, storageClass: "embedded-local" },
    };
    fs.writeFileSync(file, stringify({ config }));
  });

  after(() => fs.rmSync(file, { force: true }));

  it("is deployed to by its context's name, after it is named, and nothing is started", async () => {
    process.env.KUBECONFIG = environment.kubeconfig;
    const target = contextTarget("embedded-e2e-dev");
    try {
      const makeUp = run("bash", ["-c", `make --silent up STACK=${name} CONTEXT=embedded-e2e-dev 2>&1`], { cwd: checkout });
      const printed = await makeUp;
      const named = printed.indexOf(target.server);
      assert.ok(named >= 0 && named < printed.indexOf("Previewing update"), "the cluster is not named before the deployment");
      assert.equal(await environment.kubectl(["--namespace", "elsewhere", "get", "statefulsets", "-o", "name"]), "statefulset.apps/mysql\nstatefulset.apps/nacos\n");
      await new Stack(target, loadSession(requireCluster(dev.cluster)).tools, name).destroy();
    } finally {
      delete process.env.KUBECONFIG;
      fs.rmSync(target.dir, { recursive: true, force: true });
    }
  });
});
