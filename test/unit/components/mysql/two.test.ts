import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../../../contract/settings";
import { MySql, type MySqlArgs } from "../../../../components/mysql/mysql";
import { apiServer } from "../../../../kube/connections";
import { PODS, SERVICES } from "../../../support/pods";
import { record, type Recording } from "../../../support/recorder";

const args: MySqlArgs = {
  namespace: "shared",
  kubeContext: "my-cluster",
  serviceDomain: "shared.svc.cluster.local",
  pods: PODS,
  services: SERVICES,
  image: pulumi.output("mysql:9.7.2"),
  nodeImage: pulumi.output("node:24"),
  exporterImage: pulumi.output("mysqld-exporter:0.20"),
  resources: { requests: { cpu: "1", memory: "2Gi" }, limits: { cpu: "2", memory: "2Gi" } },
  storageGiB: 20,
  storageClass: "fast",
  servers: 3,
  semiSync: "required",
  failover: "automatic",
  spread: "required",
  caGeneration: 1,
  maxConnections: 100,
  binlogRetentionHours: 24,
  scraping: { namespaceLabels: { watches: "all" }, annotated: false },
  backupCronJob: "mysql-backup",
  apiServer: apiServer(["10.0.0.1/32"], [443, 6443]),
  protect: false,
};

describe("two MySQL in one namespace", () => {
  let recording: Recording<readonly MySql[]>;
  before(
    async () =>
      (recording = await record(() => [
        new MySql("blue", args),
        new MySql("green", { ...args, kubernetesName: "ledger" }),
      ])),
  );

  it("have no object in common", () => {
    const objects = recording.resources
      .filter(({ type, read }) => type.startsWith("kubernetes:") && !read)
      .map(({ type, inputs }) => `${type} ${inputs.metadata.name as unknown as string}`);
    assert.ok(objects.length > 40);
    assert.deepEqual(
      objects.filter((object, index) => objects.indexOf(object) !== index),
      [],
    );
  });

  it("select no pod of the other, with sets, Services, policies or budgets", () => {
    const selectors = [
      "apps/v1:StatefulSet",
      "apps/v1:Deployment",
      "core/v1:Service",
      "policy/v1:PodDisruptionBudget",
      "networking.k8s.io/v1:NetworkPolicy",
    ].flatMap((type) =>
      recording.all(`kubernetes:${type}`).map(({ inputs: { spec } }) => {
        const selector = "podSelector" in spec ? spec.podSelector : spec.selector;
        return ("matchLabels" in selector ? selector.matchLabels : selector) as unknown as Record<string, string>;
      }),
    );
    assert.equal(selectors.length, 18);
    const whose = selectors.map(
      (selector) => selector["app.kubernetes.io/instance"] ?? selector["statefulset.kubernetes.io/pod-name"],
    );
    assert.deepEqual([...new Set(whose)].sort(), ["blue", "blue-0", "green", "ledger-0"]);
  });

  it("have one controller each, for the servers, the Service and the lease of that MySQL", () => {
    const settings = recording
      .all("kubernetes:core/v1:ConfigMap")
      .flatMap(({ inputs: { data } }) =>
        "settings.json" in data ? [JSON.parse(data["settings.json"] as unknown as string) as Settings] : [],
      );
    assert.deepEqual(
      settings.map(({ name, servers, hostSuffix }) => [name, servers[0], hostSuffix]),
      [
        ["blue", "blue-0", "blue-headless.shared.svc.cluster.local"],
        ["ledger", "ledger-0", "ledger-headless.shared.svc.cluster.local"],
      ],
    );
    const names = recording
      .all("kubernetes:rbac.authorization.k8s.io/v1:Role")
      .map(({ inputs: { rules } }) =>
        (rules as unknown as { resourceNames?: string[] }[])
          .slice(0, 2)
          .flatMap(({ resourceNames = [] }) => resourceNames),
      );
    assert.deepEqual(names, [
      ["blue", "blue-controller"],
      ["ledger", "ledger-controller"],
    ]);
  });

  it("have certificates for their names", () => {
    const requests = recording
      .all("tls:index/certRequest:CertRequest")
      .map(({ inputs: { dnsNames } }) => dnsNames as unknown);
    assert.deepEqual(
      requests,
      ["blue", "ledger"].map((base) =>
        [base, `${base}-readers`, `*.${base}-headless`].map((host) => `${host}.shared.svc.cluster.local`),
      ),
    );
  });
});
