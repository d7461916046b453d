import * as pulumi from "@pulumi/pulumi";

interface Inputs {
  readonly spec: { readonly replicas: number };
}

/** A hook that warns at preview that another number of servers restarts the remaining ones. */
export function membersChange(key: string): pulumi.ResourceHook {
  return new pulumi.ResourceHook(
    `say what another ${key} does`,
    async ({ oldInputs, newInputs }) => {
      const [before, now] = [oldInputs, newInputs].map((inputs) => (inputs as Inputs).spec.replicas);
      if (before !== now)
        await pulumi.log.warn(
          `${key} changes from ${before} to ${now}: each Nacos server has a list of all servers, so the remaining ones restart one by one. No MySQL server restarts`,
        );
    },
    { onDryRun: true },
  );
}
