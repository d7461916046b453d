import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { labels, type Identity } from "../../contract/identities";
import { mark } from "../../kube/mark";
import { randomPassword } from "../../kube/password";

export interface AuthSecretArgs {
  /** Name of the Secret. */
  readonly name: string;
  readonly namespace: pulumi.Input<string>;
  readonly identity: Identity;
  /** Whether Pulumi refuses to delete or replace the keys. */
  readonly protect: boolean;
}

/** A Secret with `token`, `identityKey`, `identityValue`, and a text that changes with it and reveals nothing. */
export function authSecret(
  name: string,
  { protect, identity, ...args }: AuthSecretArgs,
  opts: { readonly parent: pulumi.Resource },
): { readonly secret: pulumi.Output<string>; readonly mark: pulumi.Output<string> } {
  const own = { ...opts, protect };
  // The key that signs login tokens: at least 32 bytes, in Base64.
  const token = new random.RandomBytes(`${name}-token`, { length: 48 }, own);
  const { result } = randomPassword(`${name}-identity`, own);
  const { metadata } = new k8s.core.v1.Secret(
    name,
    {
      metadata: { name: args.name, namespace: args.namespace, labels: labels(identity) },
      stringData: { token: token.base64, identityKey: "nacos-platform-server", identityValue: result },
    },
    opts,
  );
  return { secret: metadata.name, mark: mark(`${name}-mark`, { token: token.base64, identity: result }, opts) };
}
