import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { cgroupOf, processesIn } from "../../../sandbox/cluster/cgroups";
import { clusterDir } from "../../../sandbox/cluster/cluster";
import { isRunning } from "../../../sandbox/cluster/down";
import { type Environment, make, refusal } from "./environments";

/** The command lines of every process of the machine. */
function commandLines(): string[] {
  return fs
    .readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map((pid) => {
      try {
        return fs.readFileSync(`/proc/${pid}/cmdline`, "utf8");
      } catch {
        return ""; // it has ended meanwhile
      }
    });
}

/** The last test of an environment, which takes it down. */
export function itLeavesNothingBehind(environment: Environment): void {
  it(`leaves no process, mount, namespace or cgroup of ${environment.cluster} behind`, async () => {
    const cgroup = cgroupOf(environment.cluster);
    assert.ok(processesIn(cgroup).length > 0);
    assert.match(await refusal(make("down", environment, "DELETE=another")), /DELETE=another names another cluster/);
    await make("down", environment);
    assert.deepEqual(processesIn(cgroup), []);
    assert.equal(isRunning(environment.cluster), false);
    assert.deepEqual(
      commandLines().filter((line) => line.includes(clusterDir(environment.cluster))),
      [],
    );
    assert.ok(!fs.readFileSync("/proc/self/mountinfo", "utf8").includes(clusterDir(environment.cluster)));
    assert.ok(
      fs.existsSync(path.join(clusterDir(environment.cluster), "volumes")),
      "the volumes are kept until their deletion is asked for by name",
    );
    await make("down", environment, `DELETE=${environment.cluster}`);
    assert.ok(!fs.existsSync(clusterDir(environment.cluster)));
  });
}
