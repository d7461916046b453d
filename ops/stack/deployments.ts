import { read } from "../process";

/** Pulumi's form of a stack's configuration, in `pulumi config --json` and in the history. */
export type Config = Readonly<
  Record<string, { readonly value?: string; readonly objectValue?: unknown; readonly secret: boolean }>
>;

/** The part of an entry of `pulumi stack history --json` that is read here. */
export interface Deployment {
  /** "update", "destroy", "refresh", "resource-import". */
  readonly kind: string;
  readonly startTime: string;
  readonly message: string;
  readonly result: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly config: Config;
  readonly resourceChanges?: Readonly<Record<string, number>>;
}

/** How many deployments are read: more than anybody goes back. */
const READ = 50;

/**
 * The newest deployments of a stack, the last one first. Never with `--show-secrets`: with another file than Pulumi.STACK.yaml
 * for the configuration, Pulumi would write a new salt into Pulumi.STACK.yaml.
 */
export async function deploymentsOf(stack: string): Promise<readonly Deployment[]> {
  const words = ["stack", "history", "--json", "--page-size", String(READ)];
  return JSON.parse(await read(["pulumi", ...words, "--stack", stack])) as readonly Deployment[];
}

/** Whether Pulumi had a policy pack, by the options of the command that its history notes. It does not note which. */
export function hadPack({ environment }: Deployment): boolean {
  return "pulumi.flag.policy-pack" in environment || "pulumi.env.PULUMI_OPTION_POLICY_PACK" in environment;
}

/** The deployments that no policy pack has evaluated: updates of single resources with `--target`, or of another program. */
export function withoutPack(deployments: readonly Deployment[]): readonly Deployment[] {
  return deployments.filter((deployment) => deployment.kind === "update" && !hadPack(deployment));
}

/** What differs between two configurations, a line each. Pulumi masks a section that contains a secret as a whole. */
export function configChanges(before: Config, after: Config): readonly string[] {
  const [was, is] = [before, after].map(
    (config) => new Map(Object.entries(config).flatMap(([key, entry]) => valuesOf(key, entry))),
  );
  return [...new Set([...was.keys(), ...is.keys()])]
    .filter((path) => was.get(path) !== is.get(path))
    .sort()
    .map((path) => `${path}: ${was.get(path) ?? "not set"} → ${is.get(path) ?? "not set"}`);
}

/** The values of a section with their paths, "nacos-platform:nacos.image". */
function valuesOf(key: string, { value, objectValue, secret }: Config[string]): [string, string][] {
  const leaves = (at: string, inner: unknown): [string, string][] =>
    typeof inner !== "object" || inner === null || Array.isArray(inner)
      ? [[at, JSON.stringify(inner)]]
      : Object.entries(inner).flatMap(([name, child]) => leaves(`${at}.${name}`, child));
  return secret ? [[key, "[secret]"]] : leaves(key, objectValue ?? value);
}
