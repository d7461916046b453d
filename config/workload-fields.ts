import { z } from "zod";
import { check, cpu, everywhere, field, memory, text, type Field, type Mismatch, type PerEnvironment } from "./fields";
import { group } from "./groups";

/** A DNS name of one or more labels. */
export const DNS_NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

export interface ResourceDefaults {
  readonly requests: { readonly cpu: string; readonly memory: string };
  readonly limits: { readonly cpu: string; readonly memory: string };
}

/** An image whose tag names its version. `accepts` may give a specific reason. */
export function image(args: {
  description: string;
  default: string;
  allowed: string;
  accepts: (reference: string) => boolean | Mismatch;
}): Field<string> {
  const { accepts, ...facts } = args;
  return field(
    { ...facts, example: args.default, default: everywhere(args.default) },
    z.string().superRefine(check(accepts)),
  );
}

/** Requests and limits of a container. */
export function resources(what: string, least: ResourceDefaults, defaults: PerEnvironment<ResourceDefaults>) {
  const pick = (choose: (r: ResourceDefaults) => string): PerEnvironment<string> => ({
    dev: choose(defaults.dev),
    test: choose(defaults.test),
    prod: choose(defaults.prod),
  });
  return group({
    requests: group({
      cpu: cpu({
        description: `CPU request of ${what}.`,
        min: least.requests.cpu,
        max: "64",
        default: pick((r) => r.requests.cpu),
      }),
      memory: memory({
        description: `Memory request of ${what}.`,
        min: least.requests.memory,
        max: "256Gi",
        default: pick((r) => r.requests.memory),
      }),
    }),
    limits: group({
      cpu: cpu({
        description: `CPU limit of ${what}.`,
        min: least.limits.cpu,
        max: "64",
        default: pick((r) => r.limits.cpu),
      }),
      memory: memory({
        description: `Memory limit of ${what}.`,
        min: least.limits.memory,
        max: "256Gi",
        default: pick((r) => r.limits.memory),
      }),
    }),
  });
}

/** A StorageClass that exists. */
export const storageClass = (whose: string) =>
  text({
    description: `StorageClass of ${whose} claims. It must exist. If \`protect\` is true, its reclaim policy must be Retain.`,
    allowed: "the name of a StorageClass in the cluster",
    example: "standard-retain",
    pattern: DNS_NAME,
  });
