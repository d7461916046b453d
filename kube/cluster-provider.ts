import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { ownedBy } from "./field-manager";

/**
 * How a stack makes what it has in Kubernetes: through one provider that names its context, with one owner of its fields.
 * Options for everything at the top of the program.
 */
export function inCluster(kubeContext: string): { readonly provider: k8s.Provider; readonly transformations: pulumi.ResourceTransformation[] } {
  const [project, stack] = [pulumi.getProject(), pulumi.getStack()];
  const provider = new k8s.Provider("cluster", {
    context: kubeContext,
    // The same for any name of the context: a provider of another identity would replace every resource.
    clusterIdentifier: `${project}/${stack}`,
    // Or what an update had made when it was killed could not be taken over by the next one. A resource that is given another
    // name or parent needs `aliases`: its object would be taken over under the new name, and then deleted under the old one.
    upsertExistingObjects: true,
    enableConfigMapMutable: true,
    enableSecretMutable: true,
    suppressDeprecationWarnings: true,
  });
  return { provider, transformations: [ownedBy(`pulumi-${project}-${stack}`)] };
}
