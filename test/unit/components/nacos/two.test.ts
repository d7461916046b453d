import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type * as k8s from "@pulumi/kubernetes";
import { Nacos, type NacosArgs } from "../../../../components/nacos/nacos";
import { knownNacos } from "../../../../components/nacos/versions";
import { IDENTITIES } from "../../../../contract/identities";
import { apiServer, endpointOf } from "../../../../kube/connections";
import { PODS, SERVICES } from "../../../support/pods";
import { record, settle, type Recording, type Tree } from "../../../support/recorder";

const args: NacosArgs = {
  namespace: "shared",
  kubeContext: "my-cluster",
  serviceDomain: pulumi.output("shared.svc.cluster.local"),
  pods: PODS,
  services: SERVICES,
  apiServer: apiServer(["10.0.0.1/32"], [443, 6443]),
  scraping: { namespaceLabels: { watches: "all" }, annotated: false },
  nodeImage: "node:x",
  image: "nacos:v3.1.2",
  facts: knownNacos("nacos:v3.1.2"),
  seriesUpgrade: "refuse",
  replicas: 3,
  resources: { requests: { cpu: "1", memory: "2Gi" }, limits: { cpu: "2", memory: "4Gi" } },
  storageGiB: 20,
  storageClass: "fast",
  spread: "required",
  databasePoolSize: pulumi.output(20),
  properties: {},
  jvmOptions: pulumi.output([]),
  protect: false,
  database: {
    host: pulumi.output("db.example.com"),
    port: pulumi.output(3306),
    name: "nacos",
    secret: "mysql-runtime",
    mark: "0a0b0c0d",
    caConfigMap: "mysql-ca",
    trust: "PEM",
    endpoint: endpointOf("mysql", IDENTITIES.mysql, [3306]),
  },
  clientNamespaceLabels: { client: "yes" },
};

/** Adds what a user's cluster requires in every pod. */
const withPullSecret = (set: k8s.apps.v1.StatefulSetArgs): k8s.apps.v1.StatefulSetArgs => {
  const { spec } = set as { spec: k8s.types.input.apps.v1.StatefulSetSpec };
  const template = spec.template as k8s.types.input.core.v1.PodTemplateSpec;
  return {
    ...set,
    spec: {
      ...spec,
      template: {
        ...template,
        spec: { ...(template.spec as k8s.types.input.core.v1.PodSpec), imagePullSecrets: [{ name: "registry" }] },
      },
    },
  };
};

describe("two Nacos in one namespace", () => {
  let recording: Recording<readonly Nacos[]>;
  before(async () => {
    recording = await record(() => [
      new Nacos("blue", args),
      new Nacos("green", {
        ...args,
        kubernetesName: "registry",
        transform: { statefulSet: withPullSecret, clientService: (spec) => ({ ...spec, type: "LoadBalancer" }) },
      }),
    ]);
  });

  it("have no object in common", () => {
    const objects = recording.resources
      .filter(({ type, read }) => type.startsWith("kubernetes:") && !read)
      .map(({ type, inputs }) => `${type} ${inputs.metadata.name as unknown as string}`);
    assert.ok(objects.length > 15);
    assert.deepEqual(
      objects.filter((object, index) => objects.indexOf(object) !== index),
      [],
    );
  });

  it("select no pod of the other, with sets or Services", () => {
    for (const type of ["apps/v1:StatefulSet", "core/v1:Service", "policy/v1:PodDisruptionBudget"]) {
      const selectors = recording
        .all(`kubernetes:${type}`)
        .map(({ inputs: { spec } }) => ("matchLabels" in spec.selector ? spec.selector.matchLabels : spec.selector));
      assert.deepEqual(
        [...new Set(selectors.map((selector) => selector["app.kubernetes.io/instance"] as unknown))].sort(),
        ["blue", "green"],
      );
    }
    for (const {
      inputs: { spec },
    } of recording.all("kubernetes:apps/v1:StatefulSet")) {
      for (const [key, value] of Object.entries(spec.selector.matchLabels))
        assert.equal(spec.template.metadata.labels[key], value);
    }
  });

  it("are named after the component, or by their arguments", async () => {
    const addresses = await Promise.all(
      recording.result.map(async ({ clientAddress }) => (await settle(clientAddress)).value),
    );
    assert.deepEqual(addresses, ["blue.shared.svc.cluster.local:8848", "registry.shared.svc.cluster.local:8848"]);
    const settings = recording
      .all("kubernetes:core/v1:ConfigMap")
      .map(({ inputs }) => (inputs.data as Tree | undefined)?.["settings.json"] as string | undefined)
      .filter((text) => text !== undefined)
      .map((text) => JSON.parse(text) as { statefulSet: string; hostSuffix: string });
    assert.deepEqual(
      settings.map(({ statefulSet, hostSuffix }) => [statefulSet, hostSuffix]),
      ["blue", "registry"].map((base) => [base, `${base}-headless.shared.svc.cluster.local`]),
    );
    const properties = recording
      .all("kubernetes:apps/v1:StatefulSet")
      .map(({ inputs }) => inputs.spec.template.spec.containers[0].envFrom as unknown);
    assert.deepEqual(
      properties,
      ["blue", "registry"].map((base) => [{ secretRef: { name: `${base}-properties`, optional: true } }]),
    );
  });

  it("can be changed by a transform, for fields without an option", () => {
    const pods = recording.all("kubernetes:apps/v1:StatefulSet").map(({ inputs }) => inputs.spec.template.spec);
    assert.deepEqual(
      pods.map(({ imagePullSecrets }) => imagePullSecrets as unknown),
      [undefined, [{ name: "registry" }]],
    );
    assert.equal(recording.one("kubernetes:core/v1:Service", "registry").inputs.spec.type, "LoadBalancer");
    assert.equal(pods[0].containers[0].image, pods[1].containers[0].image);
  });
});
