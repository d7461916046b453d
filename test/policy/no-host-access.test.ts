import * as assert from "node:assert/strict";
import { noHostAccess as policy } from "../../policy-pack/rules/pod-security/no-host-access";
import { changed, check, goodStatefulSet, passes, podSpec, types, unknown, violations } from "./support";

const volume = `${podSpec}.volumes.0`;

describe("no-host-access", () => {
  passes(policy);

  for (const field of ["hostNetwork", "hostPID", "hostIPC"]) {
    check(policy, [
      {
        title: `stops ${field}`,
        path: `${podSpec}.${field}`,
        value: true,
        says: [`StatefulSet nacos/db: ${field} is true. Leave it out: the pod has to stay in its own namespaces.`],
      },
      { title: `passes ${field}: false`, path: `${podSpec}.${field}`, value: false, says: [] },
      { title: `leaves an unknown ${field} to the update`, path: `${podSpec}.${field}`, value: unknown, says: [] },
    ]);
  }

  check(policy, [
    {
      title: "stops a hostPath",
      path: volume,
      value: { name: "data", hostPath: { path: "/var/lib/mysql" } },
      says: [
        'StatefulSet nacos/db, volume "data": it is the hostPath "/var/lib/mysql". Use a PersistentVolumeClaim or an emptyDir.',
      ],
    },
    {
      title: "passes a volume that is only called hostPath",
      path: volume,
      value: { name: "hostPath", emptyDir: {} },
      says: [],
    },
    { title: "leaves an unknown volume to the update", path: volume, value: unknown, says: [] },
    { title: "leaves an unknown list of volumes to the update", path: `${podSpec}.volumes`, value: unknown, says: [] },
    { title: "passes a pod without volumes", path: `${podSpec}.volumes`, value: undefined, says: [] },
  ]);

  it("ignores an exempt workload", () => {
    const props = changed(goodStatefulSet, `${podSpec}.hostNetwork`, true);
    assert.deepEqual(violations(policy, types.StatefulSet, props, ["nacos/db"]), []);
  });
});
