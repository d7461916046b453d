import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { labels, selectorLabels, type Identity } from "../contract/identities";

/** What a stack sets for Services, whatever is behind them. */
export interface ServiceSettings {
  /** In addition to those of the Service, which have precedence. */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly ipFamilyPolicy: "SingleStack" | "PreferDualStack" | "RequireDualStack";
}

export interface ServiceArgs {
  /** Name in the cluster, and in its DNS. */
  readonly name: string;
  readonly namespace: pulumi.Input<string>;
  /** Identity of the pods that it selects. */
  readonly identity: Identity;
  readonly settings: ServiceSettings;
  /** Labels that select some of them. Default: all. */
  readonly selector?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** The rest of the specification: ports, and what makes it headless. */
  readonly spec: k8s.types.input.core.v1.ServiceSpec;
}

/** A Service for a workload that Pulumi waits for. Pulumi does not wait for its endpoints: that would only report a failure twice. */
export function service(name: string, args: ServiceArgs, opts: pulumi.CustomResourceOptions): k8s.core.v1.Service {
  const { namespace, identity, settings, spec, selector = selectorLabels(identity) } = args;
  return new k8s.core.v1.Service(
    name,
    {
      metadata: {
        name: args.name,
        namespace,
        labels: { ...settings.labels, ...labels(identity) },
        annotations: { ...settings.annotations, ...args.annotations, "pulumi.com/skipAwait": "true" },
      },
      spec: {
        // SingleStack is what Kubernetes sets by itself.
        ...(settings.ipFamilyPolicy === "SingleStack" ? {} : { ipFamilyPolicy: settings.ipFamilyPolicy }),
        ...spec,
        selector: { ...selector },
      },
    },
    opts,
  );
}
