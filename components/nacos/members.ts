import * as pulumi from "@pulumi/pulumi";

interface Inputs {
  readonly spec: { readonly replicas: number };
}

/** A hook that says at preview what another number of servers does to those that stay. */
export function membersChange(key: string): pulumi.ResourceHook {
  return new pulumi.ResourceHook(`say what another ${key} does`, async ({ oldInputs, newInputs }) => {
    const [before, now] = [oldInputs, newInputs].map((inputs) => (inputs as Inputs).spec.replicas);
    if (before !== now) await pulumi.log.warn(`${key} changes from ${before} to ${now}: every server of Nacos has the list of all, so those that stay restart one by one. No server of MySQL restarts`);
  }, { onDryRun: true });
}
