import { leastMemoryMiB, maxConnections } from "../components/mysql/my-cnf";
import { cpuMilli, MIB, memoryBytes } from "./quantity";
import { isLocal } from "../ops/mysql/local";
import { DEFAULT_ENDPOINT } from "./mysql-schema";
import type { PlatformConfig } from "./schema";

/** A rule between values. `path` and `uses` are paths without the project's prefix. */
export interface Rule {
  /** The key that is reported, and that the fix sets. */
  readonly path: string;
  /** Further keys that have to be valid for the rule to be judged. */
  readonly uses: readonly string[];
  /** @returns what is wrong, or undefined. */
  judge(config: PlatformConfig): Finding | undefined;
}

export interface Finding {
  readonly value: string;
  readonly allowed: string;
  /** A value that would do; none where it is a secret. */
  readonly use?: string;
}

interface Resources {
  readonly requests: { readonly cpu: string; readonly memory: string };
  readonly limits: { readonly cpu: string; readonly memory: string };
}

function requestWithinLimit(base: string, resource: "cpu" | "memory", of: (config: PlatformConfig) => Resources): Rule {
  const measure = resource === "cpu" ? cpuMilli : memoryBytes;
  return {
    path: `${base}.requests.${resource}`,
    uses: [`${base}.limits.${resource}`],
    judge: (config) => {
      const [request, limit] = [of(config).requests[resource], of(config).limits[resource]];
      if (measure(request) <= measure(limit)) return undefined;
      return { value: request, allowed: `at most ${base}.limits.${resource}, which is ${limit}`, use: limit };
    },
  };
}

function defaultWithinMaximum(resource: "cpu" | "memory"): Rule {
  const measure = resource === "cpu" ? cpuMilli : memoryBytes;
  return {
    path: `tenancy.containerDefault.limits.${resource}`,
    uses: [`tenancy.containerMax.${resource}`],
    judge: ({ tenancy }) => {
      const [limit, most] = [tenancy.containerDefault.limits[resource], tenancy.containerMax[resource]];
      if (measure(limit) <= measure(most)) return undefined;
      return { value: limit, allowed: `at most tenancy.containerMax.${resource}, which is ${most}`, use: most };
    },
  };
}

const both = (base: string, of: (config: PlatformConfig) => Resources): Rule[] =>
  [requestWithinLimit(base, "cpu", of), requestWithinLimit(base, "memory", of)];

/** What a copy outside needs beside its endpoint. */
function neededForCopy(key: "bucket" | "accessKeyId" | "secretAccessKey", use?: string): Rule {
  return {
    path: `mysql.backup.s3.${key}`,
    uses: ["mysql.backup.s3.endpoint"],
    judge: ({ mysql: { backup: { s3 } } }) =>
      s3.endpoint !== "" && s3[key] === "" ? { value: "not set", allowed: "a value wherever mysql.backup.s3.endpoint is set", use } : undefined,
  };
}

/** What an external MySQL needs. */
function neededForExternal(key: "host" | "authorities" | "user" | "password", use?: string): Rule {
  return {
    path: `mysql.external.${key}`,
    uses: ["mysql.mode"],
    judge: ({ mysql: { mode, external } }) =>
      mode === "external" && external[key] === "" ? { value: "not set", allowed: "a value wherever mysql.mode is external", use } : undefined,
  };
}

export const rules: readonly Rule[] = [
  ...both("tenancy.containerDefault", (c) => c.tenancy.containerDefault),
  ...both("mysql.resources", (c) => c.mysql.resources),
  ...both("mysql.backup.throwaway", (c) => c.mysql.backup.throwaway),
  ...both("nacos.resources", (c) => c.nacos.resources),
  defaultWithinMaximum("cpu"),
  defaultWithinMaximum("memory"),
  {
    path: "nacos.replicas",
    uses: ["environment"],
    judge: ({ environment, nacos }) =>
      environment === "prod" && nacos.replicas < 3
        ? { value: String(nacos.replicas), allowed: "at least 3 in prod, so that one server can be lost", use: "3" }
        : undefined,
  },
  {
    path: "mysql.backup.s3.endpoint",
    uses: ["environment"],
    judge: ({ environment, mysql }) =>
      environment === "prod" && mysql.backup.s3.endpoint === ""
        ? { value: "not set", allowed: "a store in prod, so that backups outlive the cluster", use: "https://s3.example.com" }
        : undefined,
  },
  neededForCopy("bucket", "nacos-backups"),
  neededForCopy("accessKeyId"),
  neededForCopy("secretAccessKey"),
  neededForExternal("host", "mysql.example.com"),
  neededForExternal("authorities", "-----BEGIN CERTIFICATE-----…"),
  neededForExternal("user", "admin"),
  neededForExternal("password"),
  {
    path: "mysql.endpoint",
    uses: ["mysql.mode", "mysql.external.port"],
    judge: ({ mysql: { mode, endpoint, external } }) => {
      if (mode === "external" && endpoint === DEFAULT_ENDPOINT) {
        return { value: endpoint, allowed: "where an external MySQL is reached from where Pulumi runs: no tunnel of this project leads there", use: `${external.host || "mysql.example.com"}:${external.port}` };
      }
      if (mode === "cluster" && !isLocal(endpoint)) {
        return { value: endpoint, allowed: "an address on 127.0.0.1, where a tunnel begins: the update that makes the servers also makes the authority of their certificates, which nobody can check before", use: DEFAULT_ENDPOINT };
      }
      return undefined;
    },
  },
  {
    path: "mysql.failover",
    uses: ["mysql.replicas", "mysql.semiSync"],
    judge: ({ mysql }) =>
      mysql.mode === "cluster" && mysql.failover === "automatic" && (mysql.replicas < 2 || mysql.semiSync !== "required")
        ? { value: "automatic", allowed: `automatic only with at least 2 replicas (there are ${mysql.replicas}) and semiSync required (it is ${mysql.semiSync}): otherwise it could lose what clients were told of`, use: "manual" }
        : undefined,
  },
  {
    path: "mysql.semiSync",
    uses: ["environment", "mysql.replicas"],
    judge: ({ mysql }) =>
      mysql.mode === "cluster" && mysql.semiSync === "required" && mysql.replicas === 0
        ? { value: "required", allowed: "required only with a replica that could acknowledge; mysql.replicas is 0", use: "preferred" }
        : undefined,
  },
  {
    path: "mysql.resources.limits.memory",
    uses: ["mysql.connectionReserve", "nacos.replicas", "nacos.databasePoolSize"],
    judge: ({ mysql, nacos }) => {
      const connections = maxConnections({ ...nacos, connectionReserve: mysql.connectionReserve });
      const least = leastMemoryMiB(connections);
      if (mysql.mode === "external" || memoryBytes(mysql.resources.limits.memory) >= least * MIB) return undefined;
      return {
        value: mysql.resources.limits.memory,
        allowed: `at least ${least}Mi for ${connections} connections (${nacos.replicas} × pool of ${nacos.databasePoolSize} + ${mysql.connectionReserve} in reserve)`,
        use: `${least}Mi`,
      };
    },
  },
];
