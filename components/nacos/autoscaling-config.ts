import { everywhere, flag, integer } from "../../config/fields";
import { oneOf, type ValueOf } from "../../config/groups";
import type { Rule } from "../../config/rules";

/** The largest cluster: each server has all data of the registry, and takes part in each write. */
export const MOST_SERVERS = 7;
/** The smallest cluster that an autoscaler may have: the loss of one server leaves a majority. */
const LEAST_SERVERS = 3;

/** Every key below `nacos-platform:nacos.autoscaling`. */
export const autoscaling = oneOf(
  "mode",
  {
    description:
      "Whether the CPU load decides the number of Nacos servers (`enabled`), from `nacos.replicas` to `maxReplicas`, or `nacos.replicas` is their number (`disabled`). It is a choice also in prod: docs/autoscaling.md.",
    default: everywhere("disabled" as const),
  },
  {
    disabled: {},
    enabled: {
      maxReplicas: integer({
        description:
          "Largest number of Nacos servers. Quota, MySQL's connections and, with `nacos.spread: required`, nodes have to be enough for it. An even number gives a warning: it tolerates no more failures than one less.",
        min: LEAST_SERVERS + 1,
        max: MOST_SERVERS,
        default: everywhere(5),
      }),
      cpuPercent: integer({
        description:
          "CPU utilisation, in percent of `nacos.resources.requests.cpu`, above which servers are added: at most 2 in 3 minutes, after 2 minutes.",
        min: 30,
        max: 90,
        default: everywhere(70),
      }),
      scaleDown: flag({
        description:
          "Whether a server is removed after 30 minutes with less load, one in 30 minutes. Otherwise only another configuration removes servers.",
        default: everywhere(false),
      }),
      nodesOnDemand: flag({
        description:
          "Whether the cluster adds a node for a pod that finds none. Then `maxReplicas` may be more than there are nodes with `nacos.spread: required`.",
        default: everywhere(false),
      }),
    },
  },
);

export type NacosAutoscaling =
  | { readonly mode: "disabled" }
  | Extract<ValueOf<typeof autoscaling>, { readonly mode: "enabled" }>;

/** Number of servers, and who sets it. */
export interface NacosCount {
  /** Number of servers, odd; with autoscaling the smallest one. A single server runs standalone. */
  readonly replicas: number;
  /** Default: disabled. */
  readonly autoscaling?: NacosAutoscaling;
}

/** The largest number of servers: what quota and MySQL need room for. */
export function mostServers({ replicas, autoscaling }: NacosCount): number {
  return autoscaling?.mode === "enabled" ? autoscaling.maxReplicas : replicas;
}

/** The largest number of servers, as a message says it, with the key that decides it. */
export function mostServersIn({ replicas, autoscaling }: NacosCount): string {
  return autoscaling?.mode === "enabled"
    ? `${autoscaling.maxReplicas} (nacos.autoscaling.maxReplicas)`
    : String(replicas);
}

/** What a rule about the largest number of servers depends on. */
export const SERVERS_KEYS = [
  "nacos.replicas",
  "nacos.autoscaling",
  "nacos.autoscaling.mode",
  "nacos.autoscaling.maxReplicas",
] as const;

interface Config {
  readonly nacos: NacosCount;
}

export const autoscalingRules: readonly Rule<Config>[] = [
  {
    path: "nacos.replicas",
    uses: SERVERS_KEYS,
    judge: ({ nacos: { replicas, autoscaling } }) =>
      autoscaling?.mode !== "enabled" || (replicas >= LEAST_SERVERS && replicas < MOST_SERVERS)
        ? undefined
        : {
            value: String(replicas),
            allowed: `with nacos.autoscaling.mode enabled, from ${LEAST_SERVERS}, so that one server can be lost, to ${MOST_SERVERS - 2}, so that there is room for more`,
            use: String(replicas < LEAST_SERVERS ? LEAST_SERVERS : MOST_SERVERS - 2),
          },
  },
  {
    path: "nacos.autoscaling.maxReplicas",
    uses: SERVERS_KEYS,
    judge: ({ nacos: { replicas, autoscaling } }) =>
      autoscaling?.mode !== "enabled" || autoscaling.maxReplicas > replicas || replicas >= MOST_SERVERS
        ? undefined
        : {
            value: String(autoscaling.maxReplicas),
            allowed: `more than nacos.replicas, which is ${replicas}, and at most ${MOST_SERVERS}`,
            use: String(replicas + 2),
          },
  },
];
