import assert from "node:assert/strict";
import { waitFor } from "../../../sandbox/exec";
import type { Live } from "./environments";
import { NacosClient } from "./nacos-client";

interface Member {
  readonly address: string;
  readonly state: string;
  readonly extendInfo: {
    readonly raftMetaData?: {
      readonly metaDataMap: Record<string, { readonly leader?: string; readonly raftGroupMember?: readonly string[] }>;
    };
  };
}

/** A Raft group that 2.x lists and does not start. */
const GHOST = "naming_persistent_service";

/** The servers' names in the cluster: a server is identified by exactly this text. */
function addressesOf({ outputs }: Live, pods: readonly string[]): string[] {
  return pods
    .map((pod) => `${pod}.${outputs.nacos.services.headless}.${outputs.namespace}.svc.cluster.local:8848`)
    .sort();
}

async function membersSeenBy(environment: Live, pod: string): Promise<Member[]> {
  const path = environment.outputs.nacos.version.startsWith("2.")
    ? "/nacos/v1/core/cluster/nodes"
    : "/nacos/v3/admin/core/cluster/node/list";
  const { status, body } = await NacosClient.onMember(environment, pod, (nacos) => nacos.call("GET", path));
  if (status !== 200) throw new Error(`${pod} answers ${status}: ${body.slice(0, 200)}`);
  return (JSON.parse(body) as { data: Member[] }).data;
}

/** What is wrong with the cluster as one of its servers sees it: members, their states, and each Raft group's peers and leader. */
async function problemsSeenBy(environment: Live, pod: string, pods: readonly string[]): Promise<string[]> {
  const expected = addressesOf(environment, pods);
  const raft = expected.map((address) => address.replace(/:8848$/, ":7848"));
  const members = await membersSeenBy(environment, pod);
  const outdated = environment.outputs.nacos.version.startsWith("2.");
  const problems: string[] = [];
  const told = members.map(({ address }) => address).sort();
  if (told.join() !== expected.join()) problems.push(`${pod} knows the members ${told.join(", ")}`);
  const leaders = new Map<string, Set<string>>();
  for (const { address, state, extendInfo } of members) {
    if (state !== "UP") problems.push(`${pod} sees ${address} ${state}`);
    const groups = Object.entries(extendInfo.raftMetaData?.metaDataMap ?? {}).filter(
      ([group]) => !(group === GHOST && outdated),
    );
    if (groups.length === 0) problems.push(`${pod} knows no Raft group of ${address}`);
    for (const [group, { leader, raftGroupMember }] of groups) {
      // A server may name none although there is one: 3.1 sometimes misses the election that follows its start.
      const named = leaders.get(group) ?? new Set();
      leaders.set(group, leader === undefined ? named : named.add(leader));
      if ([...(raftGroupMember ?? [])].sort().join() !== raft.join())
        problems.push(`${pod} sees in ${group} of ${address} the peers ${(raftGroupMember ?? []).join(", ")}`);
    }
  }
  for (const [group, names] of leaders) {
    if (names.size !== 1) problems.push(`${pod} sees ${group} led by ${[...names].join(" and ") || "nobody"}`);
  }
  return problems;
}

/** The member list on a server's disk, comments left out. */
async function clusterConf({ kubectl, outputs }: Live, pod: string): Promise<string[]> {
  const content = await kubectl([
    "--namespace",
    outputs.namespace,
    "exec",
    pod,
    "--container",
    "nacos",
    "--",
    "cat",
    "/home/nacos/conf/cluster.conf",
  ]);
  return content
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .sort();
}

/** Waits until every server sees the same members, all of them up, and every Raft group with all peers and one leader. */
export async function wholeMembership(environment: Live, pods: readonly string[], seconds = 120): Promise<void> {
  let problems: string[] = [];
  await waitFor(
    "the members to agree",
    seconds,
    async () => {
      const seen = await Promise.all(
        pods.map((pod) =>
          problemsSeenBy(environment, pod, pods).catch((error: unknown) => [`${pod}: ${String(error)}`]),
        ),
      );
      problems = seen.flat();
      return problems.length === 0;
    },
    1000,
  ).catch((error: unknown) => assert.fail(`${String(error)}: ${problems.join("; ")}`));
  for (const pod of pods) assert.deepEqual(await clusterConf(environment, pod), addressesOf(environment, pods), pod);
}

/** Waits until no server has over a third more connections of clients than another. @returns how many each has */
export async function evenClients(environment: Live, pods: readonly string[], seconds = 180): Promise<number[]> {
  const path = environment.outputs.nacos.version.startsWith("2.")
    ? "/nacos/v2/core/loader/cluster"
    : "/nacos/v3/admin/core/loader/cluster";
  interface Loads {
    readonly detail: readonly { readonly sdkConCount?: number; readonly metric?: { readonly sdkConCount: string } }[];
  }
  let counts: number[] = [];
  await waitFor(
    "the clients to be spread",
    seconds,
    async () => {
      const { body } = await NacosClient.onMember(environment, pods[0], (nacos) => nacos.call("GET", path));
      const answer = JSON.parse(body) as Loads & { data?: Loads };
      counts = (answer.data ?? answer).detail.map(({ sdkConCount, metric }) =>
        Number(sdkConCount ?? metric?.sdkConCount),
      );
      return counts.length === pods.length && Math.min(...counts) >= (Math.max(...counts) * 2) / 3;
    },
    1000,
  ).catch((error: unknown) => assert.fail(`${String(error)}: ${counts.join(", ")}`));
  return counts;
}

const PERSISTENT = "persistent";
/** What lasts until it is deleted: instances with weights and metadata, and the metadata of their service. */
const INSTANCES = [1, 2, 3, 4, 5].map((number) => ({
  ip: `10.9.1.${number}`,
  weight: number,
  metadata: { number: String(number) },
}));
const SERVICE = { owner: "somebody" };

/** Registers five instances that last until they are deleted, and metadata of their service, at one server. */
export async function registerPersistent(environment: Live, pod: string, service = PERSISTENT): Promise<void> {
  await eachInstance(environment, pod, "POST", service);
  await NacosClient.onMember(environment, pod, async (nacos) => {
    const metadata = encodeURIComponent(JSON.stringify(SERVICE));
    const answer = await nacos.call(
      "PUT",
      `${servicePath(environment)}?serviceName=${service}&groupName=DEFAULT_GROUP&protectThreshold=0&ephemeral=false&metadata=${metadata}`,
    );
    assert.equal(answer.status, 200, answer.body);
  });
}

export function deletePersistent(environment: Live, pod: string, service = PERSISTENT): Promise<void> {
  return eachInstance(environment, pod, "DELETE", service);
}

function servicePath({ outputs }: Live): string {
  return outputs.nacos.version.startsWith("2.") ? "/nacos/v2/ns/service" : "/nacos/v3/admin/ns/service";
}

async function eachInstance(environment: Live, pod: string, method: "POST" | "DELETE", service: string): Promise<void> {
  await NacosClient.onMember(environment, pod, async (nacos) => {
    for (const { ip, weight, metadata } of INSTANCES) {
      const query = new URLSearchParams({
        serviceName: service,
        ip,
        port: "80",
        weight: String(weight),
        metadata: JSON.stringify(metadata),
        ephemeral: "false",
      }).toString();
      // A write that is in progress when the leader of its Raft group is killed is never answered.
      await waitFor(
        `${pod} to accept ${method} of ${service}`,
        120,
        async () => {
          const answer = await nacos
            .call(method, `/nacos/v1/ns/instance?${query}`, undefined, 10_000)
            .catch(() => undefined);
          return answer?.status === 200 && answer.body === "ok";
        },
        1000,
      );
    }
  });
}

/** Waits until each server has all of that. */
export async function hasPersistent(
  environment: Live,
  pods: readonly string[],
  service = PERSISTENT,
  seconds = 60,
): Promise<void> {
  const expected = JSON.stringify({ instances: INSTANCES, service: SERVICE });
  for (const pod of pods) {
    let seen = "";
    await waitFor(
      `${pod} to have the persistent instances of ${service}`,
      seconds,
      async () => {
        seen = await NacosClient.onMember(environment, pod, (nacos) => persistentAt(environment, nacos, service)).catch(
          String,
        );
        return seen === expected;
      },
      1000,
    ).catch((error: unknown) => assert.fail(`${String(error)}: ${seen}`));
  }
}

async function persistentAt(environment: Live, nacos: NacosClient, service: string): Promise<string> {
  const get = async <T>(path: string): Promise<T> => {
    const { body } = await nacos.call("GET", path);
    return JSON.parse(body) as T;
  };
  interface Instance {
    readonly ip: string;
    readonly weight: number;
    readonly metadata: Record<string, string>;
  }
  const { hosts } = await get<{ hosts: Instance[] }>(`/nacos/v1/ns/instance/list?serviceName=${service}`);
  const { data } = await get<{ data: { metadata: unknown } }>(
    `${servicePath(environment)}?serviceName=${service}&groupName=DEFAULT_GROUP`,
  );
  return JSON.stringify({
    instances: hosts
      .map(({ ip, weight, metadata: { number } }) => ({ ip, weight, metadata: { number } }))
      .sort((one, other) => one.weight - other.weight),
    service: data.metadata,
  });
}
