import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { configError, type Problem } from "../config/error";

export interface RetainedClassArgs {
  readonly className: string;
  /** Configuration key that names the class, for the message. */
  readonly key: string;
  /** Whether a class that does not retain its volumes stops the update; otherwise it is warned about. */
  readonly required: boolean;
}

/** What is wrong with a class that reclaims like this, or undefined. */
export function reclaimProblem(reclaimPolicy: string, className: string, path: string): Problem | undefined {
  if (reclaimPolicy === "Retain") return undefined;
  return {
    path,
    fault: `is ${className}, which deletes a volume together with its claim`,
    allowed: "a StorageClass with reclaimPolicy Retain",
    fix: `pulumi config set --path ${path} NAME, with one of those that \`kubectl get storageclass\` shows as Retain`,
  };
}

/**
 * Name of a StorageClass that is there and keeps its volumes when their claims are deleted. The class is read at
 * preview already; what claims it waits for the answer.
 *
 * @throws ConfigError, through the output, when the class deletes its volumes and `required` is set.
 */
export function retainedClassName(name: string, args: RetainedClassArgs, opts: pulumi.CustomResourceOptions & { parent: pulumi.Resource }): pulumi.Output<string> {
  const { className, required } = args;
  return k8s.storage.v1.StorageClass.get(name, className, opts).reclaimPolicy.apply((policy) => {
    const problem = reclaimProblem(policy, className, `${pulumi.getProject()}:${args.key}`);
    if (problem && required) throw configError(pulumi.getStack(), [problem]);
    if (problem) void pulumi.log.warn(`${problem.path} ${problem.fault}`, opts.parent);
    return className;
  });
}
