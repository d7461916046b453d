import { choice, everywhere, integer, Mismatch, type Environment } from "../../config/fields";
import { group, type ValueOf } from "../../config/groups";
import { requestsWithinLimits, type Rule } from "../../config/rules";
import { ownPlacement } from "../../config/placement-fields";
import { autoscaling, autoscalingRules, MOST_SERVERS } from "./autoscaling-config";
import { image, resources, storageClass } from "../../config/workload-fields";
import { exposure, exposureRules } from "./exposure-config";
import {
  jvmOptions,
  properties,
  PROPERTIES_SECRET,
  SERIES_UPGRADE,
  SERIES_UPGRADES,
  type SeriesUpgrade,
} from "./fields";
import { LEAST_NACOS_MEMORY_MIB } from "./memory";
import { refusedRelease } from "./refused-releases";
import { nacosFacts, SUPPORTED_NACOS } from "./versions";

/** Every key below `nacos-platform:nacos`. */
export const nacos = group({
  image: image({
    description: "Nacos image. Probe paths and ports depend on the version in its tag.",
    default: "docker.io/nacos/nacos-server:v3.1.2",
    allowed: `an image with a tag of Nacos ${SUPPORTED_NACOS}`,
    accepts: acceptsNacos,
  }),
  seriesUpgrade: choice(SERIES_UPGRADES, {
    description:
      "What an update does when `nacos.image` goes from 2.x to 3.x: it is refused (`refuse`), stops before the point of no return, with nacos-0 still on 2.x (`hold`), or upgrades all servers (`complete`). Nothing can be published while servers of both series run: docs/runbooks/nacos-upgrade.md.",
    default: everywhere<SeriesUpgrade>("refuse"),
  }),
  replicas: integer({
    description:
      "Number of Nacos servers. In prod at least 3. Another number restarts none of the servers that stay; a single server, which runs standalone, starts again when it gets others or loses the last of them. With `nacos.autoscaling.mode: enabled` the smallest number.",
    min: 1,
    max: MOST_SERVERS,
    odd: true,
    default: { dev: 1, test: 3, prod: 3 },
  }),
  autoscaling,
  resources: resources(
    "a Nacos server",
    { requests: { cpu: "10m", memory: "64Mi" }, limits: { cpu: "100m", memory: `${LEAST_NACOS_MEMORY_MIB}Mi` } },
    {
      // The request is what a warm server uses: its heap and about 490 MiB more.
      dev: { requests: { cpu: "200m", memory: "832Mi" }, limits: { cpu: "500m", memory: "1Gi" } },
      test: { requests: { cpu: "500m", memory: "1664Mi" }, limits: { cpu: "1", memory: "2Gi" } },
      prod: { requests: { cpu: "1", memory: "3328Mi" }, limits: { cpu: "2", memory: "4Gi" } },
    },
  ),
  storageGiB: integer({
    description:
      "Size of each Nacos server's claim, in GiB. A larger value lets the claims grow, if their class allows it: docs/volumes.md. A smaller value is refused.",
    min: 1,
    max: 16_000,
    default: { dev: 2, test: 10, prod: 20 },
  }),
  storageClass: storageClass("Nacos'"),
  spread: choice(["preferred", "required"], {
    description:
      "Whether two Nacos servers may share a node if no other node has room (`preferred`) or never (`required`). Both spread the servers over zones as evenly as there is room.",
    default: { dev: "preferred", test: "preferred", prod: "required" },
  }),
  placement: ownPlacement("Nacos' servers"),
  databasePoolSize: integer({
    description: "Maximum number of database connections of each Nacos server.",
    min: 2,
    max: 200,
    default: { dev: 10, test: 20, prod: 20 },
  }),
  exposure,
  properties: properties(
    `Further properties of Nacos, by name. They go into a ConfigMap. A secret goes into Secret \`${PROPERTIES_SECRET}\`; the property refers to its key: \`\${MY_SECRET}\`. A change restarts the servers one by one.`,
  ),
  jvmOptions: jvmOptions(
    "Further options for the servers' JVM. They precede the options of the image. A change restarts the servers one by one.",
  ),
});

function acceptsNacos(reference: string): boolean | Mismatch {
  const facts = nacosFacts(reference);
  const refused = facts && refusedRelease(facts.version);
  if (!facts || !refused) return facts !== undefined;
  return new Mismatch(
    `a release of ${SUPPORTED_NACOS} other than ${facts.version}, which ${refused.reason}; the next release without this fault is ${refused.next}`,
  );
}

interface Config {
  readonly environment: Environment;
  readonly nacos: ValueOf<typeof nacos>;
}

export const nacosRules: readonly Rule<Config>[] = [
  ...requestsWithinLimits<Config>("nacos.resources", (config) => config.nacos.resources),
  ...autoscalingRules,
  {
    path: "nacos.replicas",
    uses: ["environment"],
    judge: ({ environment, nacos }) =>
      environment === "prod" && nacos.replicas < 3
        ? { value: String(nacos.replicas), allowed: "at least 3 in prod, so that one server can be lost", use: "3" }
        : undefined,
  },
  ...exposureRules,
  {
    path: SERIES_UPGRADE,
    uses: ["nacos.replicas"],
    judge: ({ nacos }) =>
      nacos.seriesUpgrade === "hold" && nacos.replicas < 3
        ? {
            value: "hold",
            allowed: "refuse or complete with a single server, of which none can stay behind",
            use: "complete",
          }
        : undefined,
  },
];
