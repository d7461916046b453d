import { createHash } from "node:crypto";
import { FIELD_MANAGER } from "../../contract/objects";
import { clusterOf, type ConfigMapObject, type StackCluster } from "../cluster";
import { command } from "../command";
import { pause } from "../../clients/pause";
import { read, runVisibly } from "../process";
import { Refusal } from "../../contract/refusal";
import { underPack } from "../stack/update";
import { NacosServers } from "./nacos-servers";
import { rotate, type Rotation } from "./rotation";
import { ROTATED, type World } from "./secrets";

/** How long ready servers may take until they work with a new secret. */
const WORKING_MS = 90_000; // users are read every 15 s, members are asked for every few seconds

interface SecretObject extends ConfigMapObject {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
}

interface StateResource {
  readonly urn: string;
  readonly protect?: boolean;
}

function rotationOf(cluster: StackCluster, name: string, options: readonly string[]): Rotation {
  const { api, namespace, stack } = cluster;
  const { resource, object, key, window, texts, prepare, check, finish } = ROTATED[name];
  const path = (secret: string) => `/api/v1/namespaces/${namespace}/secrets/${secret}`;
  const annotation = `nacos-platform/rotation-of-${name}`;
  const servers = new NacosServers(cluster);
  const world: World = {
    cluster,
    servers,
    secret: async (secret) =>
      Object.fromEntries(
        Object.entries((await api.get<SecretObject>(path(secret))).data).map(([entry, value]) => [
          entry,
          Buffer.from(value, "base64").toString(),
        ]),
      ),
  };
  return {
    texts,
    fingerprint: async () =>
      createHash("sha256")
        .update((await world.secret(object))[key])
        .digest("hex")
        .slice(0, 12),
    underWay: async () => (await api.get<SecretObject>(path(object))).metadata.annotations?.[annotation],
    noteUnderWay: async (fingerprint) => {
      await api.patch(`${path(object)}?fieldManager=${FIELD_MANAGER}`, {
        metadata: { annotations: { [annotation]: fingerprint } },
      });
    },
    check: () => (window === undefined ? Promise.resolve() : servers.checkRestartable()),
    prepare: async () => {
      if (!(await servers.areReady()))
        throw new Refusal(
          "SECRETS_NACOS_NOT_READY",
          "not every server of Nacos is ready; all have to be before a secret is changed",
        );
      await prepare?.(world);
    },
    update: async (replace) => {
      const words = underPack("up", stack, [
        ...(replace ? ["--replace", await replaceable(stack, resource)] : []),
        ...options,
      ]);
      const update = { isOver: false };
      const restarting = window === undefined ? undefined : restartAllOutdated(servers, update);
      const status = await runVisibly(words).finally(() => (update.isOver = true));
      await restarting;
      return status === 0;
    },
    verify: async () => {
      await servers.waitUntilReady(console.log);
      await until(WORKING_MS, () => check(world));
    },
    finish: async () => finish?.(world),
    say: (line) => console.log(line),
  };
}

/** While the update runs: as soon as one server restarts, all of them do. */
async function restartAllOutdated(servers: NacosServers, update: { readonly isOver: boolean }): Promise<void> {
  for (; !update.isOver; await pause(1000)) await servers.restartOutdated().catch(() => undefined); // tried again; the update itself restarts them too, one by one
}

/** Tries until it works. @throws Error of the last attempt. */
async function until(patienceMs: number, attempt: () => Promise<void>): Promise<void> {
  for (const deadline = Date.now() + patienceMs; ; await pause(2000)) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

/** The URN of a resource, whose protection is removed here: the update protects it again. */
async function replaceable(stack: string, resource: string): Promise<string> {
  const { deployment } = JSON.parse(await read(["pulumi", "stack", "export", "--stack", stack])) as {
    deployment: { resources?: readonly StateResource[] };
  };
  const found = deployment.resources?.find(({ urn }) => urn.endsWith(`::${resource}`));
  if (found === undefined)
    throw new Refusal("STACK_NOT_DEPLOYED", `stack ${stack} has no ${resource}: was it deployed?`);
  if (found.protect === true) await read(["pulumi", "state", "unprotect", found.urn, "--yes", "--stack", stack]);
  return found.urn;
}

const NAMES = Object.keys(ROTATED).join("|");

export const rotateCommand = command({
  summary:
    "give Nacos a new secret: its password for MySQL, its administrator's password, its token key or its servers' identity",
  options: {
    secret: { value: NAMES, required: true, help: "the secret" },
    window: { help: "agree that all servers restart at once; nacos-token and nacos-identity need it" },
  },
  rest: { value: "OPTION…", help: "options of the `pulumi up` that it runs" },
  run: async ({ stack, secret: name, window }, words) => {
    if (!Object.hasOwn(ROTATED, name))
      throw new Refusal(
        "USAGE_VALUE_INVALID",
        `--secret "${name}" cannot be rotated; there are ${NAMES.replaceAll("|", ", ")}.`,
      );
    const { window: needed } = ROTATED[name];
    if (needed === undefined && window)
      throw new Refusal(
        "USAGE_OPTIONS_CONFLICT",
        `--window is for secrets that need one; ${name} is rotated while Nacos keeps running.`,
      );
    if (needed !== undefined && !window)
      throw new Refusal("SECRETS_WINDOW_REQUIRED", `${needed} Choose a time for that, then add --window.`);
    const cluster = clusterOf(stack);
    await rotate(rotationOf(cluster, name, words));
  },
});
