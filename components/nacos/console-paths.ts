import { NACOS_CONSOLE_PORT } from "../../contract/ports";
import type { NacosFacts } from "./versions";

/** A path of an Ingress. A prefix ends at a slash: `/css` is the prefix of `/css/main.css`, not of `/cssx`. */
export interface ConsolePath {
  readonly pathType: "Exact" | "Prefix";
  readonly path: string;
}

/** By what the console's page loads and calls. Read in its sources and its script. */
const SINCE_3: readonly ConsolePath[] = paths({
  exact: ["/", "/v3/auth/user", "/v3/auth/user/list", "/v3/auth/user/login", "/v3/auth/user/search"],
  prefix: [
    "/console-ui",
    "/css",
    "/img",
    "/js",
    // The two pages of 3.2.
    "/legacy",
    "/next",
    "/v3/auth/permission",
    "/v3/auth/role",
    "/v3/auth/visibility",
    "/v3/console",
  ],
});

/** The console of 2.x calls the same server as clients do. */
const BEFORE_3: readonly ConsolePath[] = paths({
  exact: ["/nacos", "/nacos/", "/nacos/v1/auth/users", "/nacos/v1/auth/users/login", "/nacos/v1/auth/users/search"],
  prefix: [
    "/nacos/console-ui",
    "/nacos/css",
    "/nacos/img",
    "/nacos/js",
    "/nacos/v1/auth/permissions",
    "/nacos/v1/auth/roles",
    "/nacos/v1/console",
    "/nacos/v1/core/cluster/nodes",
    "/nacos/v1/cs/configs",
    "/nacos/v1/cs/history",
    "/nacos/v1/cs/listener",
    "/nacos/v1/ns/catalog",
    "/nacos/v1/ns/cluster",
    "/nacos/v1/ns/instance",
    "/nacos/v1/ns/service",
  ],
});

/**
 * The paths that the console needs. An Ingress has these and no other, so each controller answers the rest with 404: metrics,
 * the creation of the first administrator, and what 2.x lets anybody write without a login.
 */
export function consolePaths({ consolePort }: Pick<NacosFacts, "consolePort">): readonly ConsolePath[] {
  return consolePort === NACOS_CONSOLE_PORT ? SINCE_3 : BEFORE_3;
}

function paths({
  exact,
  prefix,
}: {
  readonly exact: readonly string[];
  readonly prefix: readonly string[];
}): ConsolePath[] {
  return [
    ...exact.map((path) => ({ pathType: "Exact" as const, path })),
    ...prefix.map((path) => ({ pathType: "Prefix" as const, path })),
  ];
}
