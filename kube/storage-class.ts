import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { isOffline } from "./cluster-api";
import { configError, type Problem } from "../config/error";

export interface RetainedClassArgs {
  readonly className: string;
  /** Configuration key that names the class, for the message. */
  readonly key: string;
  /** Whether a class that does not retain its volumes stops the update; otherwise there is only a warning. */
  readonly required: boolean;
}

/** What is wrong with a class with this reclaim policy, or undefined. */
export function reclaimProblem(reclaimPolicy: string, className: string, path: string): Problem | undefined {
  if (reclaimPolicy === "Retain") return undefined;
  return {
    path,
    fault: `is ${className}, which deletes a volume together with its claim`,
    allowed: "a StorageClass with reclaimPolicy Retain",
    fix: `pulumi config set --path ${path} NAME, with a class that \`kubectl get storageclass\` shows as Retain`,
  };
}

/**
 * Name of a StorageClass that exists and keeps its volumes when their claims are deleted. The class is read at preview
 * already, and the claims wait for the result.
 *
 * @throws ConfigError, through the output, if the class deletes its volumes and `required` is set.
 */
export function retainedClassName(
  name: string,
  args: RetainedClassArgs,
  opts: pulumi.CustomResourceOptions & { parent: pulumi.Resource },
): pulumi.Output<string> {
  const { className, required } = args;
  if (isOffline()) return pulumi.output(className);
  return k8s.storage.v1.StorageClass.get(name, className, opts).reclaimPolicy.apply((policy) => {
    const problem = reclaimProblem(policy, className, `${pulumi.getProject()}:${args.key}`);
    if (problem && required) throw configError(pulumi.getStack(), [problem]);
    if (problem) void pulumi.log.warn(`${problem.path} ${problem.fault}`, opts.parent);
    return className;
  });
}
