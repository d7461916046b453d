import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Identity } from "../../contract/identities";
import { NACOS_PORTS } from "../../contract/ports";
import { service, type ServiceSettings } from "../../kube/service";
import { transformed, type Transform } from "../../kube/transform";
import { CLIENT_PORTS } from "./exposure";

/** Changes to the Services that are created, see {@link Transform}. */
export interface ServiceTransforms {
  readonly clientService?: Transform<k8s.types.input.core.v1.ServiceSpec>;
  readonly consoleService?: Transform<k8s.types.input.core.v1.ServiceSpec>;
}

export interface ServicesArgs {
  /** Name in the cluster of the StatefulSet and of the Service for clients. */
  readonly base: string;
  readonly namespace: pulumi.Input<string>;
  readonly identity: Identity;
  readonly consolePort: number;
  readonly settings: ServiceSettings;
  readonly transform?: ServiceTransforms;
}

/** The Services inside the cluster: one for the servers themselves, one for clients, one for the console. */
export function services(
  name: string,
  { base, consolePort, transform, ...front }: ServicesArgs,
  opts: pulumi.CustomResourceOptions,
): Record<"headless" | "client" | "console", k8s.core.v1.Service> {
  const between = [
    { name: "server-grpc", port: NACOS_PORTS.serverGrpc, targetPort: "server-grpc" },
    { name: "raft", port: NACOS_PORTS.raft, targetPort: "raft" },
  ];
  const console = [
    { name: "console", port: consolePort, targetPort: consolePort === NACOS_PORTS.http ? "http" : "console" },
  ];
  return {
    headless: service(
      `${name}-headless`,
      {
        ...front,
        name: `${base}-headless`,
        // The servers have to find each other before any of them is ready.
        spec: { clusterIP: "None", publishNotReadyAddresses: true, ports: [...CLIENT_PORTS, ...between] },
      },
      opts,
    ),
    client: service(
      `${name}-service`,
      { ...front, name: base, spec: transformed(transform?.clientService, { ports: [...CLIENT_PORTS] }) },
      opts,
    ),
    console: service(
      `${name}-console`,
      { ...front, name: `${base}-console`, spec: transformed(transform?.consoleService, { ports: console }) },
      opts,
    ),
  };
}
