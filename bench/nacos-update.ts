import { isRolledOut, type StatefulSet } from "../clients/kubernetes/rollout";
import { waitFor } from "../sandbox/exec";
import { progress } from "../sandbox/progress";
import { pulumiChanged } from "../test/e2e/support/changed";
import { live, type Live } from "../test/e2e/support/environments";
import { settled } from "../test/e2e/support/servers";
import { deployedResources } from "./deployment";
import { prod } from "./environments";
import { inSeconds, median, ratio, seconds, type Measured } from "./results";

const PAIRS = 3;

/** Seconds until every server is ready with the new revision, and until the command ends. */
interface Updated {
  readonly ready: number;
  readonly ended: number;
}

/**
 * A change of Nacos' pod template by `pulumi up`, compared with `kubectl apply` of the StatefulSet that Pulumi sends, in turn. Both
 * restart three servers. Pulumi also reads the program, previews, asks the policies, and compares all other resources.
 */
export async function updateOverhead(): Promise<Measured[]> {
  const environment = await live(prod);
  const own: Updated[] = [];
  const peer: Updated[] = [];
  const unchanged: number[] = [];
  for (let pair = 0; pair < PAIRS; pair++) {
    progress(`update of Nacos, pair ${pair + 1} of ${PAIRS}`);
    const [byPulumi, byKubectl] = ["pulumi", "kubectl"].map((tool) => `-Dbench=${tool}-${pair}`);
    await atRest(environment);
    own.push(await updated(environment, () => up(environment, byPulumi)));
    await atRest(environment);
    unchanged.push(await seconds(() => upWithoutChanges(environment, byPulumi)));
    const { manifest, manager } = await statefulSetWith(environment, byPulumi, byKubectl);
    const apply = ["apply", "--server-side", `--field-manager=${manager}`, "-f", "-"];
    peer.push(await updated(environment, () => environment.kubectl(apply, manifest)));
  }
  await environment.stack.up();
  const compared = (field: keyof Updated) =>
    ratio(
      own.map((update) => update[field]),
      peer.map(({ ready }) => ready),
    );
  const how =
    "another option of the JVM, which restarts three servers of prod one by one, from `pulumi up` with its preview";
  return [
    {
      figure: "update of Nacos by Pulumi, to `kubectl apply`",
      value: compared("ready"),
      limit: "≤ 1.2 ×",
      how: `${how}, until all are ready with the new revision; kubectl applies the same StatefulSet only`,
    },
    {
      figure: "update of Nacos by Pulumi until the command ends, to `kubectl apply`",
      value: compared("ended"),
      limit: "none",
      how: `${how}; Pulumi also waits until the last server has been ready for 15 s`,
    },
    {
      figure: "`pulumi up` without changes, prod",
      value: inSeconds(median(unchanged)),
      limit: "none",
      how: `the platform's stack, with its preview, median of ${PAIRS}: what an update takes beside the servers`,
    },
  ];
}

function up(environment: Live, option: string): Promise<string> {
  return pulumiChanged(environment, (config) => (config["nacos-platform:nacos"].jvmOptions = [option]), [
    "up",
    "--yes",
  ]);
}

async function upWithoutChanges(environment: Live, option: string): Promise<void> {
  const said = await up(environment, option);
  if (!/Resources:\n\s+\d+ unchanged\n/.test(said)) throw new Error(`Pulumi has found changes: ${said}`);
}

/** What Pulumi has deployed, with another option, and as who. */
async function statefulSetWith(
  { stack }: Live,
  option: string,
  another: string,
): Promise<{ manifest: string; manager: string }> {
  interface Manifest {
    readonly metadata: { readonly name: string; readonly annotations: Readonly<Record<string, string>> };
  }
  const found = (await deployedResources(stack, "plain"))
    .filter(({ type }) => type === "kubernetes:apps/v1:StatefulSet")
    .map(({ inputs }) => inputs as unknown as Manifest)
    .find(({ metadata }) => metadata.name === "nacos");
  const text = JSON.stringify(found);
  if (found === undefined || !text.includes(option)) throw new Error(`no StatefulSet nacos with ${option} is deployed`);
  return {
    manifest: text.replaceAll(option, another),
    manager: found.metadata.annotations["pulumi.com/patchFieldManager"],
  };
}

async function setOf({ kubectl, outputs }: Live): Promise<StatefulSet> {
  return JSON.parse(
    await kubectl(["--namespace", outputs.namespace, "get", "statefulset", "nacos", "-o", "json"]),
  ) as StatefulSet;
}

/** Waits until the previous update is over in every respect. */
async function atRest(environment: Live): Promise<void> {
  await waitFor("the rollout of Nacos", 300, async () => isRolledOut(await setOf(environment)), 1000);
  await settled(environment, environment.outputs.nacos.replicas);
}

async function updated(environment: Live, update: () => Promise<unknown>): Promise<Updated> {
  const { generation } = (await setOf(environment)).metadata;
  const isReady = async (): Promise<boolean> => {
    const { metadata, spec, status = {} } = await setOf(environment);
    return (
      metadata.generation > generation &&
      status.observedGeneration === metadata.generation &&
      status.updatedReplicas === spec.replicas &&
      status.readyReplicas === spec.replicas
    );
  };
  const begun = performance.now();
  const elapsed = () => (performance.now() - begun) / 1000;
  const [ready, ended] = await Promise.all([
    waitFor("every Nacos server to be ready with the new revision", 900, isReady, 500).then(elapsed),
    update().then(elapsed),
  ]);
  return { ready, ended };
}
