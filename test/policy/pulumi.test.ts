import * as assert from "node:assert/strict";
import { environmentOf, stackIn } from "../../policy-pack/lib/environment";
import { noLatestImage } from "../../policy-pack/rules/images/no-latest-image";
import { restrictImageRegistries } from "../../policy-pack/rules/images/restrict-image-registries";
import { deprecatedApiVersions } from "../../policy-pack/rules/metadata/deprecated-api-versions";
import { disallowDefaultNamespace } from "../../policy-pack/rules/metadata/disallow-default-namespace";
import { requireLabels } from "../../policy-pack/rules/metadata/require-labels";
import { explicitProvider } from "../../policy-pack/rules/pulumi/explicit-provider";
import { noBroadIgnoreChanges } from "../../policy-pack/rules/pulumi/no-broad-ignore-changes";
import { noOpaqueResources } from "../../policy-pack/rules/pulumi/no-opaque-resources";
import { noSkipAwait } from "../../policy-pack/rules/pulumi/no-skip-await";
import {
  changed,
  check,
  container,
  goodStatefulSet,
  goodWorkload,
  passes,
  podSpec,
  type Props,
  types,
  unknown,
  violations,
} from "./support";

const db = "StatefulSet nacos/db";

describe("restrict-image-registries", () => {
  const says = (image: string, ...allowed: string[]) =>
    violations(
      restrictImageRegistries,
      types.StatefulSet,
      changed(goodWorkload, podSpec, { containers: [{ name: "main", image }] }),
      [],
      { settings: { allowed } },
    );
  const refused = (image: string, allowed: string) => [
    `${db}, container "main": image "${image}" is from no allowed registry. Use one of ${allowed}.`,
  ];
  it("is off without a list", () => assert.deepEqual(says("nginx:1"), []));
  for (const [image, allowed] of [
    ["nginx:1", "docker.io/library"],
    ["nginx:1", "docker.io"],
    ["nacos/nacos-server:v3", "docker.io/nacos"],
    ["host:5000/x:1", "host:5000"],
    ["localhost/x:1", "localhost"],
  ])
    it(`passes ${image} of ${allowed}`, () => assert.deepEqual(says(image, allowed), []));
  for (const [image, allowed] of [
    ["registry.example.com.evil.io/x:1", "registry.example.com"],
    ["nacosx/y:1", "docker.io/nacos"],
    ["localhost/x:1", "docker.io"],
  ])
    it(`stops ${image} if only ${allowed} is allowed`, () =>
      assert.deepEqual(says(image, allowed), refused(image, allowed)));
});

describe("no-latest-image with moving tags", () => {
  it("stops them", () => {
    const props = changed(goodStatefulSet, `${container}.image`, "nacos:stable");
    assert.deepEqual(
      violations(noLatestImage, types.StatefulSet, props, [], { settings: { movingTags: ["latest", "stable"] } }),
      [
        `${db}, container "main": image "nacos:stable" has the tag "stable", which changes. Name a version tag or a digest.`,
      ],
    );
  });
});

describe("require-labels", () => {
  const label = "app.kubernetes.io/part-of";
  const without = (props: Props, path: string) => {
    const copy = changed(props, "none", undefined);
    const labels = path.split(".").reduce((parent, step) => parent[step] as Props, copy);
    delete labels[label];
    return copy;
  };
  it("wants them on the object and on its pods", () => {
    assert.deepEqual(violations(requireLabels, types.StatefulSet, without(goodStatefulSet, "metadata.labels")), [
      `${db}: metadata.labels lacks ${label}. Add them.`,
    ]);
    assert.deepEqual(
      violations(requireLabels, types.StatefulSet, without(goodStatefulSet, "spec.template.metadata.labels")),
      [`${db}: the labels of its pods lack ${label}. Add them to the template.`],
    );
  });
  it("passes further labels, unknown ones, and kinds of others", () => {
    const more = changed(goodStatefulSet, "metadata.labels.team", "shop");
    assert.deepEqual(violations(requireLabels, types.StatefulSet, more), []);
    assert.deepEqual(
      violations(requireLabels, types.StatefulSet, changed(goodStatefulSet, "metadata.labels", unknown)),
      [],
    );
    assert.deepEqual(violations(requireLabels, "kubernetes:example.com/v1:Cache", {}), []);
  });
});

describe("disallow-default-namespace", () => {
  const says = (type: string, metadata: Props) =>
    violations(disallowDefaultNamespace, type, { metadata: { name: "db", ...metadata } });
  it("stops objects of Kubernetes' own namespaces", () => {
    assert.deepEqual(says(types.Service, {}), [
      'Service default/db: its namespace is "default". Set metadata.namespace to one of the stack\'s.',
    ]);
    assert.equal(says(types.Service, { namespace: "kube-system" }).length, 1);
  });
  it("passes others, unknown ones, kinds without a namespace, and kinds of others", () => {
    assert.deepEqual(says(types.Service, { namespace: "nacos" }), []);
    assert.deepEqual(says(types.Service, { namespace: unknown }), []);
    assert.deepEqual(says(types.Namespace, {}), []);
    assert.deepEqual(says("kubernetes:example.com/v1:Cache", {}), []);
  });
});

describe("deprecated-api-versions", () => {
  const says = (type: string) =>
    violations(deprecatedApiVersions, `kubernetes:${type}`, { metadata: { name: "db", namespace: "nacos" } });
  it("stops what Kubernetes no longer serves", () => {
    assert.deepEqual(says("policy/v1beta1:PodDisruptionBudget"), [
      "PodDisruptionBudget nacos/db: Kubernetes serves policy/v1beta1 only before 1.25. Use a later version of the API.",
    ]);
    assert.equal(says("extensions/v1beta1:IngressPatch").length, 1);
    assert.match(says("extensions/v1beta1:Ingress")[0], /before 1\.22/);
  });
  it("remarks on what is not stable, and passes kinds of others", () => {
    assert.match(says("storage.k8s.io/v1beta1:VolumeAttributesClass")[0], /^advisory: .*no stable version/);
    assert.deepEqual(says("apps/v1:Deployment"), []);
    assert.deepEqual(says("gateway.networking.k8s.io/v1beta1:Gateway"), []);
  });
});

describe("explicit-provider", () => {
  const says = (name: string, props: Props, type = types.StatefulSet) =>
    violations(explicitProvider, type, goodStatefulSet, [], { provider: { name, props } });
  it("stops the default provider", () => {
    assert.deepEqual(says("default_4_34_2", { context: "x" }), [
      `${db}: its provider is the default one, so the current context of the machine decides. Give it a provider with a context.`,
    ]);
  });
  it("stops a provider that leaves the context to a file", () => {
    const leaves = [
      `${db}: its provider "cluster" has neither a context nor the content of a kubeconfig. Set context.`,
    ];
    assert.deepEqual(says("cluster", {}), leaves);
    assert.deepEqual(says("cluster", { kubeconfig: "~/.kube/config" }), leaves);
  });
  it("passes a context, a content, and what is not known yet", () => {
    for (const props of [
      { context: "x" },
      { kubeconfig: "apiVersion: v1\nkind: Config\n" },
      { context: unknown },
      { kubeconfig: unknown },
    ])
      assert.deepEqual(says("cluster", props), []);
  });
  it("passes what is no Kubernetes object", () =>
    assert.deepEqual(says("default", {}, "random:index/randomId:RandomId"), []));
});

describe("no-skip-await", () => {
  passes(noSkipAwait);
  const annotations = "metadata.annotations";
  const skips = `${db}: the annotation pulumi.com/skipAwait lets the update succeed before its pods run. Leave it out.`;
  check(noSkipAwait, [
    {
      title: "stops workloads that nobody waits for",
      path: annotations,
      value: { "pulumi.com/skipAwait": "true" },
      says: [skips],
    },
    { title: "passes any other value", path: annotations, value: { "pulumi.com/skipAwait": "false" }, says: [] },
    {
      title: "passes Services",
      type: types.Service,
      from: { metadata: { name: "db" } },
      path: annotations,
      value: { "pulumi.com/skipAwait": "true" },
      says: [],
    },
    {
      title: "stops fields that are taken from others",
      type: types.Service,
      from: { metadata: { name: "db" } },
      path: annotations,
      value: { "pulumi.com/patchForce": "true" },
      says: [
        "Service default/db: the annotation pulumi.com/patchForce takes fields from other managers. Leave it out.",
      ],
    },
  ]);
});

describe("no-broad-ignore-changes", () => {
  const says = (path: string) =>
    violations(noBroadIgnoreChanges, types.StatefulSet, goodStatefulSet, [], { opts: { ignoreChanges: [path] } });
  for (const path of [
    "*",
    "spec",
    "metadata",
    "data",
    "spec.template",
    "spec.template.spec.containers[0].image",
    "spec.podSelector",
    'spec["template"]',
  ])
    it(`stops ${path}`, () =>
      assert.deepEqual(says(path), [
        `${db}, ignoreChanges "${path}": rules do not see changes of it. Ignore a narrower path.`,
      ]));
  for (const path of [
    "spec.replicas",
    "spec.selector",
    "status",
    'metadata.annotations["a"]',
    "spec.volumeClaimTemplates",
  ])
    it(`passes ${path}`, () => assert.deepEqual(says(path), []));
});

describe("no-opaque-resources", () => {
  const says = (type: string, props: Props = { metadata: { name: "db", namespace: "nacos" } }) =>
    violations(noOpaqueResources, type, props);
  const pods = { spec: { steps: [{ template: { spec: { containers: [{ name: "main", image: "nginx" }] } } }] } };
  it("stops Helm releases", () => {
    assert.deepEqual(says("kubernetes:helm.sh/v3:Release"), [
      "Release logical-name: Helm creates its objects, and no rule evaluates them. Use kubernetes.helm.v4.Chart.",
    ]);
  });
  it("stops patches and lists", () => {
    for (const kind of ["DeploymentPatch", "DeploymentList"])
      assert.deepEqual(says(`kubernetes:apps/v1:${kind}`), [
        `${kind} nacos/db: no rule evaluates what is in a ${kind}. Use a resource for each object.`,
      ]);
    assert.equal(says("kubernetes:core/v1:ConfigMapPatch").length, 1);
  });
  it("stops custom resources with containers", () => {
    assert.deepEqual(says("kubernetes:example.com/v1:Rollout", pods), [
      "Rollout default/logical-name: it has containers, which no rule evaluates. Use a Deployment, StatefulSet, Job or CronJob.",
    ]);
  });
  it("passes custom resources without, charts, and built-in workloads", () => {
    assert.deepEqual(says("kubernetes:example.com/v1:Cache", { spec: { containers: ["a"], image: "b" } }), []);
    assert.deepEqual(says("kubernetes:helm.sh/v4:Chart"), []);
    assert.deepEqual(says(types.StatefulSet, goodStatefulSet), []);
  });
});

describe("the environment", () => {
  for (const [stack, environment] of [
    ["dev", "dev"],
    ["prod-eu", "prod"],
    ["test", "test"],
    ["developer", "prod"],
    ["staging", "prod"],
  ])
    it(`of stack ${stack} is ${environment}`, () =>
      assert.equal(environmentOf(stackIn(`urn:pulumi:${stack}::nacos-platform::t::n`)), environment));

  it("decides the level, unless the configuration names another one", () => {
    const props = changed(goodStatefulSet, `${container}.image`, "nacos");
    const levels = { dev: "off", test: "advisory", prod: "mandatory" } as const;
    const says = (stack: string, settings = {}) =>
      violations(noLatestImage, types.StatefulSet, props, [], { stack, levels, settings }).map((text) =>
        text.slice(0, 9),
      );
    assert.deepEqual(says("dev"), []);
    assert.deepEqual(says("test"), ["advisory:"]);
    assert.deepEqual(says("prod-eu"), ["StatefulS"]);
    assert.deepEqual(says("dev", { environment: "prod" }), ["StatefulS"]);
  });
});
