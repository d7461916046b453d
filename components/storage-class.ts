import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { configError } from "../config/error";

export interface RetainedClassArgs {
  readonly className: string;
  /** Configuration key that names the class, for the message. */
  readonly key: string;
  /** Whether a class that does not retain its volumes stops the update; otherwise it is warned about. */
  readonly required: boolean;
}

/**
 * Name of a StorageClass that is there and keeps its volumes when their claims are deleted. The class is read at
 * preview already; what claims it waits for the answer.
 *
 * @throws ConfigError, through the output, when the class deletes its volumes and `required` is set.
 */
export function retainedClassName(name: string, args: RetainedClassArgs, opts: pulumi.CustomResourceOptions & { parent: pulumi.Resource }): pulumi.Output<string> {
  const { className, required } = args;
  const path = `${pulumi.getProject()}:${args.key}`;
  return k8s.storage.v1.StorageClass.get(name, className, opts).reclaimPolicy.apply((policy) => {
    if (policy === "Retain") return className;
    const problem = {
      path,
      fault: `is ${className}, which deletes a volume together with its claim`,
      allowed: "a StorageClass with reclaimPolicy Retain",
      fix: `pulumi config set --path ${path} NAME, with one of those that \`kubectl get storageclass\` shows as Retain`,
    };
    if (required) throw configError(pulumi.getStack(), [problem]);
    void pulumi.log.warn(`${problem.path} ${problem.fault}`, opts.parent);
    return className;
  });
}
