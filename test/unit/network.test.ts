import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { connections, page, PAGE } from "../support/network";
import { run } from "../support/program";

describe("the connections of a stack", () => {
  it("are what docs/network.md says; if not, run: npx sucrase-node test/support/network.ts", async () => {
    assert.equal(readFileSync(PAGE, "utf8"), await page());
  });

  it("lead to MySQL only from workloads that declare it", async () => {
    const prod = connections(await run("prod"));
    const clients = prod
      .filter(({ to, ports }) => to === "StatefulSet mysql" && ports.includes(3306))
      .map(({ from }) => from);
    assert.deepEqual(clients, [
      "CronJob mysql-backup",
      "CronJob mysql-restore",
      "Deployment mysql-controller",
      "Job mysql-accounts",
      "Job nacos-schema",
      "StatefulSet mysql",
      "StatefulSet nacos",
    ]);
  });

  it("lead out of the cluster only from MySQL, the backups, and pods that ask the API server", async () => {
    const out = new Set(
      connections(await run("prod"))
        .filter(({ to }) => to.includes("0.0.0.0"))
        .map(({ from }) => from),
    );
    assert.deepEqual([...out].sort(), [
      "CronJob mysql-backup",
      "CronJob mysql-restore",
      "CronJob mysql-verify",
      "CronJob nacos-registry-restore",
      "Deployment mysql-controller",
      "StatefulSet mysql",
      "StatefulSet nacos",
    ]);
  });

  it("need both ends: without a client's label the server's policy does not admit it", async () => {
    const recording = await run("prod");
    const without = recording.resources.map((resource) => {
      const text = JSON.stringify(resource.inputs).replaceAll(
        '"nacos-platform/connects-to-mysql":"true"',
        '"unlabelled":"true"',
      );
      return resource.type.endsWith(":StatefulSet")
        ? { ...resource, inputs: JSON.parse(text) as typeof resource.inputs }
        : resource;
    });
    const found = connections({ ...recording, resources: without }).filter(
      ({ from, to }) => from === "StatefulSet nacos" && to === "StatefulSet mysql",
    );
    assert.deepEqual(found, []);
  });
});
