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
  return group({
    requests: group(amounts("requests", what, least, defaults)),
    limits: group(amounts("limits", what, least, defaults)),
  });
}

/** CPU and memory of a container's requests or limits. */
export function amounts(
  set: "requests" | "limits",
  what: string,
  least: ResourceDefaults,
  defaults: PerEnvironment<ResourceDefaults>,
) {
  const of = `${set === "requests" ? "request" : "limit"} of ${what}.`;
  const pick = (resource: "cpu" | "memory"): PerEnvironment<string> => ({
    dev: defaults.dev[set][resource],
    test: defaults.test[set][resource],
    prod: defaults.prod[set][resource],
  });
  return {
    cpu: cpu({ description: `CPU ${of}`, min: least[set].cpu, max: "64", default: pick("cpu") }),
    memory: memory({ description: `Memory ${of}`, min: least[set].memory, max: "256Gi", default: pick("memory") }),
  };
}

/** A StorageClass that exists. */
export const storageClass = (whose: string) =>
  text({
    description: `StorageClass of ${whose} claims. It must exist. If \`protect\` is true, its reclaim policy must be Retain.`,
    allowed: "the name of a StorageClass in the cluster",
    example: "standard-retain",
    pattern: DNS_NAME,
  });
