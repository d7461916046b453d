import assert from "node:assert/strict";
import type * as k8s from "@pulumi/kubernetes";
import { ENVIRONMENTS } from "../../../config/fields";
import { memoryBytes, MIB } from "../../../contract/quantity";
import { emptyDirVolumes, withDisk } from "../../../kube/ephemeral-storage";
import { run } from "../../support/program";
import type { Recording } from "../../support/recorder";

const compute = { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "2", memory: "2Gi" } };

describe("a container's ephemeral storage", () => {
  it("is for its log if it has no emptyDir", () => {
    assert.deepEqual(withDisk(compute), {
      requests: { cpu: "1", memory: "1Gi", "ephemeral-storage": "64Mi" },
      limits: { cpu: "2", memory: "2Gi", "ephemeral-storage": "256Mi" },
    });
  });

  it("is for its emptyDirs as well, and is requested without what it seldom needs", () => {
    const { requests, limits } = withDisk(compute, { tmp: 64, work: 1024 }, 1000);
    assert.deepEqual([requests["ephemeral-storage"], limits["ephemeral-storage"]], ["152Mi", "1344Mi"]);
  });

  it("has the emptyDirs' sizes", () => {
    assert.deepEqual(emptyDirVolumes({ tmp: 64, work: 2048 }), [
      { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
      { name: "work", emptyDir: { sizeLimit: "2Gi" } },
    ]);
  });
});

type PodSpec = k8s.types.output.core.v1.PodSpec;

function podsOf({ resources }: Recording<unknown>): [name: string, spec: PodSpec][] {
  return resources.flatMap(({ name, inputs }) => {
    const { spec } = inputs as { spec?: { template?: { spec: PodSpec }; jobTemplate?: { spec: typeof spec } } };
    const template = spec?.template ?? spec?.jobTemplate?.spec?.template;
    return template === undefined ? [] : [[name, template.spec] as [string, PodSpec]];
  });
}

describe("every container of the program", () => {
  for (const environment of ENVIRONMENTS) {
    it(`in ${environment} may fill the emptyDirs that it writes to, and print a log`, async () => {
      const pods = podsOf(await run(environment));
      assert.ok(pods.length >= 8);
      for (const [name, { containers, initContainers, volumes }] of pods) {
        const sizes = new Map(
          volumes
            .filter(({ emptyDir }) => emptyDir !== undefined && emptyDir.medium !== "Memory")
            .map((volume) => [volume.name, memoryBytes(volume.emptyDir.sizeLimit)]),
        );
        for (const container of [...containers, ...((initContainers as typeof containers | undefined) ?? [])]) {
          const { requests, limits } = container.resources;
          const written = container.volumeMounts
            .filter(({ readOnly }) => !readOnly)
            .reduce((sum, mount) => sum + (sizes.get(mount.name) ?? 0), 0);
          const [request, limit] = [requests, limits].map((list) => memoryBytes(list["ephemeral-storage"]));
          assert.ok(limit >= written + 256 * MIB, `${name}, ${container.name}: ${limit} for ${written}`);
          assert.ok(request >= 64 * MIB && request <= 8 * 1024 * MIB, `${name}, ${container.name} requests ${request}`);
        }
      }
    });
  }
});
