import assert from "node:assert/strict";
import { OffsiteBackup } from "../../../../components/mysql/backup/offsite-backup";
import { mysqlFootprint } from "../../../../components/mysql/footprint";
import { MySql, type MySqlArgs } from "../../../../components/mysql/mysql";
import { apiServer } from "../../../../kube/connections";
import { PODS, SERVICES } from "../../../support/pods";
import { items, record, settle, type Recording, type Tree } from "../../../support/recorder";

const resources = { requests: { cpu: "200m", memory: "512Mi" }, limits: { cpu: "1", memory: "1Gi" } };
/** One server, as in dev. */
const args: MySqlArgs = {
  namespace: "nacos-x",
  kubeContext: "my-cluster",
  serviceDomain: "nacos-x.svc.cluster.local",
  pods: PODS,
  services: SERVICES,
  image: "mysql:9.7.2",
  nodeImage: "node:22.20.0",
  exporterImage: "mysqld-exporter:v0.17.2",
  resources,
  storageGiB: 5,
  storageClass: "fast",
  scraping: { namespaceLabels: { watches: "all" }, annotated: false },
  apiServer: apiServer(["10.0.0.1/32", "10.0.0.2/32"], [443, 6443]),
  servers: 1,
  semiSync: "preferred",
  failover: "manual",
  spread: "preferred",
  caGeneration: 1,
  maxConnections: 30,
  binlogRetentionHours: 24,
  backupCronJob: "mysql-backup",
  protect: false,
};
/** A primary and two replicas, as in prod. */
const three = { servers: 3, semiSync: "required", failover: "automatic", spread: "required" } as const;
const SECRET = "kubernetes:core/v1:Secret";
const SERVICE = "kubernetes:core/v1:Service";
const CONFIG_MAP = "kubernetes:core/v1:ConfigMap";
const STATEFUL_SET = "kubernetes:apps/v1:StatefulSet";
const DEPLOYMENT = "kubernetes:apps/v1:Deployment";
const BUDGET = "kubernetes:policy/v1:PodDisruptionBudget";
const labels = {
  "app.kubernetes.io/name": "mysql",
  "app.kubernetes.io/instance": "mysql",
  "app.kubernetes.io/component": "server",
};

/** Recordings are not changed, so each set of arguments is recorded only once. */
const recordings = new Map<string, Promise<Recording<MySql>>>();

function made(more: Partial<MySqlArgs> = {}): Promise<Recording<MySql>> {
  const key = JSON.stringify(more);
  const recording = recordings.get(key) ?? record(() => new MySql("mysql", { ...args, ...more }));
  recordings.set(key, recording);
  return recording;
}

async function pod(more: Partial<MySqlArgs> = {}): Promise<Tree> {
  return (await made(more)).one(STATEFUL_SET).inputs.spec.template.spec;
}

describe("MySql", () => {
  it("adds only disruption budgets for replicas and for a second controller", async () => {
    const names = async (more: Partial<MySqlArgs>) => (await made(more)).resources.map((r) => r.name).sort();
    assert.deepEqual(
      await names(three),
      [...(await names({})), "mysql-disruption-budget", "mysql-controller-disruption-budget"].sort(),
    );
  });

  it("sends every Secret's data as a secret", async () => {
    const secrets = (await made()).all(SECRET);
    assert.equal(secrets.length, 8);
    for (const secret of secrets) assert.deepEqual(secret.secretInputs, ["stringData"], secret.name);
  });

  it("lets clients verify the server under the name of the writer Service", async () => {
    assert.equal((await made()).result.host, "mysql.nacos-x.svc.cluster.local");
    const { dnsNames } = (await made()).one("tls:index/certRequest:CertRequest").inputs;
    assert.ok((dnsNames as unknown as string[]).includes("mysql.nacos-x.svc.cluster.local"));
  });

  it("runs the primary and its replicas in one set, and starts all at the same time", async () => {
    for (const [more, replicas] of [
      [{}, 1],
      [three, 3],
    ] as const) {
      const { spec } = (await made(more)).one(STATEFUL_SET).inputs;
      assert.deepEqual(
        [spec.replicas, spec.serviceName, spec.podManagementPolicy],
        [replicas, "mysql-headless", "Parallel"],
      );
      assert.deepEqual(spec.selector, { matchLabels: labels });
    }
  });

  it("keeps its volume when the pod, the set or the stack is deleted", async () => {
    const { spec } = (await made()).one(STATEFUL_SET).inputs;
    assert.deepEqual(spec.persistentVolumeClaimRetentionPolicy, { whenDeleted: "Retain", whenScaled: "Retain" });
    assert.deepEqual(spec.volumeClaimTemplates, [
      {
        metadata: { name: "data" },
        spec: { accessModes: ["ReadWriteOnce"], storageClassName: "fast", resources: { requests: { storage: "5Gi" } } },
      },
    ]);
  });

  it("runs without privileges, on a read-only root", async () => {
    const spec = await pod();
    assert.deepEqual(spec.securityContext, {
      runAsNonRoot: true,
      runAsUser: 999,
      runAsGroup: 999,
      fsGroup: 999,
      fsGroupChangePolicy: "OnRootMismatch",
      seccompProfile: { type: "RuntimeDefault" },
    });
    assert.deepEqual(
      items(spec.containers).map((c) => [c.name, c.image]),
      [
        ["mysql", "mysql:9.7.2"],
        ["exporter", "mysqld-exporter:v0.17.2"],
      ],
    );
    for (const container of items(spec.containers)) {
      assert.deepEqual(container.securityContext, {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
        capabilities: { drop: ["ALL"] },
      });
    }
    assert.equal(spec.automountServiceAccountToken, false);
    assert.equal(spec.enableServiceLinks, false);
  });

  it("probes with a query, and allows 30 minutes for a recovery", async () => {
    const { startupProbe, readinessProbe, livenessProbe } = (await pod()).containers[0];
    assert.deepEqual(readinessProbe.exec.command, ["bash", "/scripts/check-mysql.sh", "ready"]);
    assert.deepEqual(livenessProbe.exec.command, ["bash", "/scripts/check-mysql.sh", "alive"]);
    assert.deepEqual(startupProbe.exec.command, ["bash", "/scripts/check-mysql.sh", "started"]);
    assert.equal(Number(startupProbe.periodSeconds) * Number(startupProbe.failureThreshold), 1800);
  });

  it("measures each server with an exporter in its pod, over the socket", async () => {
    const { command, ports, volumeMounts } = (await pod()).containers[1];
    assert.deepEqual(command, [
      "/bin/mysqld_exporter",
      "--config.my-cnf=/monitor/monitor.cnf",
      "--web.listen-address=:9104",
    ]);
    assert.deepEqual(ports, [{ name: "metrics", containerPort: 9104 }]);
    assert.deepEqual(volumeMounts, [
      { name: "run", mountPath: "/run/mysqld", readOnly: true },
      { name: "monitor", mountPath: "/monitor", readOnly: true },
    ]);
  });

  it("mounts each file where it is read, and may write only its data, its socket and temporary files", async () => {
    const spec = await pod();
    assert.deepEqual(spec.containers[0].volumeMounts, [
      { name: "data", mountPath: "/var/lib/mysql" },
      { name: "run", mountPath: "/run/mysqld" },
      { name: "tmp", mountPath: "/tmp" },
      ...["config", "scripts", "init", "credentials", "tls"].map((name) => ({
        name,
        mountPath: `/${name}`,
        readOnly: true,
      })),
    ]);
    const secret = (secretName: string) => ({ secret: { secretName, defaultMode: 0o440 } });
    assert.deepEqual(spec.volumes, [
      { name: "config", configMap: { name: "mysql-config" } },
      { name: "scripts", configMap: { name: "mysql-scripts" } },
      { name: "init", ...secret("mysql-init") },
      { name: "credentials", ...secret("mysql-probe") },
      { name: "monitor", ...secret("mysql-monitor") },
      { name: "tls", ...secret("mysql-tls") },
      { name: "run", emptyDir: { sizeLimit: "16Mi" } },
      { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
    ]);
  });

  it("has no password and no private key in environment, arguments or ConfigMaps", async () => {
    const recording = await made();
    const shown = JSON.stringify(
      [STATEFUL_SET, DEPLOYMENT, CONFIG_MAP].flatMap((type) => recording.all(type).map((r) => r.inputs)),
    );
    assert.ok(shown.includes("certificate-of-"), "the recording shows plain values");
    assert.doesNotMatch(shown, /password-of-|key-of-/);
  });

  it("restarts the pods if my.cnf changes, but not for a larger volume", async () => {
    const mark = async (more: Partial<MySqlArgs>): Promise<unknown> =>
      (await made(more)).one(STATEFUL_SET).inputs.spec.template.metadata.annotations["nacos-platform/config"];
    assert.equal(await mark({}), await mark({ storageGiB: 6 }));
    assert.notEqual(await mark({}), await mark({ maxConnections: 31 }));
    assert.notEqual(await mark({}), await mark({ semiSync: "required" }));
  });

  it("protects the set and the passwords if configured", async () => {
    const recording = await made({ protect: true });
    const isProtected = recording.resources.filter((r) => r.protect).map((r) => r.type.split(":").at(-1));
    assert.deepEqual(isProtected.sort(), [...Array<string>(8).fill("RandomPassword"), "StatefulSet"]);
    assert.ok((await made()).resources.every((r) => !r.protect));
  });

  it("runs one server per node as strictly as configured, and a single server on any node", async () => {
    const required = await pod(three);
    const otherNode = { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: labels } };
    assert.deepEqual(required.affinity, {
      podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [otherNode] },
    });
    assert.deepEqual(required.topologySpreadConstraints, [
      {
        topologyKey: "topology.kubernetes.io/zone",
        maxSkew: 1,
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: labels },
      },
    ]);
    assert.deepEqual((await pod({ ...three, spread: "preferred" })).affinity, {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: otherNode }],
      },
    });
    const single = await pod({ spread: "required" });
    assert.deepEqual([single.affinity, single.topologySpreadConstraints], [undefined, undefined]);
  });

  it("allows the eviction of one server at a time, and of none while another is not ready", async () => {
    assert.deepEqual((await made(three)).one(BUDGET, "mysql").inputs.spec, {
      maxUnavailable: 1,
      selector: { matchLabels: labels },
      unhealthyPodEvictionPolicy: "IfHealthyBudget",
    });
    assert.deepEqual((await made()).all(BUDGET), []);
  });

  it("has the resources of its footprint", async () => {
    for (const more of [{}, three]) {
      const footprint = mysqlFootprint({ ...args, ...more, shipsLogs: false });
      const [server, exporter] = items((await pod(more)).containers);
      assert.deepEqual(
        [server.resources, exporter.resources],
        [footprint.containers.mysql, footprint.containers.exporter],
      );
      assert.equal((await made(more)).one(STATEFUL_SET).inputs.spec.replicas, footprint.pods);
    }
  });
});

describe("MySql whose binary logs are copied off-site", () => {
  const store = {
    cidrs: ["10.9.0.0/16"],
    namespaceLabels: { stores: "objects" },
    endpoint: "https://s3.test",
    region: "eu",
    bucket: "backups",
    path: "x",
    accessKeyId: "the-key",
    secretAccessKey: "the-secret",
  };
  const shipping = (): Promise<Recording<MySql>> =>
    record(
      () =>
        new MySql("mysql", {
          ...args,
          ...three,
          logs: {
            image: "rclone:1.71.2",
            outside: new OffsiteBackup("offsite", { namespace: "nacos-x", store, protect: false }),
          },
        }),
    );
  let recording: Recording<MySql>;
  before(async () => (recording = await shipping()));

  it("runs the sidecar that copies them, within the footprint", () => {
    const [sidecar, ...others] = items(recording.one(STATEFUL_SET).inputs.spec.template.spec.initContainers);
    assert.deepEqual(
      [others, sidecar.name, sidecar.image, sidecar.restartPolicy],
      [[], "binlogs", "rclone:1.71.2", "Always"],
    );
    assert.deepEqual(sidecar.resources, mysqlFootprint({ ...args, ...three, shipsLogs: true }).containers.binlogs);
  });

  it("mounts only volumes that exist", () => {
    const { volumes, initContainers, containers } = recording.one(STATEFUL_SET).inputs.spec.template.spec;
    const there = ["data", ...items(volumes).map((v) => v.name as unknown as string)];
    const used = [...items(initContainers), ...items(containers)]
      .flatMap((c) => items(c.volumeMounts))
      .map((m) => m.name as unknown as string);
    assert.deepEqual([...new Set(used)].sort(), there.sort());
  });

  it("has them closed every 30 s", () => {
    const settings = recording.one(CONFIG_MAP, "mysql-topology").inputs.data["settings.json"] as unknown as string;
    assert.equal((JSON.parse(settings) as { rotateLogsSeconds: number }).rotateLogsSeconds, 30);
  });
});

describe("MySql's Services", () => {
  const port = [{ name: "mysql", port: 3306, targetPort: "mysql" }];
  const service = async (name: string) => (await made(three)).one(SERVICE, name);

  it("lead writers to one pod by its name, and updates do not change the selector", async () => {
    const writer = await service("mysql");
    assert.deepEqual(writer.inputs.spec, {
      selector: { "statefulset.kubernetes.io/pod-name": "mysql-0" },
      publishNotReadyAddresses: true,
      ports: port,
    });
    assert.deepEqual(writer.ignoreChanges, ["spec.selector"]);
    const others = (await made(three)).resources.filter(
      (r) => r !== writer && r.type !== STATEFUL_SET && r.ignoreChanges.length > 0,
    );
    assert.deepEqual(
      others.map((r) => r.name),
      [],
    );
  });

  it("lead readers to every server that is ready", async () => {
    assert.deepEqual((await service("mysql-readers")).inputs.spec, { selector: labels, ports: port });
  });

  it("give every server a name, ready or not", async () => {
    assert.deepEqual((await service("mysql-headless")).inputs.spec, {
      selector: labels,
      clusterIP: "None",
      publishNotReadyAddresses: true,
      ports: port,
    });
  });

  it("are outputs without secrets", async () => {
    const { result } = await made();
    const told = [
      result.services.client,
      result.services.readers,
      result.services.headless,
      result.caConfigMap,
      result.administratorSecret,
    ];
    assert.deepEqual(
      await Promise.all(told.map((output) => settle(output))),
      ["mysql", "mysql-readers", "mysql-headless", "mysql-ca", "mysql-admin"].map((value) => ({
        value,
        secret: false,
      })),
    );
    assert.deepEqual([result.host, result.port], ["mysql.nacos-x.svc.cluster.local", 3306]);
  });
});

describe("MySql's controller", () => {
  it("gets every server as a setting, and waits for the writer Service", async () => {
    const settings = async (more: Partial<MySqlArgs>) =>
      JSON.parse(
        (await made(more)).one(CONFIG_MAP, "mysql-topology").inputs.data["settings.json"] as unknown as string,
      ) as Record<string, unknown>;
    const hostSuffix = "mysql-headless.nacos-x.svc.cluster.local";
    assert.deepEqual(await settings({}), {
      namespace: "nacos-x",
      name: "mysql",
      servers: ["mysql-0"],
      hostSuffix,
      semiSync: "preferred",
      failover: "manual",
    });
    assert.deepEqual(await settings(three), {
      namespace: "nacos-x",
      name: "mysql",
      servers: ["mysql-0", "mysql-1", "mysql-2"],
      hostSuffix,
      semiSync: "required",
      failover: "automatic",
    });
    const controller = (await made(three)).one("nacos-platform:mysql:Controller");
    assert.deepEqual([controller.parent, controller.dependsOn], ["mysql", ["mysql-service"]]);
    const deployment = (await made(three)).one(DEPLOYMENT);
    assert.equal(deployment.inputs.spec.replicas, 2);
    assert.equal(deployment.inputs.spec.template.spec.containers[0].image, "node:22.20.0");
  });
});
