import * as fs from "node:fs";
import * as path from "node:path";
import { UserError } from "../errors";
import { Cluster, clusterDir, findCluster } from "../cluster/cluster";
import { waitForAddons, waitForMetrics } from "../cluster/addons";
import { hasApiPort } from "../cluster/control-plane";
import { clusterUp } from "../cluster/up";
import { openedPorts, openPorts, waitForNacos, writeCurlConfig } from "../deploy/access";
import type { PlatformOutputs as Outputs } from "../../contract/outputs";
import type { Stack } from "../deploy/stack";
import { requireStack, stackFileOf } from "../deploy/overlay";
import { TENANTS } from "../deploy/project";
import { Ports, portsOf } from "../deploy/ports";
import { releaseStaleLocks } from "../deploy/stale-lock";
import { summary } from "../deploy/summary";
import { copiesOutside, nodesFor, platformConfig } from "../deploy/topology";
import { exclusively } from "../host/lock";
import { ensurePrerequisites, requireClusterSpace, requireFreePorts } from "../host/prerequisites";
import { Options } from "../options";
import { together } from "../parallel";
import { ensureObjectStore, waitForObjectStore } from "../object-store";
import { progress } from "../progress";
import { build } from "./build";
import { saveSession, type Session, stackOn } from "./session";

/** Everything from an empty machine to a running environment; repeated, it continues or changes nothing. */
export async function up(options: Options): Promise<void> {
  requireStack(options.stack);
  const nodes = nodesFor(options.stack, findCluster(options.name)?.spec.nodes ?? options.nodes);
  await ensurePrerequisites({ newCluster: findCluster(options.name) === undefined });
  await exclusively(options.name, clusterDir(options.name), () => upLocked(options, nodes));
}

async function upLocked(options: Options, nodes: number): Promise<void> {
  const existing = findCluster(options.name);
  if (existing !== undefined) requireSameNodes(existing, options);
  const ports = portsOf(options.stack, options.portOffset);
  await requirePorts(existing, options.stack, ports);

  const session = await build();
  progress(`Pulumi: ${session.tools.origin}`);
  if (existing === undefined) requireClusterSpace(); // again: the build may have filled the same disk
  const spec = existing?.spec ?? { name: options.name, nodes, apiPort: ports.api };
  const cluster = new Cluster(spec);
  cluster.save();
  saveSession(cluster, session);
  const kubectl = await clusterUp(cluster, session.binaries, session.images);

  const store = copiesOutside(options.stack);
  const stack = stackOn(cluster, session, options.stack);
  await openPorts(cluster, options.stack, platformConfig(options.stack).namespace, ports); // first, because the stack's configuration names them
  await together(stack.prepare(), ...(store ? [ensureObjectStore(kubectl, cluster, session.images)] : []));
  for (const line of releaseStaleLocks(path.join(stack.target.dir, "state"), options.stack)) progress(line);
  progress(`nodes are Ready; deploying stack "${options.stack}" under the policy pack`);
  const next = `The cluster runs on: \`make status NAME=${options.name}\` shows it, \`make up\` with the same arguments tries again.`;
  const tenants = tenantsOf(cluster, session, options.stack);
  // The add-ons are usually ready before Pulumi's preview ends; until then, what starts retries.
  await together(
    stack.up(next),
    waitForAddons(kubectl),
    ...(tenants === undefined ? [] : [tenants.prepare().then(() => tenants.previewAhead())]),
  );

  const outputs = await stack.outputs<Outputs>();
  const curlConfig = await writeCurlConfig(cluster, kubectl, options.stack, outputs);
  await together(
    upTenants(tenants, stack, next),
    waitForNacos(curlConfig, ports, outputs.nacos.version),
    waitForMetrics(kubectl),
    ...(store ? [waitForObjectStore(kubectl)] : []),
  );
  progress("done");
  console.log(summary(cluster, options, outputs, ports, curlConfig));
}

/** The stack of what teams are given. A stack of the platform may have none. */
function tenantsOf(cluster: Cluster, session: Session, stack: string): Stack | undefined {
  const file = stackFileOf(TENANTS, stack);
  if (fs.existsSync(file)) return stackOn(cluster, session, stack, TENANTS);
  progress(`no tenants: there is no ${path.relative(TENANTS.folder, file)} in ${TENANTS.folder}`);
  return undefined;
}

async function upTenants(tenants: Stack | undefined, platform: Stack, next: string): Promise<void> {
  if (tenants === undefined) return;
  progress(`deploying the tenants of stack "${tenants.name}"`);
  if (platform.hasChanged) tenants.forgetPreview(); // it read the platform's outputs
  await tenants.up(next);
}

function requireSameNodes({ spec }: Cluster, { nodes }: Options): void {
  if (nodes === undefined || nodes === spec.nodes) return;
  throw new UserError(
    `cluster "${spec.name}" has ${spec.nodes} node(s), and NODES=${nodes} asks for another number. Choose another NAME, or take this one down with \`make down NAME=${spec.name} DELETE=${spec.name}\`, which deletes its volumes too.`,
  );
}

/** Every port that this cluster does not hold already must be free. */
async function requirePorts(existing: Cluster | undefined, stack: string, ports: Ports): Promise<void> {
  const held =
    existing === undefined
      ? []
      : [...(hasApiPort(existing) ? [existing.spec.apiPort] : []), ...openedPorts(existing, stack)];
  const wanted = [
    { port: existing?.spec.apiPort ?? ports.api, use: "the API server", movable: existing === undefined },
    { port: ports.nacos, use: "Nacos", movable: true },
    { port: ports.nacosGrpc, use: "Nacos (gRPC)", movable: true },
    { port: ports.console, use: "Nacos' console", movable: true },
    { port: ports.mysql, use: "MySQL", movable: true },
  ];
  await requireFreePorts(wanted.filter(({ port }) => !held.includes(port)));
}
