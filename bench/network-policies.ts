import type { Live } from "../test/e2e/support/environments";

interface Policy {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly managedFields: readonly { readonly manager: string; readonly operation: string }[];
  };
  readonly spec: object;
}

/**
 * The network policies of a stack's namespace, to be deleted and restored. Without them, no packet of the namespace is queued for
 * the program that enforces them. Without that program, its rules would remain, and drop every new connection.
 */
export class NetworkPolicies {
  private constructor(
    private readonly environment: Live,
    private readonly policies: readonly Policy[],
  ) {}

  static async of(environment: Live): Promise<NetworkPolicies> {
    const { kubectl, outputs } = environment;
    const args = ["--namespace", outputs.namespace, "get", "networkpolicies", "-o", "json", "--show-managed-fields"];
    const { items } = JSON.parse(await kubectl(args)) as { items: Policy[] };
    if (items.length === 0) throw new Error(`namespace ${outputs.namespace} has no network policies`);
    return new NetworkPolicies(environment, items);
  }

  async delete(): Promise<void> {
    const { kubectl, outputs } = this.environment;
    await kubectl(["--namespace", outputs.namespace, "delete", "networkpolicies", "--all"]);
  }

  /** As those who manage them would apply them, so that their next updates meet no conflict. */
  async restore(): Promise<void> {
    for (const manager of new Set(this.policies.map(managerOf))) {
      const items = this.policies
        .filter((policy) => managerOf(policy) === manager)
        .map(({ apiVersion, kind, metadata: { name, namespace, labels, annotations }, spec }) => ({
          apiVersion,
          kind,
          metadata: { name, namespace, labels, annotations },
          spec,
        }));
      await this.environment.kubectl(
        ["apply", "--server-side", `--field-manager=${manager}`, "-f", "-"],
        JSON.stringify({ apiVersion: "v1", kind: "List", items }),
      );
    }
  }
}

function managerOf({ metadata: { name, managedFields } }: Policy): string {
  const found = managedFields.find(({ operation }) => operation === "Apply");
  if (found === undefined) throw new Error(`nobody has applied NetworkPolicy ${name}`);
  return found.manager;
}
