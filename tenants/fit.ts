import { namespaceOf } from "../components/tenants/config";
import { Commands } from "../config/commands";
import { configError, type Problem } from "../config/error";
import type { PlatformOutputs } from "../contract/outputs";
import { TUNNEL } from "../contract/ports";
import type { TenantsConfig } from "./schema";

/** A configuration of tenants, and the platform that it has to fit. */
export interface Fit {
  readonly project: string;
  readonly stack: string;
  readonly config: Pick<TenantsConfig, "tenants" | "endpoint">;
  readonly platform: Pick<PlatformOutputs, "namespace" | "mysql">;
  /** By namespace that the configuration names: the stack that has created it; undefined if none has. */
  readonly owners: Readonly<Record<string, string | undefined>>;
}

/** @throws ConfigError that names everything that does not fit, before anything is created. */
export function requireFit({ project, stack, config: { tenants, endpoint }, platform, owners }: Fit): void {
  const commands = new Commands(project);
  const ofNamespaces = Object.entries(tenants).flatMap(([tenant, settings]): Problem[] => {
    const namespace = namespaceOf(tenant, settings);
    const isMade = settings.namespace.mode === "made";
    const path = `tenants.${tenant}${isMade ? "" : ".namespace.name"}`;
    const owner = namespace === platform.namespace ? "the platform" : isMade ? undefined : owners[namespace];
    if (owner === undefined) return [];
    return [
      {
        path: commands.key(path),
        fault: `${isMade ? "would be" : "is"} namespace ${namespace}, which belongs to ${owner === "the platform" ? owner : `stack ${owner}`}`,
        allowed: "a namespace that no stack has created",
        fix: isMade ? `give the tenant another name: ${commands.remove(path)}` : commands.set(path, "NAME"),
      },
    ];
  });
  const ofEndpoint: Problem[] =
    platform.mysql.services === undefined && endpoint === TUNNEL
      ? [
          {
            path: commands.key("endpoint"),
            fault: `is ${endpoint}, the address of a tunnel to servers in the cluster, but MySQL is external`,
            allowed: "the address at which Pulumi reaches MySQL",
            fix: commands.set("endpoint", `${platform.mysql.host}:${platform.mysql.port}`),
          },
        ]
      : [];
  const needsMySql = Object.values(tenants).some(({ databases }) => databases.length > 0);
  const problems = [...ofNamespaces, ...(needsMySql ? ofEndpoint : [])];
  if (problems.length > 0) throw configError(stack, problems);
}
