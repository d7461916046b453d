import * as pulumi from "@pulumi/pulumi";
import { KUBE_DNS } from "../../contract/dns";
import type { PlatformOutputs } from "../../contract/outputs";
import { closedNamespace, type ClosedNamespaceArgs } from "../../kube/closed-namespace";
import { admit, letOut, type AccessArgs } from "./access";
import { namespaceOf, type Tenants } from "./config";
import { TENANT } from "./identity";
import { TenantDatabase, type MySqlArgs } from "./tenant-database";

/** What all tenants of a stack have in common. */
export interface TenantsArgs {
  /** The stack, with its project. */
  readonly owner: string;
  readonly platform: Pick<PlatformOutputs, "namespace" | "dns" | "nacos" | "mysql">;
  readonly mysql: Omit<MySqlArgs, "host" | "port" | "caCertificates">;
  /** Runs before a namespace is created. */
  readonly beforeNamespace: pulumi.ResourceHook;
  /** Runs before a namespace is deleted. */
  readonly beforeDeletion: pulumi.ResourceHook;
}

export type TenantArgs = TenantsArgs &
  Tenants[string] & {
    /** Name of the tenant, and of the namespace if the stack creates it. */
    readonly tenant: string;
  };

/** What a team gets: a namespace that may reach Nacos, and databases, each with a Secret in that namespace. */
export class Tenant extends pulumi.ComponentResource {
  /** Name of its namespace. */
  readonly namespace: pulumi.Output<string>;
  /** Names of the Secrets by database, see {@link TenantDatabase}. */
  readonly secrets: Readonly<Record<string, pulumi.Output<string>>>;

  constructor(name: string, args: TenantArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nacos-platform:tenants:Tenant", name, {}, opts);

    const { tenant, namespace, databases, platform } = args;
    const { host, port, caCertificates, destination } = platform.mysql;
    const access = {
      tenant,
      namespace: namespaceOf(tenant, args),
      platform: platform.namespace,
      destinations: { nacos: platform.nacos.destination, ...(databases.length === 0 ? {} : { mysql: destination }) },
    };
    const made = namespace.mode === "made" ? this.makeNamespace(name, namespace, args, access) : undefined;
    this.namespace = pulumi.output(made?.metadata.name ?? access.namespace);
    const inside = { parent: this, dependsOn: made };
    admit(name, access, inside);
    // Logical names contain only the database, so a database that moves to another tenant keeps its account.
    const all = databases.map(
      (database) =>
        [
          database,
          new TenantDatabase(
            database,
            { database, namespace: this.namespace, mysql: { ...args.mysql, host, port, caCertificates } },
            inside,
          ),
        ] as const,
    );
    this.secrets = Object.fromEntries(all.map(([database, { secret }]) => [database, secret]));
    this.registerOutputs({ namespace: this.namespace, secrets: this.secrets });
  }

  private makeNamespace(
    name: string,
    limits: Pick<ClosedNamespaceArgs, "quota" | "containerDefault" | "containerMax">,
    args: TenantArgs,
    access: AccessArgs,
  ) {
    const { owner, platform, beforeNamespace, beforeDeletion } = args;
    const { dns = KUBE_DNS } = platform;
    const made = closedNamespace(
      name,
      { ...limits, namespace: access.namespace, limits: "tenant", identity: TENANT, owner, dns },
      {
        parent: this,
        hooks: { beforeCreate: [beforeNamespace], beforeDelete: [beforeDeletion] },
      },
    );
    letOut(name, access, { parent: this, dependsOn: made });
    return made;
  }
}
