import type * as pulumi from "@pulumi/pulumi";
import type { WorkloadFootprint } from "./footprint";

/** What the program gives every component. */
export interface Shared {
  readonly namespace: pulumi.Output<string>;
  /** Context of the kubeconfig. */
  readonly kubeContext: string;
  readonly priorityClassName: pulumi.Output<string>;
  /** DNS suffix of the namespace's Services: `<namespace>.svc.<cluster domain>`. */
  readonly serviceDomain: string;
  /** Whether Pulumi refuses to delete or replace what holds data. */
  readonly protect: boolean;
  /** Namespaces with all these labels may reach metrics. */
  readonly monitoringNamespaceLabels: Readonly<Record<string, string>>;
  /** CIDRs in which the API server may be. */
  readonly apiServerCidrs: readonly string[];
}

/** Something that runs next to Nacos. */
export interface Product {
  /** What it asks of the namespace, which is known before anything is created. */
  readonly footprint: WorkloadFootprint;
  readonly create: (shared: Shared, opts: pulumi.ComponentResourceOptions) => pulumi.Resource;
}
