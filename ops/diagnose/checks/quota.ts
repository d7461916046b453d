import { parseCpu, parseMemory } from "../../../contract/quantity";
import { problem, type Check, type Found } from "../check";
import { percent } from "./usage";

export interface Quota {
  readonly metadata: { readonly name: string };
  readonly status?: {
    readonly hard?: Readonly<Record<string, string>>;
    readonly used?: Readonly<Record<string, string>>;
  };
}

/** Quotas that are used up: a pod that ends does not come back if something else has taken its share. */
export function evaluateQuotas(quotas: readonly Quota[]): Found {
  const shares = quotas
    .flatMap(({ metadata, status }) =>
      Object.entries(status?.hard ?? {}).map(([key, hard]) => {
        const amount = (text: string) => (key.endsWith("cpu") ? parseCpu(text) : parseMemory(text)) ?? 0;
        const used = status?.used?.[key] ?? "0";
        // What may not exist at all is not used up.
        return {
          name: `${metadata.name} ${key}`,
          used,
          hard,
          share: amount(hard) === 0 ? 0 : amount(used) / amount(hard),
        };
      }),
    )
    .sort((a, b) => b.share - a.share);
  return {
    summary: shares.length === 0 ? "none" : `most used: ${shares[0].name} ${percent(shares[0].share)}`,
    problems: shares
      .filter(({ share }) => share >= 1)
      .map(({ name, used, hard }) =>
        problem(
          "watch",
          `quota ${name} is used up: ${used} of ${hard}, so no further pod can be created`,
          "docs/runbooks/troubleshooting.md#pending",
        ),
      ),
  };
}

export const quota: Check = {
  name: "quota",
  look: async (world) => evaluateQuotas(await world.list("v1", "resourcequotas")),
};
