import "../kube/native-traces";
import * as k8s from "@pulumi/kubernetes";
import * as mysql from "@pulumi/mysql";
import * as pulumi from "@pulumi/pulumi";
import { isLocal } from "../clients/mysql/local";
import { guard, keepClaims } from "../components/tenants/claims";
import { existingDatabases } from "../components/tenants/existing";
import { overLeftovers } from "../components/tenants/leftovers";
import { Tenant } from "../components/tenants/tenant";
import { parseCredentials } from "../contract/credentials";
import { inCluster } from "../kube/cluster-provider";
import { OWNER, ownNamespace } from "../kube/own-namespace";
import { sameCluster } from "../kube/same-cluster";
import { UpdateRefusal } from "../kube/update-refusal";
import { loadConfig } from "./config";
import { requireFit } from "./fit";
import { platformOutputs } from "./platform";

/** Pulumi runs this function as the program, and uses its result as the outputs. It is asynchronous, because it queries MySQL for existing databases first. */
export = async () => {
  const config = loadConfig();
  const [project, stack] = [pulumi.getProject(), pulumi.getStack()];
  const platform = await platformOutputs(config.platform);
  const { kubeContext } = platform;
  const opts = inCluster(kubeContext);
  const tenants = Object.entries(config.tenants);

  const named = tenants.flatMap(([name, { namespace }]) =>
    namespace.mode === "named" ? [[name, namespace.name] as const] : [],
  );
  const owners = await Promise.all(
    named.map(async ([name, namespace]) => {
      const { metadata } = k8s.core.v1.Namespace.get(`${name}-named`, namespace, opts);
      return [namespace, (await known(metadata)).annotations?.[OWNER]] as const;
    }),
  );
  requireFit({ project, stack, config, platform, owners: Object.fromEntries(owners) });

  const secret = k8s.core.v1.Secret.get(
    "administrator",
    `${platform.namespace}/${platform.secrets.mysqlAdministrator}`,
    opts,
  );
  const credentials = pulumi.secret(
    secret.data.apply((data) => parseCredentials(Buffer.from(data["admin.json"], "base64").toString())),
  );
  const administrator = {
    endpoint: config.endpoint,
    caCertificates: platform.mysql.caCertificates,
    ...(await known(credentials)),
  };
  const existing = await existingDatabases(
    administrator,
    tenants.flatMap(([, { databases }]) => databases),
  );

  await known(sameCluster("same-cluster", kubeContext, "nacos-platform:kubeContext, update the platform,", opts).urn); // nothing is created in another cluster
  const shared = {
    owner: `${project}/${stack}`,
    platform,
    mysql: {
      provider: new mysql.Provider("mysql", {
        endpoint: config.endpoint,
        username: pulumi.unsecret(credentials.user),
        password: credentials.password,
        // The provider has no option for a CA. It trusts the system's CAs, and those in SSL_CERT_FILE.
        tls: isLocal(config.endpoint) ? "skip-verify" : "true",
      }),
      beforeAccount: overLeftovers(administrator),
      existing,
    },
    beforeNamespace: ownNamespace(
      kubeContext,
      (name) =>
        `Give the tenant another name, or use the existing namespace: pulumi config set --path ${project}:tenants.${name}.namespace.mode named.`,
    ),
    beforeDeletion: keepClaims(kubeContext, config.deletable),
  };
  const outputs = tenants.map(([tenant, settings]) => {
    const made = new Tenant(tenant, { ...shared, ...settings, tenant }, opts);
    if (settings.namespace.mode === "made") guard(`${tenant}-guard`, tenant, made, shared.beforeDeletion);
    return [tenant, { namespace: made.namespace, secrets: made.secrets }] as const;
  });
  /** By tenant: the name of its namespace and, by database, the name of the Secret in it. Never the credentials. */
  return { tenants: Object.fromEntries(outputs) };
};

/** The value of an output of a resource that was read, also in a preview. An unknown value ends the program with an error, because nothing would be registered after it. */
async function known<T>(output: pulumi.Output<T>): Promise<pulumi.Unwrap<T>> {
  const { isKnown } = output as unknown as { readonly isKnown: Promise<boolean> };
  if (!(await isKnown)) throw new UpdateRefusal("TENANTS_CLUSTER_UNKNOWN", "the state of the cluster is not known");
  return new Promise((resolve) => output.apply((value) => resolve(value as pulumi.Unwrap<T>)));
}
