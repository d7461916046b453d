import * as pulumi from "@pulumi/pulumi";

/**
 * Where MySQL of a deployed stack runs. Another place stops preview and update: servers and accounts would be made there under
 * names that the former ones have, and the databases would stay behind.
 */
export function sameMode(name: string, mode: "cluster" | "external"): pulumi.Stash {
  const hook = new pulumi.ResourceHook("look whether MySQL is to run elsewhere", ({ oldInputs, newInputs }) => {
    const [former, wanted] = [oldInputs, newInputs].map((inputs) => (inputs as { input: string }).input);
    throw new Error(`mysql.mode is ${wanted}, and the stack was deployed with ${former}: its databases would stay behind. Set it back: pulumi config set --path nacos-platform:mysql.mode ${former}. To move, deploy another stack with ${wanted}, and publish the configurations there`);
  }, { onDryRun: true });
  return new pulumi.Stash(name, { input: mode }, { hooks: { beforeUpdate: [hook] } });
}
