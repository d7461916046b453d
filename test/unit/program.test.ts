import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { KUBE_DNS } from "../../contract/dns";
import { validate } from "../../schema";
import type { AccountsSettings } from "../../contract/account-settings";
import type { PlatformConfig } from "../../config";
import { podTotals, type ContainerResources, type WorkloadFootprint } from "../../kube/footprint";
import {
  backupFootprint,
  registryRestoreFootprint,
  restoreFootprint,
  verifyFootprint,
} from "../../components/mysql/backup/footprint";
import { controllerFootprint } from "../../components/mysql/controller";
import { mysqlFootprint } from "../../components/mysql/footprint";
import { accountsFootprint } from "../../components/mysql/platform-accounts";
import { schemaFootprint } from "../../components/nacos/schema/job";
import { nacosFootprint } from "../../components/nacos/footprint";
import { ENVIRONMENTS } from "../../config/fields";
import { findings } from "../policy/support";
import { record, settle, type Recorded, type Recording } from "../support/recorder";
import { external, run, runExternal, secretKeys, settings, start, type Program } from "../support/program";

function configOf(environment: string): PlatformConfig {
  return validate({
    project: "nacos-platform",
    stack: environment,
    values: settings(environment),
    isSecret: () => true,
  });
}

interface Container {
  readonly name: string;
  readonly resources: ContainerResources;
  readonly restartPolicy?: "Always";
}

interface PodTemplate {
  readonly spec: {
    readonly dnsConfig?: { readonly options: readonly object[] };
    readonly containers: Container[];
    readonly initContainers?: Container[];
    readonly volumes?: readonly { readonly persistentVolumeClaim?: { readonly claimName: string } }[];
  };
}

/** The parts of a StatefulSet, Deployment, Job or CronJob that decide what it takes of the namespace's quota. */
interface Workload {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly replicas?: number;
    readonly template?: PodTemplate;
    readonly jobTemplate?: { readonly spec: { readonly template: PodTemplate } };
    readonly volumeClaimTemplates?: {
      readonly spec: {
        readonly storageClassName: string;
        readonly resources: { readonly requests: { readonly storage: string } };
      };
    }[];
  };
}

/** The pods that a registered resource creates; undefined if it creates none. */
function podTemplate({ inputs }: Recorded): PodTemplate | undefined {
  const { spec } = inputs as unknown as Partial<Workload>;
  return spec?.template ?? spec?.jobTemplate?.spec.template;
}

/** What a registered workload takes of the namespace's quota, according to its manifest. */
function measured(workload: Recorded): WorkloadFootprint {
  const { spec, kind, metadata } = workload.inputs as unknown as Workload;
  const template = podTemplate(workload);
  assert.ok(template);
  const { containers, initContainers = [] } = template.spec;
  const byName = (list: Container[]) => Object.fromEntries(list.map((c) => [c.name, c.resources]));
  const isSidecar = ({ restartPolicy }: Container) => restartPolicy === "Always";
  return {
    workload: `${kind}/${metadata.name}`,
    pods: spec.replicas ?? 1,
    // A Deployment creates a quarter more pods during an update, rounded up. The others delete a pod before they create one.
    surgePods: kind === "Deployment" ? Math.ceil((spec.replicas ?? 1) / 4) : 0,
    containers: byName([...containers, ...initContainers.filter(isSidecar)]),
    initContainers: byName(initContainers.filter((container) => !isSidecar(container))),
    claimsGiB: (spec.volumeClaimTemplates ?? []).map((c) => parseInt(c.spec.resources.requests.storage, 10)),
    ...(spec.volumeClaimTemplates === undefined
      ? {}
      : { storageClass: spec.volumeClaimTemplates[0].spec.storageClassName }),
  };
}

describe("the program", () => {
  for (const environment of ENVIRONMENTS) {
    it(`deploys in ${environment} exactly what was counted against the quota`, async () => {
      const { resources } = await run(environment);
      const isWorkload = ({ inputs: { spec } }: Recorded): boolean =>
        spec !== undefined && ("template" in spec || "jobTemplate" in spec);
      const [claim] = resources
        .filter((r) => r.type === "kubernetes:core/v1:PersistentVolumeClaim")
        .map((r) => r.inputs.spec.resources.requests.storage as unknown as string);
      const workloads = resources
        .filter(isWorkload)
        .map(measured)
        // The only claim without a StatefulSet is counted with the workload that fills it.
        .map((workload) =>
          workload.workload === "CronJob/mysql-backup"
            ? { ...workload, claimsGiB: [parseInt(claim, 10)], storageClass: "fast" }
            : workload,
        );
      const { mysql, nacos } = configOf(environment);
      assert.ok(mysql.mode === "cluster");
      const outside = environment === "prod";
      const byName = (list: WorkloadFootprint[]) => list.sort((a, b) => a.workload.localeCompare(b.workload));
      assert.deepEqual(
        byName(workloads),
        byName([
          mysqlFootprint({ ...mysql, shipsLogs: outside }),
          controllerFootprint(mysql.failover),
          nacosFootprint(nacos),
          schemaFootprint(),
          accountsFootprint(),
          ...[backupFootprint, verifyFootprint, restoreFootprint, registryRestoreFootprint].map((footprint) =>
            footprint({ ...mysql.backup, storageClass: mysql.storageClass, outside }),
          ),
        ]),
      );
      assert.ok(workloads.every((w) => podTotals(w).limitsMemory > 0));
    });
  }

  it("creates all Kubernetes resources with one provider, which names its context", async () => {
    const { resources } = await run("dev");
    const provider = resources.find((r) => r.type === "pulumi:providers:kubernetes");
    assert.deepEqual(provider?.inputs, {
      context: "my-cluster",
      clusterIdentifier: "nacos-platform/dev",
      enableConfigMapMutable: "true",
      enableSecretMutable: "true",
      suppressDeprecationWarnings: "true",
      upsertExistingObjects: "true",
    });
    const others = resources.filter((r) => r.type.startsWith("kubernetes:") && r.provider !== "cluster");
    assert.deepEqual(
      others.map((r) => r.name),
      [],
    );
    assert.equal(resources.filter((r) => r.type === "pulumi:providers:kubernetes").length, 1);
  });

  it("creates all of them in the stack's namespace", async () => {
    const { resources } = await run("test");
    const clusterWide = ["Namespace", "PriorityClass", "StorageClass"];
    const kubernetes = resources.filter(
      (r) => r.type.startsWith("kubernetes:") && !clusterWide.includes(r.type.split(":").at(-1) ?? ""),
    );
    assert.ok(kubernetes.length > 20);
    assert.deepEqual(
      kubernetes.filter((r) => (r.inputs.metadata.namespace as unknown) !== "nacos-test").map((r) => r.name),
      [],
    );
  });

  it("protects in prod what cannot be recreated, and nothing in dev", async () => {
    const isProtected = async (environment: string) =>
      (await run(environment)).resources
        .filter((r) => r.protect)
        .map((r) => r.name)
        .sort();
    assert.deepEqual(await isProtected("dev"), []);
    assert.deepEqual(await isProtected("prod"), [
      "backups-claim",
      ...["admin", "control", "monitor", "probe", "replication", "restore", "root", "tls"].map(
        (role) => `mysql-accounts-${role}-password`,
      ),
      "mysql-server",
      "nacos-auth-identity",
      "nacos-auth-token",
      "nacos-server",
      "offsite-key",
      "schema-admin-password",
      "tenancy-namespace",
    ]);
  });

  it("lets Nacos wait for the schema, the schema for its account, and the account for MySQL", async () => {
    const { resources } = await run("dev");
    const waitsFor = (name: string) => resources.find((r) => r.name === name)?.dependsOn ?? [];
    assert.ok(waitsFor("nacos").includes("schema-job"));
    assert.ok(waitsFor("schema").includes("accounts-end"));
    assert.ok(waitsFor("accounts").includes("mysql-rollout"));
    assert.ok(waitsFor("mysql").includes("tenancy-default-deny"));
    assert.ok(waitsFor("mysql-server").includes("mysql-connections"));
    assert.ok(waitsFor("nacos-server").includes("nacos-connections"));
  });

  it("resolves names as they are written, and retries after two seconds, in every pod", async () => {
    const { resources } = await run("prod");
    const templates = resources.map(podTemplate).filter((template) => template !== undefined);
    assert.equal(templates.length, 9);
    for (const {
      spec: { dnsConfig },
    } of templates)
      assert.deepEqual(dnsConfig?.options, [
        { name: "ndots", value: "2" },
        { name: "timeout", value: "2" },
        { name: "attempts", value: "3" },
      ]);
  });

  it("outputs addresses and names in the form that other projects rely on, none of them secret", async () => {
    const { result } = await run("dev");
    const outputs = {
      version: result.version,
      namespace: result.namespace,
      kubeContext: result.kubeContext,
      dns: result.dns,
      nacos: result.nacos,
      mysql: result.mysql,
      secrets: result.secrets,
    };
    assert.deepEqual(Object.keys(result).sort(), Object.keys(outputs).sort());
    const { value, secret } = await settle(pulumi.output(outputs));
    assert.equal(secret, false);
    const { caCertificates, ...mysql } = value.mysql;
    assert.equal(
      caCertificates,
      (await run("dev")).one("kubernetes:core/v1:ConfigMap", "mysql-ca").inputs.data["ca.crt"],
    );
    assert.deepEqual(
      { ...value, mysql },
      {
        version: 1,
        namespace: "nacos-dev",
        kubeContext: "my-cluster",
        dns: KUBE_DNS,
        nacos: {
          version: "3.1.2",
          replicas: 1,
          clientAddress: "nacos.nacos-dev.svc.cluster.local:8848",
          grpcAddress: "nacos.nacos-dev.svc.cluster.local:9848",
          consoleAddress: "http://nacos-console.nacos-dev.svc.cluster.local:8080/",
          services: { client: "nacos", headless: "nacos-headless", console: "nacos-console" },
          destination: {
            ports: [8848, 9848, 8080],
            pods: {
              "app.kubernetes.io/name": "nacos",
              "app.kubernetes.io/instance": "nacos",
              "app.kubernetes.io/component": "server",
            },
          },
        },
        mysql: {
          host: "mysql.nacos-dev.svc.cluster.local",
          port: 3306,
          database: "nacos",
          services: { client: "mysql", readers: "mysql-readers", headless: "mysql-headless" },
          destination: {
            ports: [3306],
            pods: {
              "app.kubernetes.io/name": "mysql",
              "app.kubernetes.io/instance": "mysql",
              "app.kubernetes.io/component": "server",
            },
          },
        },
        secrets: {
          nacosAdmin: "nacos-admin",
          nacosAuth: "nacos-auth",
          mysqlRoot: "mysql-root",
          mysqlAdministrator: "mysql-admin",
          mysqlRuntime: "mysql-runtime",
        },
      },
    );
  });

  describe("with an external MySQL", () => {
    let recording: Recording<Program>;
    before(async () => (recording = await runExternal()));

    it("creates no server, only what clients need to trust the external one", () => {
      assert.deepEqual(
        recording.all("kubernetes:apps/v1:StatefulSet").map((r) => r.name),
        ["nacos-server"],
      );
      assert.deepEqual(
        recording.all("kubernetes:apps/v1:Deployment").map((r) => [r.name, r.inputs.spec.replicas]),
        [["mysql-controller-deployment", 1]],
      ); // it serves the metrics of backups
      assert.deepEqual(recording.one("kubernetes:core/v1:ConfigMap", "mysql-ca").inputs.data, {
        "ca.crt": external.caCertificates,
      });
      assert.deepEqual(recording.one("kubernetes:core/v1:Secret", "mysql-admin").inputs.stringData, {
        "admin.json": '{"user":"admin","password":"the-password"}',
      });
    });

    it("creates the accounts of Nacos, schema, backups and restores there, and checks the connections of the server", () => {
      const { server, accounts, connections } = JSON.parse(
        recording.one("kubernetes:core/v1:ConfigMap", "mysql-accounts").inputs.data[
          "settings.json"
        ] as unknown as string,
      ) as AccountsSettings;
      assert.deepEqual([server, connections], [{ host: "db.example.com", port: 3307 }, 100]);
      assert.deepEqual(
        accounts.map(({ user }) => user),
        ["nacos", "nacos_schema", "backup", "restore"],
      );
    });

    it("outputs its address and its CAs", async () => {
      const { value } = await settle(pulumi.output(recording.result.mysql));
      assert.deepEqual(value, {
        host: "db.example.com",
        port: 3307,
        database: "nacos",
        caCertificates: external.caCertificates,
        services: undefined,
        destination: { ports: [3307], cidrs: ["0.0.0.0/0"] },
      });
    });

    it("lets all clients connect to it, and to no other MySQL", () => {
      const nacos = recording.one("kubernetes:apps/v1:StatefulSet", "nacos");
      const text = JSON.stringify(recording.resources.map((r) => r.inputs));
      assert.match(
        JSON.stringify(nacos.inputs),
        /"MYSQL_SERVICE_HOST","value":"db\.example\.com"\},\{"name":"MYSQL_SERVICE_PORT","value":"3307"/,
      );
      for (const variable of ["MYSQL_SERVERS", "PRIMARY"])
        assert.ok(text.includes(`"${variable}","value":"db.example.com:3307"`), variable);
      assert.deepEqual(text.match(/mysql\.nacos-prod|mysql-headless|"COPYING_SERVERS","value"/g), null);
      const policies = recording
        .all("kubernetes:networking.k8s.io/v1:NetworkPolicy")
        .filter((r) => JSON.stringify(r.inputs).includes('"port":3307'));
      assert.deepEqual(policies.map((r) => r.name).sort(), [
        "accounts-connections",
        "backups-backup-connections",
        "backups-restore-connections",
        "nacos-connections",
        "schema-connections",
      ]);
      assert.doesNotMatch(
        JSON.stringify(recording.all("kubernetes:networking.k8s.io/v1:NetworkPolicy").map((r) => r.inputs)),
        /"port":3306/,
      );
    });

    it("complies with every policy", () => assert.deepEqual(findings(recording.resources, "prod").stops, []));
  });

  for (const environment of ENVIRONMENTS) {
    it(`complies with every policy in ${environment}`, async () => {
      const { stops, remarks } = findings((await run(environment)).resources, environment);
      assert.deepEqual(stops, []);
      // What an operator narrows: docs/configuration.md, access.apiServerCidrs and the like, and the images.
      assert.deepEqual(
        remarks.filter((text) => !/^network-policy-shape: .*0\.0\.0\.0\/0|^require-image-digest: /.test(text)),
        [],
      );
    });
  }

  it("sends the data of every Secret as a secret", async () => {
    const secrets = (await run("prod")).all("kubernetes:core/v1:Secret");
    assert.equal(secrets.length, 16);
    for (const secret of secrets) assert.deepEqual(secret.secretInputs, ["stringData"], secret.name);
  });

  it("sends secrets in nothing else, except for marks and certificates", async () => {
    const { resources } = await run("prod");
    const carriers = resources.filter((r) => r.secretInputs.length > 0 && r.type !== "kubernetes:core/v1:Secret");
    assert.deepEqual(carriers.map((r) => `${r.name}: ${r.secretInputs.join(", ")}`).sort(), [
      "accounts-mark: keepers",
      "accounts-runtime-mark: keepers",
      "mysql-tls-ca-1: privateKeyPem",
      "mysql-tls-ca-2: privateKeyPem",
      "mysql-tls-certificate: caPrivateKeyPem",
      "mysql-tls-request: privateKeyPem",
      "nacos-auth-mark: keepers",
      "schema-admin-mark: keepers",
    ]);
  });

  describe("stops before it registers anything", () => {
    async function refusal(environment: string, more: Record<string, string>): Promise<string> {
      let message = "";
      const { resources } = await record(
        () => {
          assert.throws(start, (error: Error) => {
            message = error.message;
            return error.name === "ConfigError";
          });
        },
        { stack: environment, config: settings(environment, more), secretKeys },
      );
      assert.deepEqual(resources, []);
      return message;
    }

    it("if a key is unknown", async () => {
      assert.match(await refusal("dev", { "nacos-platform:foo": "1" }), /nacos-platform:foo is not a known key/);
    });

    it("if the quota is too small", async () => {
      const message = await refusal("prod", { "nacos-platform:tenancy": '{"quota":{"limitsMemory":"16Gi"}}' });
      assert.equal(
        message,
        [
          "What this stack deploys does not fit its limits. [CONFIG_LIMITS_EXCEEDED: docs/runbooks/pulumi-up.md]",
          "  limits.memory: 31552Mi needed, the quota is 16Gi",
          "    StatefulSet/mysql               3 pods × 4352Mi = 13056Mi",
          "    Deployment/mysql-controller     3 pods × 192Mi = 576Mi",
          "    Job/mysql-accounts              1 pod × 192Mi = 192Mi",
          "    CronJob/mysql-backup            1 pod × 512Mi = 512Mi",
          "    CronJob/mysql-verify            1 pod × 2Gi = 2Gi",
          "    CronJob/mysql-restore           1 pod × 2Gi = 2Gi",
          "    CronJob/nacos-registry-restore  1 pod × 256Mi = 256Mi",
          "    StatefulSet/nacos               3 pods × 4224Mi = 12672Mi",
          "    Job/nacos-schema                1 pod × 192Mi = 192Mi",
          "    fix: pulumi config set --path nacos-platform:tenancy.quota.limitsMemory 31616Mi, or lower the values above",
        ].join("\n"),
      );
    });
  });
});
