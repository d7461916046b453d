import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { imageVersion } from "../../contract/image";
import { apiOfContext, askingHook } from "../../kube/cluster-api";
import { UpdateRefusal } from "../../kube/update-refusal";
import { SERIES_UPGRADE, type SeriesUpgrade } from "./fields";

/** Servers below this ordinal keep their version while an upgrade to 3.x is held. */
const HELD = 1;

/** What an update would do to the versions of the servers. */
export interface VersionChange {
  /** Version that is being deployed: "3.1.2". */
  readonly wanted: string;
  /** Version of the previous update, if it is known. */
  readonly former: readonly string[];
  /** Versions of the pods that exist. */
  readonly running: readonly string[];
  readonly upgrade: SeriesUpgrade;
}

function isThree(version: string): boolean {
  return parseInt(version, 10) >= 3;
}

/** The partition of the StatefulSet's rolling update: pods with a lower ordinal stay as they are. */
export function partitionOf(version: string, upgrade: SeriesUpgrade): number {
  return upgrade === "hold" && isThree(version) ? HELD : 0;
}

/** How the StatefulSet updates its pods: one by one, the last one first. */
export function updateStrategy(
  version: string,
  upgrade: SeriesUpgrade,
): k8s.types.input.apps.v1.StatefulSetUpdateStrategy {
  return { type: "RollingUpdate", rollingUpdate: { partition: partitionOf(version, upgrade) } };
}

/** Whether the update ends with servers of one series only, after servers of both may have run. */
export function endsUpgrade(version: string, replicas: number, upgrade: SeriesUpgrade): boolean {
  return upgrade !== "refuse" && replicas > 1 && partitionOf(version, upgrade) === 0;
}

/**
 * Why the servers' versions must not change in this way, or undefined if they may. Once all servers have been of 3.x, they
 * refuse the requests of one of 2.x, and stay like that as long as they run. So there is no way back from then on, unless all
 * servers end first.
 */
export function versionProblem({ wanted, former, running, upgrade }: VersionChange): UpdateRefusal | undefined {
  const present = running.length === 0 ? former : running;
  const hasTwo = present.some((version) => !isThree(version));
  const hasThree = running.some(isThree);
  const versions = [...new Set(present)].sort().join(" and ");
  if (!hasTwo && hasThree && !isThree(wanted))
    return new UpdateRefusal(
      "NACOS_RETURN_IMPOSSIBLE",
      `nacos.image is ${wanted}, and every server is of ${versions}: servers of 3.x accept none of 2.x any more. Set nacos.image back, or stop all servers first`,
    );
  if (upgrade === "refuse" && hasTwo && (isThree(wanted) || hasThree))
    return new UpdateRefusal(
      "NACOS_UPGRADE_UNCONFIRMED",
      `nacos.image is ${wanted}, and the servers are of ${versions}: nothing can be published while servers of 2.x and 3.x run, and there is no way back once all are of 3.x. ` +
        `To stop before that: pulumi config set --path nacos-platform:${SERIES_UPGRADE} hold`,
    );
  if (upgrade === "hold" && !hasTwo && isThree(wanted))
    return new UpdateRefusal(
      "NACOS_NOTHING_TO_HOLD",
      `${SERIES_UPGRADE} is hold, and no server is of 2.x any more: nacos-0 would get no update. pulumi config rm --path nacos-platform:${SERIES_UPGRADE}`,
    );
  return undefined;
}

interface Template {
  readonly spec: { readonly containers: readonly { readonly name: string; readonly image: string }[] };
}

interface Inputs {
  readonly metadata: { readonly namespace: string };
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template: Template;
  };
}

/** Name of the server's container in its pod. */
export const SERVER = "nacos";

/** The versions that servers have by their images. An image that somebody else has set may name none. */
function versionsOf(templates: readonly Template[]): string[] {
  return templates.flatMap(
    ({ spec }) => imageVersion(spec.containers.find(({ name }) => name === SERVER)?.image ?? "")?.version ?? [],
  );
}

/**
 * A hook of the StatefulSet that stops preview and update if the servers' versions must not change in this way.
 *
 * @param wanted version that is being deployed
 */
export function allowedVersions(
  name: string,
  wanted: string,
  upgrade: SeriesUpgrade,
  kubeContext: string,
): pulumi.ResourceHook {
  return askingHook(`check if the version of ${name} may change`, async ({ oldInputs, newInputs }) => {
    const {
      metadata: { namespace },
      spec: { selector },
    } = newInputs as Inputs;
    const labels = Object.entries(selector.matchLabels).map(([key, value]) => `${key}=${value}`);
    const pods = await apiOfContext(kubeContext).get<{ readonly items: readonly Template[] }>(
      `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(labels.join(","))}`,
    );
    const problem = versionProblem({
      wanted,
      former: versionsOf([(oldInputs as Inputs).spec.template]),
      running: versionsOf(pods.items),
      upgrade,
    });
    if (problem !== undefined) throw problem;
  });
}
