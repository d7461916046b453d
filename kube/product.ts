import type * as pulumi from "@pulumi/pulumi";
import type { Endpoint } from "./connections";
import type { WorkloadFootprint } from "./footprint";
import type { PodSettings } from "./pod";
import type { Scraping } from "./scraping";
import type { ServiceSettings } from "./service";

/** Arguments that the program passes to every component. */
export interface Shared {
  readonly namespace: pulumi.Output<string>;
  /** Context of the kubeconfig. */
  readonly kubeContext: string;
  /** What the stack sets for all pods. */
  readonly pods: PodSettings;
  /** What the stack sets for all Services. */
  readonly services: ServiceSettings;
  /** DNS suffix of the namespace's Services: `<namespace>.svc.<cluster domain>`. */
  readonly serviceDomain: string;
  /** Whether Pulumi refuses to delete or replace resources with data. */
  readonly protect: boolean;
  readonly scraping: Scraping;
  /** The API server: policies apply to the address behind its Service. */
  readonly apiServer: Endpoint;
}

/** A workload that runs next to Nacos. */
export interface Product {
  /** What it takes of the namespace's quota. Known before anything is created. */
  readonly footprint: WorkloadFootprint;
  readonly create: (shared: Shared, opts: pulumi.ComponentResourceOptions) => pulumi.Resource;
}
