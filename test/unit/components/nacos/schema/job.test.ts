import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { IDENTITIES } from "../../../../../contract/identities";
import { endpointOf } from "../../../../../kube/connections";
import { NacosSchemaJob, type NacosSchemaJobArgs } from "../../../../../components/nacos/schema/job";
import { checksum } from "../../../../../kube/pod";
import { PODS } from "../../../../support/pods";
import { items, record, settle, type Recording, type Tree } from "../../../../support/recorder";

const args: NacosSchemaJobArgs = {
  namespace: "nacos-x",
  kubeContext: "x",
  pods: PODS,
  nacosImage: "nacos:v2.5.1",
  nacosVersion: "2.5.1",
  seriesUpgrade: "refuse",
  nodeImage: "node:20.19.5",
  credentialsSecret: "mysql-schema",
  caConfigMap: "mysql-ca",
  database: { host: "mysql.x.svc", port: 3306, endpoint: endpointOf("mysql", IDENTITIES.mysql, [3306]) },
  protect: false,
};
const JOB = "kubernetes:batch/v1:Job";

describe("NacosSchemaJob", () => {
  const made = (more: Partial<NacosSchemaJobArgs> = {}): Promise<Recording<NacosSchemaJob>> =>
    record(() => new NacosSchemaJob("schema", { ...args, ...more }));
  const job = async (): Promise<Tree> => (await made()).one(JOB, "nacos-schema").inputs;

  it("takes the schema from the image that is deployed, and applies it with a program of Node.js", async () => {
    const { spec } = (await job()).spec.template;
    assert.deepEqual(
      items(spec.initContainers).map((c) => [c.name, c.image]),
      [["shipped", "nacos:v2.5.1"]],
    );
    assert.deepEqual(
      items(spec.containers).map((c) => [c.name, c.image]),
      [["apply", "node:20.19.5"]],
    );
    assert.deepEqual(spec.containers[0].env, [
      { name: "NACOS_VERSION", value: "2.5.1" },
      { name: "MYSQL_HOST", value: "mysql.x.svc" },
      { name: "MYSQL_PORT", value: "3306" },
      { name: "NACOS_ADMIN", value: "nacos" },
      { name: "SERIES_UPGRADE", value: "refuse" },
    ]);
    assert.deepEqual(spec.containers[0].command, ["node", "/code/schema.js"]);
    assert.deepEqual(spec.initContainers[0].command, ["bash", "/code/copy-schema.sh"]);
  });

  it("runs again for another program or another password, and reveals nothing of the password", async () => {
    const recording = await made();
    const { annotations } = recording.one(JOB, "nacos-schema").inputs.spec.template.metadata;
    assert.equal(annotations["nacos-platform/administrator"], "id-of-schema-admin-mark");
    assert.deepEqual(recording.one("random:index/randomId:RandomId").inputs, {
      byteLength: 4,
      keepers: { password: "password-of-schema-admin-password" },
    });
    const { data, binaryData } = recording.one("kubernetes:core/v1:ConfigMap", "nacos-schema-scripts").inputs;
    assert.deepEqual(Object.keys(data), ["copy-schema.sh", "schema.js"]);
    const program = gunzipSync(Buffer.from(binaryData["schema.gz"] as unknown as string, "base64")).toString();
    assert.equal(annotations["nacos-platform/config"], checksum(data["copy-schema.sh"] as unknown as string, program));
  });

  it("stays after its end, has a deadline, and does not retry", async () => {
    const { spec, metadata } = await job();
    assert.equal(spec.ttlSecondsAfterFinished, undefined);
    assert.equal(spec.activeDeadlineSeconds, 21_600);
    assert.equal(spec.backoffLimit, 0);
    assert.deepEqual(spec.podFailurePolicy, {
      rules: [{ action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] }],
    });
    assert.equal(spec.template.spec.restartPolicy, "Never");
    assert.equal(metadata.annotations["pulumi.com/replaceUnready"], "true");
  });

  it("sends the Secret of the administrator's password as a secret", async () => {
    const recording = await made();
    const secret = recording.one("kubernetes:core/v1:Secret", "nacos-admin");
    assert.deepEqual(secret.secretInputs, ["stringData"]);
    assert.deepEqual(secret.inputs.stringData, {
      username: "nacos",
      password: "password-of-schema-admin-password",
      passwordHash: "hash-of-schema-admin-password",
    });
    assert.deepEqual(await settle(recording.result.adminSecret), { value: "nacos-admin", secret: false });
  });

  it("gives the Job only the hash", async () => {
    const admin = items((await job()).spec.template.spec.volumes).find((v) => (v.name as unknown) === "admin");
    assert.deepEqual(admin?.secret, {
      secretName: "nacos-admin",
      defaultMode: 0o440,
      items: [{ key: "passwordHash", path: "passwordHash" }],
    });
  });

  it("reads what the image of Nacos has written, as the same user", async () => {
    const { spec } = (await job()).spec.template;
    assert.deepEqual([spec.securityContext.runAsUser, spec.securityContext.fsGroup], [1000, 1000]);
    assert.deepEqual(
      [...items(spec.initContainers), ...items(spec.containers)].map((container) =>
        items(container.volumeMounts)
          .filter(({ mountPath }) => (mountPath as unknown) === "/schema")
          .map(({ readOnly }) => readOnly as unknown),
      ),
      [[undefined], [true]],
    );
  });

  it("logs in with the account's credentials", async () => {
    const { spec } = (await job()).spec.template;
    assert.deepEqual(
      items(spec.volumes).find((v) => (v.name as unknown) === "credentials"),
      { name: "credentials", secret: { secretName: "mysql-schema", defaultMode: 0o440 } },
    );
  });

  it("verifies the server's certificate with the CAs of clients", async () => {
    const { spec } = (await job()).spec.template;
    assert.deepEqual(
      items(spec.volumes).find((v) => (v.name as unknown) === "ca"),
      { name: "ca", configMap: { name: "mysql-ca" } },
    );
    const mounts = (containers: Tree) => items(containers[0].volumeMounts).filter((m) => (m.name as unknown) === "ca");
    assert.deepEqual(mounts(spec.containers), [{ name: "ca", mountPath: "/ca", readOnly: true }]);
    assert.deepEqual(mounts(spec.initContainers), []);
  });

  it("limits both containers, without privileges", async () => {
    const { spec } = (await job()).spec.template;
    for (const container of [...items(spec.initContainers), ...items(spec.containers)]) {
      assert.deepEqual(Object.keys(container.resources.requests), ["cpu", "ephemeral-storage", "memory"]);
      assert.deepEqual(Object.keys(container.resources.limits), ["cpu", "ephemeral-storage", "memory"]);
      assert.equal(container.securityContext.readOnlyRootFilesystem, true);
      assert.deepEqual(container.securityContext.capabilities, { drop: ["ALL"] });
    }
  });

  it("protects the password if configured", async () => {
    const recording = await made({ protect: true });
    assert.deepEqual(
      recording.resources.filter((r) => r.protect).map((r) => r.name),
      ["schema-admin-password"],
    );
  });
});
