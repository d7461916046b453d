import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

/**
 * A text that changes whenever one of the secrets changes, and reveals nothing of them. In the annotations of a pod template
 * it restarts the pods.
 */
export function mark(
  name: string,
  secrets: Readonly<Record<string, pulumi.Input<string>>>,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  return new random.RandomId(name, { byteLength: 4, keepers: secrets }, opts).hex;
}
