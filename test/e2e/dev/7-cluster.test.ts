import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { cgroupOf, processesIn } from "../../../sandbox/cluster/cgroups";
import { requireCluster } from "../../../sandbox/cluster/cluster";
import { Place } from "../../../sandbox/cluster/place";
import { isRunning } from "../../../sandbox/cluster/down";
import { waitFor } from "../../../sandbox/exec";
import { checkout } from "../../../sandbox/paths";
import { dev, live, make, refusal } from "../support/environments";
import { itLeavesNothingBehind } from "../support/leaves-nothing";
import { NacosClient } from "../support/nacos-client";

interface ClaimList {
  items: { metadata: { name: string }; spec: { volumeName?: string } }[];
}

describe("the embedded cluster", () => {
  it("reports what has died, and works again after `make up`", async () => {
    const node = new Place(requireCluster(dev.cluster), "node1");
    assert.ok(node.holder);
    process.kill(node.holder, "SIGKILL");
    assert.match(await refusal(make("status", dev)), /kubelet-node1 has died.*its log/s);
    await make("up", dev);
    const nacos = await NacosClient.signedIn(await live(dev));
    await waitFor(
      "Nacos to serve what was published before",
      180,
      async () => (await nacos.read("hello").catch(() => undefined))?.body === "world",
    );
    await waitFor("everything to run", 120, () =>
      make("status", dev).then(
        () => true,
        () => false,
      ),
    );
  });

  it("leaves only the retained volumes when a stack is destroyed", async () => {
    const { stack, kubectl, outputs } = await live(dev);
    const claims = JSON.parse(
      await kubectl(["--namespace", outputs.namespace, "get", "persistentvolumeclaims", "-o", "json"]),
    ) as ClaimList;
    // The claim for backups has a volume only after a first backup. Whether there was one depends on the hour of the day.
    const bound = claims.items.filter(({ spec }) => spec.volumeName !== undefined);
    assert.deepEqual(
      bound.map(({ metadata }) => metadata.name).filter((name) => name !== "mysql-backups"),
      ["data-mysql-0", "data-nacos-0"],
    );
    const volumes = bound.map(({ spec }) => spec.volumeName ?? "");
    await stack.destroy();
    await waitFor(
      "the namespace to go",
      120,
      async () => (await kubectl(["get", "namespace", outputs.namespace, "--ignore-not-found"])) === "",
    );
    assert.equal(
      await kubectl(["get", "priorityclasses", "-l", "app.kubernetes.io/part-of=nacos-platform", "-o", "name"]),
      "",
    );
    const phases = await kubectl(["get", "persistentvolumes", ...volumes, "-o", "jsonpath={.items[*].status.phase}"]);
    assert.deepEqual(
      phases.split(" "),
      volumes.map(() => "Released"),
    );
    const folders = (
      await kubectl(["get", "persistentvolumes", ...volumes, "-o", "jsonpath={.items[*].spec.local.path}"])
    ).split(" ");
    assert.ok(
      folders.some((folder) => fs.existsSync(path.join(folder, "data", "nacos", "config_info.ibd"))),
      "MySQL's data is no longer on the volume",
    );
  });

  it("is taken down completely if `make up` was killed half-way", async () => {
    const half = { stack: "dev", cluster: "e2e-half", portOffset: 5400 };
    const words = ["--name", half.cluster, "--port-offset", String(half.portOffset)];
    const up = spawn(process.execPath, ["--require", "sucrase/register", "sandbox/main.ts", "up", ...words], {
      cwd: checkout,
      detached: true,
      stdio: "ignore",
    });
    await waitFor("the first processes of the cluster", 60, () => processesIn(cgroupOf(half.cluster)).length > 5);
    process.kill(-(up.pid ?? 0), "SIGKILL");
    assert.match(await refusal(make("status", half)), /e2e-half|PROBLEM/);
    await make("down", half, `DELETE=${half.cluster}`);
    assert.equal(isRunning(half.cluster), false);
  });

  itLeavesNothingBehind(dev);
});
