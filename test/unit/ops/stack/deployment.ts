import type { Deployment } from "../../../../ops/stack/deployments";

export const nacos = (image: string) => ({
  "nacos-platform:nacos": { value: "{…}", objectValue: { image, properties: { a: ["b"] } }, secret: false },
});

/** An update that succeeded, under the policy pack. */
export function deployment(over: Partial<Deployment> = {}): Deployment {
  return {
    kind: "update",
    startTime: "2026-11-30T20:00:00.000Z",
    message: "nacos: 3.1.2",
    result: "succeeded",
    environment: {
      "git.head": "a5a28ac13af22b9a21ce1a3ed7fabc33ec695192",
      "git.committer": "Ada",
      "pulumi.flag.policy-pack": "set",
    },
    config: nacos("nacos:v3.1.2"),
    resourceChanges: { same: 118, update: 2, create: 1 },
    ...over,
  };
}
