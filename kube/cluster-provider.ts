import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { evaluated } from "./evaluated";
import { ownedBy } from "./field-manager";

/**
 * Options for all top-level resources of a program: one provider with an explicit context, which waits for the policy pack, and
 * one owner of the fields in Kubernetes.
 */
export function inCluster(kubeContext: string): {
  readonly provider: k8s.Provider;
  readonly transformations: pulumi.ResourceTransformation[];
} {
  const [project, stack] = [pulumi.getProject(), pulumi.getStack()];
  const provider = new k8s.Provider(
    "cluster",
    {
      context: kubeContext,
      // Independent of the context's name: another identity of the provider would replace every resource.
      clusterIdentifier: `${project}/${stack}`,
      // So the next update takes over what a killed update has created. A resource that gets another name or parent needs
      // `aliases`: its object would be taken over under the new name, and then deleted under the old one.
      upsertExistingObjects: true,
      enableConfigMapMutable: true,
      enableSecretMutable: true,
      suppressDeprecationWarnings: true,
    },
    { dependsOn: evaluated() },
  );
  return { provider, transformations: [ownedBy(`pulumi-${project}-${stack}`)] };
}
