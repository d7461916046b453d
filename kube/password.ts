import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

/** A password of letters and digits only, because SQL, option files and URLs contain it without escaping. */
export function randomPassword(name: string, opts: pulumi.CustomResourceOptions, length = 32): random.RandomPassword {
  return new random.RandomPassword(name, { length, special: false }, opts);
}
