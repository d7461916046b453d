import { UserError } from "../errors";
import { CommandError } from "../exec";
import { Cluster, findCluster } from "../cluster/cluster";
import { waitForMetrics } from "../cluster/addons";
import { hasApiPort } from "../cluster/control-plane";
import { clusterUp } from "../cluster/up";
import { openedPorts, openPorts, waitForNacos, writeCurlConfig } from "../deploy/access";
import { Outputs } from "../deploy/outputs";
import { requireStack, stackConfig } from "../deploy/overlay";
import { Ports, portsOf } from "../deploy/ports";
import { summary } from "../deploy/summary";
import { ensurePrerequisites, requireFreePorts } from "../host/prerequisites";
import { ensureImages } from "../images";
import { Options } from "../options";
import { cacheDir } from "../paths";
import { progress } from "../progress";
import { ensureBinaries } from "../toolchain/build";
import { ensurePulumi } from "../toolchain/pulumi";
import { clusterRecipes } from "../toolchain/recipes";
import { saveSession, Session, stackOn } from "./session";

/** Everything from an empty machine to a running environment; repeated, it continues or changes nothing. */
export async function up(options: Options): Promise<void> {
  requireStack(options.stack);
  await ensurePrerequisites();
  const existing = findCluster(options.name);
  const ports = portsOf(options.stack, options.portOffset);
  if (existing !== undefined) requireSameNodes(existing, options);
  await requirePorts(existing, options.stack, ports);

  const session = await resolveSession();
  progress(`Pulumi: ${session.tools.origin}`);
  const spec = existing?.spec ?? { name: options.name, nodes: options.nodes ?? defaultNodes(options.stack), apiPort: ports.api };
  const { cluster, kubectl } = await clusterUp(spec, session.binaries, session.images);
  saveSession(cluster, session);

  const stack = stackOn(cluster, session, options.stack);
  await stack.prepare();
  progress(`deploying stack "${options.stack}" under the policy pack`);
  await stack.up().catch((error: unknown) => {
    if (!(error instanceof CommandError)) throw error;
    throw new UserError(`stack "${options.stack}" was not deployed; Pulumi says why above. The cluster runs on: \`make status NAME=${options.name}\` shows it, \`make up\` with the same words tries again.`);
  });

  const outputs = await stack.outputs<Outputs>();
  await openPorts(cluster, options.stack, outputs, ports);
  const curlConfig = await writeCurlConfig(cluster, options.stack, outputs);
  await Promise.all([waitForNacos(curlConfig, ports), waitForMetrics(kubectl)]);
  progress("done");
  console.log(summary(cluster, options, outputs, ports, curlConfig));
}

/** Toolchain and images, built or found. */
async function resolveSession(): Promise<Session> {
  const binaries = await ensureBinaries(clusterRecipes);
  const tools = await ensurePulumi();
  const images = Object.values(await ensureImages({ cacheDir, binaries, log: progress }));
  return { binaries, images, tools };
}

function requireSameNodes({ spec }: Cluster, { nodes }: Options): void {
  if (nodes === undefined || nodes === spec.nodes) return;
  throw new UserError(`cluster "${spec.name}" has ${spec.nodes} node(s), and NODES=${nodes} asks for another number. Choose another NAME, or take this one down with \`make down NAME=${spec.name} DELETE=${spec.name}\`, which deletes its volumes too.`);
}

/** Whatever port this cluster does not hold already must be free. */
async function requirePorts(existing: Cluster | undefined, stack: string, ports: Ports): Promise<void> {
  const held = existing === undefined ? [] : [...(hasApiPort(existing) ? [existing.spec.apiPort] : []), ...openedPorts(existing, stack)];
  const wanted = [
    { port: existing?.spec.apiPort ?? ports.api, use: "the API server" },
    { port: ports.nacos, use: "Nacos" },
    { port: ports.nacosGrpc, use: "Nacos (gRPC)" },
    { port: ports.console, use: "the Nacos console" },
    { port: ports.mysql, use: "MySQL" },
  ];
  await requireFreePorts(wanted.filter(({ port }) => !held.includes(port)));
}

/** A stack whose members must sit on different nodes gets three; the development stack needs one. */
function defaultNodes(stack: string): number {
  return stackConfig(stack)["nacos-platform:environment"] === "dev" ? 1 : 3;
}
