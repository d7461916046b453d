import { Stack } from "../sandbox/deploy/stack";

/** A resource in a stack's exported state. */
export interface DeployedResource {
  urn: string;
  type: string;
  custom: boolean;
  external?: boolean;
  inputs: Record<string, unknown>;
}

/** What a stack has deployed. With `secrets: "plain"`, for use in memory only; otherwise secrets are replaced by as many x. */
export async function deployedResources(stack: Stack, secrets: "plain" | "masked"): Promise<DeployedResource[]> {
  const exported = JSON.parse(await stack.pulumi(["stack", "export", "--show-secrets"])) as { deployment: { resources: DeployedResource[] } };
  return exported.deployment.resources
    .filter((resource) => resource.custom && resource.external !== true && !resource.type.startsWith("pulumi:"))
    .map((resource) => ({ ...resource, inputs: unwrap(resource.inputs, secrets) as Record<string, unknown> }));
}

/**
 * The Kubernetes manifests of a stack, in the order in which they were created. Resources outside Kubernetes, which are MySQL's
 * databases and accounts, are created by the servers' init file instead.
 */
export function manifests(resources: DeployedResource[]): object[] {
  const statements = resources.filter(({ type }) => type.startsWith("mysql:")).map(({ type, inputs }) => statementOf(type, inputs as Record<string, string> & { roles?: string[]; privileges?: string[] }));
  const kubernetes = resources.filter(({ type }) => type.startsWith("kubernetes:")).map(({ inputs }) => inputs as { data?: Record<string, string> });
  const init = kubernetes.find(({ data }) => data?.["init.sql"] !== undefined);
  if (init?.data === undefined) throw new Error("no Secret holds the servers' init.sql, which is to make the accounts too");
  const text = `${Buffer.from(init.data["init.sql"], "base64").toString()}${statements.join("\n")}\n`;
  const extended = { ...init, data: { ...init.data, "init.sql": Buffer.from(text).toString("base64") } };
  return kubernetes.map((manifest) => (manifest === init ? extended : manifest));
}

function statementOf(type: string, inputs: Record<string, string> & { roles?: string[]; privileges?: string[] }): string {
  const grantee = inputs.role === undefined ? `'${inputs.user}'@'${inputs.host}'` : `'${inputs.role}'`;
  switch (type) {
    case "mysql:index/database:Database":
      return `CREATE DATABASE IF NOT EXISTS \`${inputs.name}\` CHARACTER SET ${inputs.defaultCharacterSet} COLLATE ${inputs.defaultCollation};`;
    case "mysql:index/role:Role":
      return `CREATE ROLE IF NOT EXISTS '${inputs.name}';`;
    case "mysql:index/user:User":
      return `CREATE USER IF NOT EXISTS ${grantee} IDENTIFIED BY '${inputs.plaintextPassword}' REQUIRE ${inputs.tlsOption};`;
    case "mysql:index/grant:Grant":
      if (inputs.roles !== undefined) return `GRANT ${inputs.roles.map((role) => `'${role}'`).join(", ")} TO ${grantee};`;
      return `GRANT ${inputs.privileges?.join(", ")} ON ${inputs.database === "*" ? "*" : `\`${inputs.database}\``}.* TO ${grantee};`;
    default:
      throw new Error(`no statement makes a ${type}`);
  }
}

/**
 * The same resources as one flat program: a constructor call each, nothing computed. It is written
 * to disk, so it is made from masked resources.
 */
export function flatProgram(resources: DeployedResource[], namespace: { from: string; to: string }): string {
  const lines = resources.map(({ urn, type, inputs }) => {
    const [packageName, module, name] = type.split(/[:]/);
    const constructor = packageName === "kubernetes" ? `k8s.${groupOf(module)}.${name}` : `${packageName}.${name}`;
    const args = JSON.stringify(inputs).replaceAll(namespace.from, namespace.to);
    return `new ${constructor}(${JSON.stringify(urn.split("::").at(-1))}, ${args} as any${packageName === "mysql" ? ", { provider: server }" : ""});`;
  });
  const imports = ["kubernetes", "mysql", "random", "tls"].map((name) => `import * as ${name === "kubernetes" ? "k8s" : name} from "@pulumi/${name}";`);
  const server = 'const server = new mysql.Provider("server", { endpoint: "127.0.0.1:1", username: "x", password: "x" });';
  return [...imports, server, ...lines, ""].join("\n");
}

/** "networking.k8s.io/v1" is `networking.v1` in the SDK, "core/v1" is `core.v1`. */
function groupOf(module: string): string {
  const [group, version] = module.split("/");
  return `${group.split(".")[0]}.${version}`;
}

/** Removes Pulumi's marks of secret values. */
function unwrap(value: unknown, secrets: "plain" | "masked"): unknown {
  if (Array.isArray(value)) return value.map((item) => unwrap(item, secrets));
  if (typeof value !== "object" || value === null) return value;
  if ("plaintext" in value) {
    const secret = unwrap(JSON.parse(value.plaintext as string), secrets);
    return secrets === "plain" ? secret : mask(secret);
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== "__defaults")
      .map(([key, child]) => [key, unwrap(child, secrets)]),
  );
}

function mask(value: unknown): unknown {
  if (typeof value === "string") return "x".repeat(value.length);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, mask(child)]));
}
