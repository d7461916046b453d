import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { labels, type Identity } from "../contract/identities";

/** A dedicated service account for a workload that does not call the API server: its pods have no token. */
export function serviceAccount(
  name: string,
  args: { readonly name: string; readonly namespace: pulumi.Input<string>; readonly identity: Identity },
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.ServiceAccount {
  return new k8s.core.v1.ServiceAccount(
    name,
    {
      metadata: { name: args.name, namespace: args.namespace, labels: labels(args.identity) },
      automountServiceAccountToken: false,
    },
    opts,
  );
}
