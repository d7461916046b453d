import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

/**
 * Another word whenever one of the secrets is another, and nothing that tells of them. In a pod template's annotations
 * it makes the pods start again.
 */
export function mark(name: string, secrets: Readonly<Record<string, pulumi.Input<string>>>, opts: pulumi.CustomResourceOptions): pulumi.Output<string> {
  return new random.RandomId(name, { byteLength: 4, keepers: secrets }, opts).hex;
}
