import { address, everywhere, names, text } from "../../config/fields";
import { group, mapping, oneOf, type ValueOf } from "../../config/groups";
import { namespaceLimitRules, namespaceLimits } from "../../config/namespace-fields";
import type { Rule } from "../../config/rules";
import { DNS_LABEL, KUBERNETES_NAMESPACES } from "../../config/target";
import { ACCOUNTS, DATABASE, SCRATCH_DATABASE } from "../../contract/accounts";
import { TUNNEL } from "../../contract/ports";

const name = { pattern: DNS_LABEL, not: KUBERNETES_NAMESPACES };

/** The key `endpoint`. */
export const endpoint = address({
  description:
    "Address at which Pulumi reaches MySQL's primary from its machine, to create databases and accounts: that of `npm run ops -- mysql tunnel`, or that of an external MySQL.",
  example: "mysql.example.com:3306",
  default: everywhere(TUNNEL),
});

/** A namespace that the stack creates for a tenant, or one that exists already. */
const namespace = oneOf(
  "mode",
  {
    description: "Who creates the namespace: the stack, under the tenant's name (`made`), or somebody else (`named`).",
    default: everywhere("made" as const),
  },
  {
    made: namespaceLimits(
      {
        quota: {
          requestsCpu: { dev: "500m", test: "1", prod: "4" },
          requestsMemory: { dev: "1Gi", test: "2Gi", prod: "8Gi" },
          requestsEphemeralStorage: { dev: "5Gi", test: "10Gi", prod: "40Gi" },
          limitsCpu: { dev: "2", test: "4", prod: "8" },
          limitsMemory: { dev: "2Gi", test: "4Gi", prod: "16Gi" },
          limitsEphemeralStorage: { dev: "40Gi", test: "40Gi", prod: "100Gi" },
          pods: { dev: 10, test: 10, prod: 20 },
          persistentVolumeClaims: { dev: 2, test: 4, prod: 8 },
          storageGiB: { dev: 10, test: 20, prod: 100 },
        },
        containerMax: {
          cpu: { dev: "1", test: "2", prod: "4" },
          memory: { dev: "1Gi", test: "2Gi", prod: "8Gi" },
          ephemeralStorage: { dev: "10Gi", test: "10Gi", prod: "20Gi" },
        },
      },
      {},
    ),
    named: {
      name: text({
        description:
          "Name of the namespace. Its owner is responsible for quota, limits and the network policies of its pods.",
        allowed: "a DNS label of at most 63 characters that is none of Kubernetes' own namespaces",
        example: "shop",
        ...name,
      }),
    },
  },
);

/** Every key below `nacos-tenants:tenants`. */
export const tenants = mapping(
  {
    description:
      "Teams that use the platform. Each has a namespace that may reach Nacos, and the databases that are listed for it.",
    allowed: "DNS labels of at most 63 characters that are none of Kubernetes' own namespaces",
    placeholder: "<tenant>",
    ...name,
  },
  group({
    namespace,
    databases: names({
      description:
        "Databases of the tenant. Each has one account, of the same name. If a name is removed, its account is deleted and its database stays. If the name is added again, the stack takes the database over.",
      allowed:
        "a list of different names of at most 26 lower-case letters and digits, the first a letter, that MySQL and Nacos do not use",
      example: '["orders"]',
      pattern: /^[a-z][a-z0-9]{0,25}$/,
      // Names that the platform or MySQL uses.
      not: ["mysql", "sys", DATABASE, SCRATCH_DATABASE, ...Object.values(ACCOUNTS)],
      default: everywhere<readonly string[]>([]),
    }),
  }),
);

/** The key `deletable`. */
export const deletable = names({
  description:
    "Tenants whose namespace may be deleted although it has PersistentVolumeClaims, which are deleted with it.",
  allowed: "a list of different names of tenants",
  example: '["shop"]',
  ...name,
  default: everywhere<readonly string[]>([]),
});

export type Tenants = ValueOf<typeof tenants>;
type Settings = Tenants[string];

/** The namespace of a tenant. */
export function namespaceOf(tenant: string, { namespace }: Pick<Settings, "namespace">): string {
  return namespace.mode === "named" ? namespace.name : tenant;
}

interface Config {
  readonly tenants: Tenants;
}

/** Rules for each tenant, and between tenants. */
export function tenantRules({ tenants }: Config): readonly Rule<Config>[] {
  return Object.keys(tenants).flatMap((tenant, index, all) => {
    const base = `tenants.${tenant}`;
    const whole = [base, `${base}.namespace`, `${base}.namespace.mode`];
    const limits = namespaceLimitRules<Config>(`${base}.namespace`, (config) => {
      const { namespace } = config.tenants[tenant];
      return namespace.mode === "made" ? namespace : undefined;
    });
    return [
      ...limits.map((rule) => ({ ...rule, uses: [...rule.uses, ...whole] })),
      namespaceOnce(
        tenant,
        all.filter((other) => other !== tenant),
        whole,
      ),
      databasesOnce(tenant, all.slice(0, index)),
    ];
  });
}

function namespaceOnce(tenant: string, others: readonly string[], uses: readonly string[]): Rule<Config> {
  return {
    path: `tenants.${tenant}.namespace.name`,
    uses,
    judge: ({ tenants }) => {
      const { namespace } = tenants[tenant];
      if (namespace.mode !== "named") return undefined;
      // A tenant that could not be read has no namespace here.
      const other = others.find(
        (candidate) =>
          tenants[candidate].namespace !== undefined && namespaceOf(candidate, tenants[candidate]) === namespace.name,
      );
      return other === undefined
        ? undefined
        : {
            value: namespace.name,
            allowed: `a namespace that no other tenant has: this one is ${other}'s`,
            use: "NAME",
          };
    },
  };
}

function databasesOnce(tenant: string, earlier: readonly string[]): Rule<Config> {
  return {
    path: `tenants.${tenant}.databases`,
    uses: [`tenants.${tenant}`],
    judge: ({ tenants }) => {
      const { databases } = tenants[tenant];
      const taken = databases.flatMap((database) =>
        earlier.filter((other) => tenants[other].databases.includes(database)).map((other) => ({ database, other })),
      );
      if (taken.length === 0) return undefined;
      return {
        value: JSON.stringify(databases),
        allowed: `databases that no other tenant has: ${taken.map(({ database, other }) => `${database} is ${other}'s`).join(", ")}`,
        use: JSON.stringify(databases.filter((database) => taken.every((found) => found.database !== database))),
      };
    },
  };
}
