import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import * as path from "node:path";
import { clusterDir } from "../../../sandbox/cluster/cluster";
import { pulumiPlugins } from "../../../sandbox/cluster/down";

describe("a cluster that is taken down", () => {
  it("finds the plugins of Pulumi that act on it, and no others", async () => {
    const argv0 = (name: string): string =>
      path.join(clusterDir(name), "pulumi", "home", "plugins", "resource-x", "plugin");
    const started = ["one", "another"].map((name) => spawn("sleep", ["30"], { argv0: argv0(`no-such-${name}`) }));
    try {
      await Promise.all(started.map((child) => once(child, "spawn")));
      assert.deepEqual(pulumiPlugins("no-such-one"), [started[0].pid]);
      assert.deepEqual(pulumiPlugins("no-such"), []);
    } finally {
      for (const child of started) child.kill();
    }
  });
});
