import assert from "node:assert/strict";
import * as path from "node:path";
import { requireCluster } from "../../../sandbox/cluster/cluster";
import { apply, readSecret } from "../../../sandbox/cluster/kubectl";
import { importEverywhere } from "../../../sandbox/cluster/node";
import { waitFor } from "../../../sandbox/exec";
import { ensureImage } from "../../../sandbox/images/cache";
import { program } from "../../../sandbox/images/scratch";
import { cacheDir } from "../../../sandbox/paths";
import { progress } from "../../../sandbox/progress";
import { ensureBinaries } from "../../../sandbox/toolchain/build";
import { registryClient } from "../../../sandbox/toolchain/recipes";
import type { Environment, Live } from "./environments";

/** One line of the client: what happened, when, in milliseconds since 1970. */
export interface Event {
  readonly at: number;
  readonly event: string;
  readonly [field: string]: unknown;
}

/** How often something happened. The client counts from its start, {@link RegistryWatch.during} from the start of the work. */
const COUNTS = [
  "pushes",
  "shortPushes",
  "emptyPushes", // lists that a subscriber received
  "views",
  "shortViews",
  "emptyViews", // looks at all lists in the subscriber's memory
  "asks",
  "shortAsks",
  "failedAsks", // lists read over HTTP, each from any server that is in the Service
  "longPushes",
  "longViews",
  "longAsks", // of these: with an instance twice
  "publishes",
  "failedPublishes",
  "deliveries",
  "reads",
  "failedReads", // of one configuration
  "beats",
  "failedBeats", // of an instance that is registered over HTTP
  "connects",
  "failedHealthChecks", // of the SDK's connections
] as const;

/** What the client has seen while something was done. */
export type Seen = Record<(typeof COUNTS)[number] | "seconds" | "slowestPublishMs" | "slowestDeliveryMs", number> & {
  /** Everything that failed or was short. */
  readonly troubles: readonly Event[];
};

/** A client of the registry in a separate namespace, which Nacos admits and which is under Pod Security "restricted". */
class ClientPod {
  private constructor(
    private readonly environment: Live,
    private readonly namespace: string,
  ) {}

  /**
   * @param words the client's arguments
   * @param node name of the node to run on, or any
   */
  static async start(
    environment: Environment,
    live: Live,
    words: readonly string[],
    node?: string,
  ): Promise<ClientPod> {
    const image = await giveImage(environment);
    const pod = new ClientPod(live, `${live.outputs.namespace}-client`);
    const restricted = { "pod-security.kubernetes.io/enforce": "restricted" };
    await apply(
      live.kubectl,
      JSON.stringify({
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: pod.namespace, labels: { ...restricted, "nacos-client": "true" } },
      }),
    );
    const account = Object.fromEntries(
      await Promise.all(
        ["username", "password"].map(
          async (key) =>
            [
              key,
              await readSecret(live.kubectl, live.outputs.namespace, live.outputs.secrets.nacosAdmin, key),
            ] as const,
        ),
      ),
    );
    await apply(
      live.kubectl,
      JSON.stringify({
        apiVersion: "v1",
        kind: "List",
        items: [
          {
            apiVersion: "v1",
            kind: "Secret",
            metadata: { name: "account", namespace: pod.namespace },
            stringData: account,
          },
          {
            apiVersion: "v1",
            kind: "Pod",
            metadata: { name: "client", namespace: pod.namespace },
            spec: {
              restartPolicy: "Never",
              automountServiceAccountToken: false,
              terminationGracePeriodSeconds: 1,
              // As in the platform's own pods: a lost DNS answer must not look like a server that does not answer.
              dnsConfig: {
                options: [
                  { name: "ndots", value: "2" },
                  { name: "timeout", value: "1" },
                  { name: "attempts", value: "4" },
                  { name: "single-request" },
                ],
              },
              ...(node === undefined ? {} : { nodeSelector: { "kubernetes.io/hostname": node } }),
              securityContext: {
                runAsNonRoot: true,
                runAsUser: 65532,
                runAsGroup: 65532,
                seccompProfile: { type: "RuntimeDefault" },
              },
              containers: [
                {
                  name: "client",
                  image,
                  args: words,
                  resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { cpu: "1", memory: "256Mi" } },
                  securityContext: {
                    allowPrivilegeEscalation: false,
                    readOnlyRootFilesystem: true,
                    capabilities: { drop: ["ALL"] },
                  },
                  volumeMounts: [
                    { name: "account", mountPath: "/account", readOnly: true },
                    { name: "tmp", mountPath: "/tmp" },
                  ],
                },
              ],
              volumes: [
                { name: "account", secret: { secretName: "account" } },
                { name: "tmp", emptyDir: {} },
              ],
            },
          },
        ],
      }),
    );
    return pod;
  }

  /** What the client has printed so far. */
  async events(since?: number): Promise<Event[]> {
    const recent = since === undefined ? [] : [`--since-time=${new Date(since).toISOString()}`];
    const said = await this.environment.kubectl(["--namespace", this.namespace, "logs", "client", ...recent]);
    return said
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Event);
  }

  /** "Running", "Succeeded", "Failed" and so on. */
  async phase(): Promise<string> {
    return this.environment.kubectl([
      "--namespace",
      this.namespace,
      "get",
      "pod",
      "client",
      "-o",
      "jsonpath={.status.phase}",
    ]);
  }

  /** Throws with the client's last lines if it has failed. */
  async assertAlive(): Promise<void> {
    if ((await this.phase()) !== "Failed") return;
    throw new Error(
      `the registry client failed: ${await this.environment.kubectl(["--namespace", this.namespace, "logs", "client", "--tail=5"])}`,
    );
  }

  async remove(): Promise<void> {
    await this.environment.kubectl(["delete", "namespace", this.namespace, "--ignore-not-found"]);
  }
}

/** Creates the client's image and gives it to the nodes. @returns its reference */
async function giveImage(environment: Environment): Promise<string> {
  const { [registryClient.name]: binary } = await ensureBinaries([registryClient]);
  const image = await ensureImage(
    path.join(cacheDir, "images"),
    program(registryClient.name, registryClient.version, binary),
    progress,
  );
  await importEverywhere(requireCluster(environment.cluster), image);
  return image.ref;
}

/** Runs the client's check of the registry at each member, and returns what it printed for each. */
export async function checkRegistry(
  environment: Environment,
  live: Live,
  members: readonly string[],
): Promise<Event[]> {
  const { namespace, nacos } = live.outputs;
  const names = members.map((member) => `${member}.${nacos.services.headless}.${namespace}.svc.cluster.local`);
  return (await untilClientEnds(environment, live, ["check", ...names])).filter(({ event }) => event === "checked");
}

/** Runs the client with these arguments until it ends, and returns what it printed. */
export async function untilClientEnds(
  environment: Environment,
  live: Live,
  words: readonly string[],
  { node, seconds = 120 }: { readonly node?: string; readonly seconds?: number } = {},
): Promise<Event[]> {
  const pod = await ClientPod.start(environment, live, words, node);
  try {
    await waitFor("the registry client to end", seconds, async () => {
      await pod.assertAlive();
      return (await pod.phase()) === "Succeeded";
    });
    return await pod.events();
  } finally {
    await pod.remove();
  }
}

/** A client that is at work all the time: 20 services with three instances each, as many subscriptions, and a configuration. */
export class RegistryWatch {
  private constructor(private readonly pod: ClientPod) {}

  /**
   * Has a client at work while `use` runs.
   *
   * @param on.node name of the node to run on, or any
   * @param on.crowd how many further connections it holds
   */
  static async whileAtWork<T>(
    environment: Environment,
    live: Live,
    use: (watch: RegistryWatch) => Promise<T>,
    on: { readonly node?: string; readonly crowd?: number } = {},
  ): Promise<T> {
    const { namespace, nacos } = live.outputs;
    const pod = await ClientPod.start(
      environment,
      live,
      ["watch", `${nacos.services.client}.${namespace}.svc.cluster.local`, String(on.crowd ?? 0)],
      on.node,
    );
    try {
      const watch = new RegistryWatch(pod);
      await waitFor("the registry client to be at work", 90, async () => (await watch.summaries()).length > 2);
      return await use(watch);
    } finally {
      await pod.remove();
    }
  }

  /**
   * What the client sees while `work` runs, and until it has received what was published meanwhile.
   *
   * @param publishes whether it can publish afterwards
   */
  async during(work: () => Promise<void>, { publishes = true } = {}): Promise<Seen> {
    const before = await this.summaryAfter(Date.now());
    await work();
    await this.caughtUp(publishes);
    const events = (await this.pod.events()).filter(({ at }) => at > before.at);
    const summaries = events.filter(({ event }) => event === "summary");
    const after = summaries.at(-1) ?? before;
    const highest = (field: string) => Math.max(0, ...summaries.map((summary) => summary[field] as number));
    return {
      ...(Object.fromEntries(
        COUNTS.map((name) => [name, (after[name] as number) - (before[name] as number)]),
      ) as Record<(typeof COUNTS)[number], number>),
      seconds: Math.round((after.at - before.at) / 1000),
      slowestPublishMs: highest("slowestPublishMs"),
      slowestDeliveryMs: highest("slowestDeliveryMs"),
      troubles: events.filter(
        (event) => /^short|failed$/.test(event.event) || (event.event === "pushed" && Number(event.size) < 3),
      ),
    };
  }

  /** Waits until all lists are complete, and, if publishing works, until the listener has what is published now. */
  async caughtUp(publishes = true): Promise<void> {
    const begun = await this.summaryAfter(Date.now());
    await waitFor(
      "the listener to have the newest configuration, and every list to be complete",
      180,
      async () => {
        const [previous, last] = (await this.summaries(begun.at)).slice(-2);
        if (last === undefined || last.at <= begun.at) return false;
        const delivers = Number(last.lastDelivered) > begun.at && Number(last.publishes) > Number(previous.publishes);
        return (
          (delivers || !publishes) && last.shortViews === previous.shortViews && last.failedAsks === previous.failedAsks
        );
      },
      1000,
    );
  }

  /** Waits until no list has an instance twice. */
  async withoutRepetitions(): Promise<void> {
    const begun = await this.summaryAfter(Date.now());
    await waitFor(
      "every list to have each instance once",
      300,
      async () => {
        const [previous, last] = (await this.summaries(begun.at)).slice(-2);
        return (
          last !== undefined &&
          last.at > previous.at &&
          (["longViews", "longAsks"] as const).every((count) => last[count] === previous[count]) &&
          last.at - begun.at > 3000
        );
      },
      1000,
    );
  }

  private async summaries(since?: number): Promise<Event[]> {
    await this.pod.assertAlive();
    const events = await this.pod.events(since === undefined ? undefined : since - 2000).catch(() => []); // none before it runs
    return events.filter(({ event }) => event === "summary");
  }

  private async summaryAfter(time: number): Promise<Event> {
    let found: Event | undefined;
    await waitFor("the registry client's next summary", 60, async () => {
      found = (await this.summaries(time)).find(({ at }) => at > time);
      return found !== undefined;
    });
    return found as Event;
  }
}

/** A line about what was seen, without the events. */
export function described({ troubles, ...counts }: Seen): string {
  const kinds = new Map<string, number>();
  for (const { event } of troubles) kinds.set(event, (kinds.get(event) ?? 0) + 1);
  return `${JSON.stringify(counts)}${kinds.size === 0 ? "" : ` ${JSON.stringify(Object.fromEntries(kinds))}`}`;
}

/** Faults that no client of the registry or of a configuration may see. */
const FAULTS = [
  "shortPushes",
  "emptyPushes",
  "shortViews",
  "emptyViews",
  "shortAsks",
  "failedAsks",
  "longPushes",
  "longViews",
  "longAsks",
  "failedPublishes",
  "failedReads",
] as const;

/** @throws AssertionError if a client has noticed anything but a slow answer, or did not look often enough to notice. */
export function assertUnnoticed(seen: Seen): void {
  assertUnnoticedBut(seen);
  for (const count of [seen.publishes, seen.deliveries]) assert.ok(count > seen.seconds, described(seen));
}

/** The same, except for faults that must be expected, failed publishing for instance. */
export function assertUnnoticedBut(seen: Seen, ...noticed: (typeof FAULTS)[number][]): void {
  const found = FAULTS.filter((name) => seen[name] > 0 && !noticed.includes(name));
  const unexpected = seen.troubles.filter(
    ({ event }) => !(noticed.includes("failedPublishes") && event === "publish failed"),
  );
  assert.deepEqual(found, [], `${described(seen)} ${JSON.stringify(unexpected.slice(0, 20))}`);
  assert.ok(seen.reads > seen.seconds, described(seen));
  for (const count of [seen.views, seen.asks]) assert.ok(count > 2 * seen.seconds, described(seen));
}
