import assert from "node:assert/strict";
import type { PlatformConfig } from "../../config";
import { podTotals, type ContainerResources, type WorkloadFootprint } from "../../components/footprint";
import { mysqlFootprint } from "../../components/mysql/mysql";
import { schemaFootprint } from "../../components/mysql/schema";
import { nacosFootprint } from "../../components/nacos/nacos";
import { ENVIRONMENTS } from "../../config/fields";
import { validate } from "../../config/validate";
import { record, settle, type Recorded, type Recording, type Tree } from "../support/recorder";

type Program = typeof import("../../index");
const program = require.resolve("../../index");

function settings(environment: string, more: Record<string, string> = {}): Record<string, string> {
  return {
    "nacos-platform:environment": environment,
    "nacos-platform:kubeContext": "my-cluster",
    "nacos-platform:mysql": '{"storageClass":"fast"}',
    "nacos-platform:nacos": '{"storageClass":"fast"}',
    ...more,
  };
}

/** The program as a stack would run it, from its first line. */
function start(): Program {
  delete require.cache[program];
  return require(program) as Program; // eslint-disable-line @typescript-eslint/no-require-imports -- a program runs when it is loaded
}

function run(environment: string): Promise<Recording<Program>> {
  return record(start, { stack: environment, config: settings(environment) });
}

function configOf(environment: string): PlatformConfig {
  return validate({ project: "nacos-platform", stack: environment, values: settings(environment) });
}

interface Container {
  readonly name: string;
  readonly resources: ContainerResources;
}

/** The parts of a StatefulSet or Job that decide what it asks of the namespace. */
interface Workload {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly replicas?: number;
    readonly template: { readonly spec: { readonly containers: Container[]; readonly initContainers?: Container[] } };
    readonly volumeClaimTemplates?: { readonly spec: { readonly resources: { readonly requests: { readonly storage: string } } } }[];
  };
}

/** What a registered workload asks of the namespace, read from the manifest alone. */
function measured({ inputs }: Recorded): WorkloadFootprint {
  const { spec, kind, metadata } = inputs as unknown as Workload;
  const byName = (containers: Container[]) => Object.fromEntries(containers.map((c) => [c.name, c.resources]));
  return {
    workload: `${kind}/${metadata.name}`,
    pods: spec.replicas ?? 1,
    surgePods: 0,
    containers: byName(spec.template.spec.containers),
    initContainers: byName(spec.template.spec.initContainers ?? []),
    claimsGiB: (spec.volumeClaimTemplates ?? []).map((c) => parseInt(c.spec.resources.requests.storage, 10)),
  };
}

describe("the program", () => {
  for (const environment of ENVIRONMENTS) {
    it(`deploys in ${environment} exactly what was counted against the quota`, async () => {
      const { resources } = await run(environment);
      const workloads = resources.filter((r) => "template" in ((r.inputs.spec as Tree | undefined) ?? {})).map(measured);
      const config = configOf(environment);
      const byName = (list: WorkloadFootprint[]) => list.sort((a, b) => a.workload.localeCompare(b.workload));
      assert.deepEqual(byName(workloads), byName([mysqlFootprint(config.mysql), nacosFootprint(config.nacos), schemaFootprint()]));
      assert.ok(workloads.every((w) => podTotals(w).limitsMemory > 0));
    });
  }

  it("puts everything of Kubernetes on the one provider that names its context", async () => {
    const { resources } = await run("dev");
    const provider = resources.find((r) => r.type === "pulumi:providers:kubernetes");
    assert.deepEqual(provider?.inputs, {
      context: "my-cluster", clusterIdentifier: "nacos-platform/dev",
      enableConfigMapMutable: "true", enableSecretMutable: "true", suppressDeprecationWarnings: "true",
    });
    const others = resources.filter((r) => r.type.startsWith("kubernetes:") && r.provider !== "cluster");
    assert.deepEqual(others.map((r) => r.name), []);
    assert.equal(resources.filter((r) => r.type.startsWith("pulumi:providers:")).length, 1);
  });

  it("puts all of it into the stack's namespace", async () => {
    const { resources } = await run("test");
    const clusterWide = ["Namespace", "PriorityClass", "StorageClass"];
    const kubernetes = resources.filter((r) => r.type.startsWith("kubernetes:") && !clusterWide.includes(r.type.split(":").at(-1) ?? ""));
    assert.ok(kubernetes.length > 20);
    assert.deepEqual(kubernetes.filter((r) => (r.inputs.metadata.namespace as unknown) !== "nacos-test").map((r) => r.name), []);
  });

  it("protects in prod what cannot be made again, and nothing in dev", async () => {
    const isProtected = async (environment: string) => (await run(environment)).resources.filter((r) => r.protect).map((r) => r.name).sort();
    assert.deepEqual(await isProtected("dev"), []);
    assert.deepEqual(await isProtected("prod"), [
      "mysql-accounts-probe-password", "mysql-accounts-root-password", "mysql-accounts-runtime-password", "mysql-accounts-schema-password",
      "mysql-server", "nacos-auth-identity", "nacos-auth-token", "nacos-server", "schema-admin-password", "tenancy-namespace",
    ]);
  });

  it("makes Nacos wait for the schema, and the schema for MySQL", async () => {
    const { resources } = await run("dev");
    const waitsFor = (name: string) => resources.find((r) => r.name === name)?.dependsOn ?? [];
    assert.ok(waitsFor("nacos").includes("schema-job"));
    assert.ok(waitsFor("schema").includes("mysql-server"));
    assert.ok(waitsFor("mysql").includes("tenancy-default-deny"));
    assert.ok(waitsFor("mysql").includes("network-mysql"));
  });

  it("gives out addresses and names, none of them secret", async () => {
    const { result } = await run("dev");
    const { namespace, nacos, mysql, secrets } = result;
    const outputs = [
      namespace, nacos.clientAddress, nacos.grpcAddress, nacos.consoleAddress, ...Object.values(nacos.services),
      mysql.address, ...Object.values(mysql.services), ...Object.values(secrets),
    ];
    assert.deepEqual(Object.keys(result).sort(), ["mysql", "nacos", "namespace", "secrets"]);
    const settled = await Promise.all(outputs.map((output) => settle(output)));
    assert.deepEqual(settled.filter((s) => s.secret), []);
    assert.ok(!settled.some((s) => /password-of|base64-of|hash-of/.test(s.value)));
    assert.deepEqual(await Promise.all(Object.values(secrets).map(async (s) => (await settle(s)).value)), ["nacos-admin", "nacos-auth", "mysql-root", "mysql-runtime"]);
    assert.deepEqual([nacos.version, nacos.replicas, mysql.database], ["2.5.1", 1, "nacos"]);
  });

  it("sends the data of every Secret as a secret", async () => {
    const secrets = (await run("prod")).all("kubernetes:core/v1:Secret");
    assert.equal(secrets.length, 7);
    for (const secret of secrets) assert.deepEqual(secret.secretInputs, ["stringData"], secret.name);
  });

  it("sends no secret in anything else", async () => {
    const { resources } = await run("prod");
    const carriers = resources.filter((r) => r.secretInputs.length > 0 && r.type !== "kubernetes:core/v1:Secret");
    assert.deepEqual(carriers.map((r) => r.name), []);
  });

  describe("stops before it registers anything", () => {
    async function refusal(environment: string, more: Record<string, string>): Promise<string> {
      let message = "";
      const { resources } = await record(() => {
        assert.throws(start, (error: Error) => {
          message = error.message;
          return error.name === "ConfigError";
        });
      }, { stack: environment, config: settings(environment, more) });
      assert.deepEqual(resources, []);
      return message;
    }

    it("when a key is unknown", async () => {
      assert.match(await refusal("dev", { "nacos-platform:foo": "1" }), /nacos-platform:foo is not a known key/);
    });

    it("when the quota is too small", async () => {
      const message = await refusal("prod", { "nacos-platform:tenancy": '{"quota":{"limitsMemory":"16Gi"}}' });
      assert.equal(message, [
        "What this stack deploys does not fit its own limits.",
        "  limits.memory: 16640Mi needed, the quota is 16Gi",
        "    StatefulSet/mysql  1 pod × 4Gi = 4Gi",
        "    StatefulSet/nacos  3 pods × 4Gi = 12Gi",
        "    Job/nacos-schema   1 pod × 256Mi = 256Mi",
        "    fix: pulumi config set --path nacos-platform:tenancy.quota.limitsMemory 16640Mi, or lower what is asked for above",
      ].join("\n"));
    });
  });
});
