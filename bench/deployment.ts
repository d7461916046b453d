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
  const exported = JSON.parse(await stack.pulumi(["stack", "export", "--show-secrets"])) as {
    deployment: { resources: DeployedResource[] };
  };
  return exported.deployment.resources
    .filter((resource) => resource.custom && resource.external !== true && !resource.type.startsWith("pulumi:"))
    .map((resource) => ({ ...resource, inputs: unwrap(resource.inputs, secrets) as Record<string, unknown> }));
}

/** The Kubernetes manifests of a stack, in the order in which they were created. */
export function manifests(resources: DeployedResource[]): object[] {
  return resources.filter(({ type }) => type.startsWith("kubernetes:")).map(({ inputs }) => inputs);
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
    return `new ${constructor}(${JSON.stringify(urn.split("::").at(-1))}, ${args} as any);`;
  });
  const imports = ["kubernetes", "random", "tls"].map(
    (name) => `import * as ${name === "kubernetes" ? "k8s" : name} from "@pulumi/${name}";`,
  );
  return [...imports, ...lines, ""].join("\n");
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
