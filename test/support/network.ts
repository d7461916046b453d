/** Writes docs/network.md from what the program makes: `npx sucrase-node test/support/network.ts`. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, runExposed, runExternal } from "./program";
import { items, type Recorded, type Recording, type Tree } from "./recorder";

export const PAGE = join(__dirname, "../../docs/network.md");

type Labels = Readonly<Record<string, string>>;

interface Workload {
  readonly name: string;
  readonly labels: Labels;
  readonly policies: readonly Tree[];
}

/** A connection that is let through, and the ports it is for. */
export interface Connection {
  readonly from: string;
  readonly to: string;
  readonly ports: readonly number[];
}

const list = (tree: Tree | undefined): readonly Tree[] => (tree === undefined ? [] : items(tree));
const plain = (tree: Tree | undefined): Labels => (tree ?? {}) as unknown as Labels;
const selects = (selector: Tree | undefined, labels: Labels): boolean =>
  selector !== undefined && Object.entries(plain(selector.matchLabels)).every(([key, value]) => labels[key] === value);
const portsOf = (rule: Tree): number[] => list(rule.ports).map(({ port }) => port as unknown as number);

/** Pods of the stack with the policies that select them; the namespace's own, which deny everything, left out. */
function workloads({ resources }: Recording<unknown>): Workload[] {
  const policies = resources
    .filter(
      ({ type, inputs }) =>
        type.endsWith(":NetworkPolicy") &&
        !["default-deny", "allow-dns"].includes(inputs.metadata.name as unknown as string),
    )
    .map(({ inputs }) => inputs.spec);
  return resources.flatMap(({ type, inputs }: Recorded) => {
    const template = (inputs.spec?.template ?? inputs.spec?.jobTemplate?.spec.template) as Tree | undefined;
    if (template === undefined || !type.startsWith("kubernetes:")) return [];
    const labels = plain(template.metadata.labels);
    return [
      {
        name: `${type.split(":").at(-1)} ${inputs.metadata.name as unknown as string}`,
        labels,
        policies: policies.filter(({ podSelector }) => selects(podSelector, labels)),
      },
    ];
  });
}

const key = ({ from, to, ports }: Connection): string => `${from} ${to} ${ports.join()}`;

/** Every connection that the policies of both its ends let through, within the namespace and beyond it. */
export function connections(recording: Recording<unknown>): Connection[] {
  const all = workloads(recording);
  const within = all.flatMap((client) =>
    all.flatMap((server) => {
      const out = client.policies
        .flatMap(({ egress }) => list(egress))
        .filter(({ to }) => list(to).some(({ podSelector }) => selects(podSelector, server.labels)))
        .flatMap(portsOf);
      const into = server.policies
        .flatMap(({ ingress }) => list(ingress))
        .filter(({ from }) => list(from).some(({ podSelector }) => selects(podSelector, client.labels)))
        .flatMap(portsOf);
      const ports = out.filter((port) => into.includes(port));
      return ports.length === 0 ? [] : [{ from: client.name, to: server.name, ports }];
    }),
  );
  const beyond = (peers: Tree): string[] =>
    list(peers).flatMap(({ namespaceSelector, ipBlock }) => [
      ...(namespaceSelector === undefined
        ? []
        : [
            `namespaces with ${Object.entries(plain(namespaceSelector.matchLabels))
              .map(([key, value]) => `${key}: ${value}`)
              .join(", ")}`,
          ]),
      ...(ipBlock === undefined ? [] : [ipBlock.cidr as unknown as string]),
    ]);
  const outside = all.flatMap(({ name, policies }) =>
    policies.flatMap(({ ingress, egress }) => [
      ...list(ingress).flatMap((rule) => beyond(rule.from).map((from) => ({ from, to: name, ports: portsOf(rule) }))),
      ...list(egress).flatMap((rule) => beyond(rule.to).map((to) => ({ from: name, to, ports: portsOf(rule) }))),
    ]),
  );
  return [...within, ...outside].sort((a, b) => key(a).localeCompare(key(b), "en"));
}

/** The place to which every pod may send DNS queries. */
function dns(recording: Recording<unknown>): string {
  const [rule] = list(recording.one("kubernetes:networking.k8s.io/v1:NetworkPolicy", "allow-dns").inputs.spec.egress);
  const ports = [...new Set(portsOf(rule))].join(", ");
  const to = list(rule.to).map(({ podSelector, ipBlock, ...peer }) =>
    ipBlock === undefined
      ? `pods with ${written(podSelector)} in namespaces with ${written(peer.namespaceSelector)}`
      : `\`${ipBlock.cidr as unknown as string}\``,
  );
  return `Every pod may send DNS queries to ${to.join(" and to ")}, on port ${ports} of UDP and TCP. \`access.dns\` changes this.`;
}

function written({ matchLabels }: Tree): string {
  return Object.entries(plain(matchLabels))
    .map(([key, value]) => `\`${key}: ${value}\``)
    .join(", ");
}

/** The page's text. */
export async function page(): Promise<string> {
  const recording = await run("prod");
  const table = (found: readonly Connection[]): string[] => [
    "| From | To | TCP ports |",
    "| --- | --- | --- |",
    ...found.map(({ from, to, ports }) => `| ${from} | ${to} | ${ports.join(", ")} |`),
    "",
  ];
  const prod = connections(recording);
  return [
    "# Network",
    "",
    "Everything in the stack's namespace is denied except DNS and the connections below. Each connection is declared at both ends:",
    "by the client's policy and a label of its pods, and by the server's policy. Tenants add policies `tenant-*`, which admit their",
    "namespaces to MySQL and to Nacos' client and console ports: [tenants.md](tenants.md).",
    "",
    dns(recording),
    "",
    "## prod",
    "",
    ...table(prod),
    "## prod with Nacos reached from outside",
    "",
    "With a load balancer for clients and an Ingress for the console ([exposure.md](exposure.md)), in addition to the above:",
    "",
    ...table(connections(await runExposed()).filter((found) => !prod.some((known) => key(known) === key(found)))),
    "## prod with an external MySQL",
    "",
    ...table(connections(await runExternal())),
    "<!-- Generated: npx sucrase-node test/support/network.ts -->",
    "",
  ].join("\n");
}

if (require.main === module) void page().then((text) => writeFileSync(PAGE, text));
