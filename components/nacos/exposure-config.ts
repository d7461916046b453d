import { annotations, cidrs, everywhere, integer, text } from "../../config/fields";
import { group, oneOf, type ValueOf } from "../../config/groups";
import type { Rule } from "../../config/rules";
import { DNS_NAME } from "../../config/workload-fields";
import { nacosFacts } from "./versions";

const sourceRanges = cidrs({
  description:
    "Addresses from which clients outside the cluster may connect. Everybody else is refused, by network policies and, if it can, by the load balancer. Leave out the addresses of pods.",
  example: '["192.0.2.0/24"]',
});

/** Every key below `nacos-platform:nacos.exposure`. */
export const exposure = group({
  clients: oneOf(
    "mode",
    {
      description:
        "How clients outside the cluster reach HTTP and gRPC: not at all (`none`), by a load balancer (`loadBalancer`), or by ports of the nodes (`nodePort`). The ports have no TLS: docs/exposure.md.",
      default: everywhere("none" as const),
    },
    {
      none: {},
      loadBalancer: {
        sourceRanges,
        annotations: annotations({
          description: "Annotations of the Service, for the cloud that runs the load balancer.",
        }),
        loadBalancerClass: text({
          description: "Class of the load balancer, if it is not the cluster's default.",
          allowed: "a class that a controller in the cluster knows",
          example: "service.k8s.aws/nlb",
          pattern: /^[a-z0-9]([a-z0-9./-]*[a-z0-9])?$/,
        }).optional(),
      },
      nodePort: {
        sourceRanges,
        httpPort: integer({
          description: "Port of the nodes for HTTP. The port for gRPC is this one + 1000, because clients compute it.",
          min: 30_000,
          max: 31_767,
          default: everywhere(30_848),
        }),
      },
    },
  ),
  console: oneOf(
    "mode",
    {
      description:
        "How browsers outside the cluster reach the console: not at all (`none`; there is `npm run ops -- nacos console`), or by an Ingress with TLS (`ingress`).",
      default: everywhere("none" as const),
    },
    {
      none: {},
      ingress: {
        host: text({
          description: "DNS name of the console.",
          allowed: "a DNS name",
          example: "nacos.example.com",
          pattern: DNS_NAME,
        }),
        className: text({
          description: "IngressClass of the controller that serves it. It must exist.",
          allowed: "the name of an IngressClass in the cluster",
          example: "traefik",
          pattern: DNS_NAME,
        }),
        tlsSecret: text({
          description:
            "Secret with the certificate. Create it in the namespace, or let cert-manager create it: set its annotation.",
          allowed: "the name of a Secret",
          example: "nacos-console-tls",
          pattern: DNS_NAME,
          default: everywhere("nacos-console-tls"),
        }),
        annotations: annotations({
          description: "Annotations of the Ingress, for its controller or for cert-manager.",
        }),
        controllerNamespace: text({
          description: "Namespace of the controller's pods. Network policies let them connect to the console.",
          allowed: "the name of a namespace",
          example: "traefik",
          pattern: /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/,
        }).optional(),
        controllerCidrs: cidrs({
          description:
            "Addresses from which the controller connects, if it does so from no pod, as a load balancer of a cloud or in the network of its node.",
          example: '["192.0.2.0/24"]',
        }).optional(),
      },
    },
  ),
});

export type Exposure = ValueOf<typeof exposure>;

interface Config {
  readonly nacos: { readonly image: string; readonly exposure: Exposure };
}

export const exposureRules: readonly Rule<Config>[] = [
  {
    path: "nacos.exposure.clients.mode",
    uses: ["nacos.image", "nacos.exposure.clients"],
    judge: ({ nacos: { image, exposure } }) => {
      const { mode } = exposure.clients;
      if (mode === "none" || nacosFacts(image)?.version.startsWith("2.2") !== true) return undefined;
      return {
        value: mode,
        allowed: "none with Nacos 2.2, whose members and log levels anybody can change without a login",
        use: "none",
      };
    },
  },
  {
    path: "nacos.exposure.console.controllerNamespace",
    uses: ["nacos.exposure.console", "nacos.exposure.console.mode", "nacos.exposure.console.controllerCidrs"],
    judge: ({ nacos: { exposure } }) => {
      const { console } = exposure;
      if (console.mode === "none" || (console.controllerNamespace ?? console.controllerCidrs) !== undefined)
        return undefined;
      return {
        value: "not set",
        allowed: "the namespace of the ingress controller, or instead of it controllerCidrs",
        use: "NAMESPACE",
      };
    },
  },
];
