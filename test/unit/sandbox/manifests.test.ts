import assert from "node:assert/strict";
import { manifestsOf } from "../../../sandbox/deploy/manifests";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const ENCRYPTED = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:xxxx" };

const planOf = (...objects: Record<string, unknown>[]) => ({
  resourcePlans: Object.fromEntries(
    objects.map((adds, index) => [
      `urn:${index}`,
      { goal: { type: `kubernetes:of/v1:${String(adds.kind)}`, inputDiff: { adds } } },
    ]),
  ),
});
const configMap = (text: string) => ({ kind: "ConfigMap", metadata: { name: "scripts" }, data: { "a.sh": text } });
const pods = (mark: string) => ({
  kind: "StatefulSet",
  metadata: { name: "nacos", annotations: { "pulumi.com/skipAwait": "true", "nacos-platform/claims-gib": "20" } },
  spec: {
    template: {
      metadata: { annotations: { "nacos-platform/config": mark } },
      spec: { volumes: [{ configMap: { name: "scripts" } }] },
    },
  },
});

describe("rendered manifests", () => {
  it("have one file per object, without Pulumi's annotations, and leave out what is no object of Kubernetes", () => {
    const { resourcePlans } = planOf(pods("of the program"), configMap("exit"));
    const password = {
      goal: { type: "random:index/randomPassword:RandomPassword", inputDiff: { adds: { length: 20 } } },
    };
    const { files, left } = manifestsOf({ resourcePlans: { ...resourcePlans, password } });
    assert.deepEqual(files, {
      "manifests/statefulset-nacos.yaml": {
        ...pods("of the program"),
        metadata: { name: "nacos", annotations: { "nacos-platform/claims-gib": "20" } },
      },
      "manifests/configmap-scripts.yaml": configMap("exit"),
    });
    assert.deepEqual(left, []);
  });

  it("have a reference for a Secret, with its type and labels and nothing of its content", () => {
    const metadata = { name: "mysql-tls", namespace: "nacos-prod", labels: { app: "mysql" } };
    for (const content of [{ stringData: ENCRYPTED }, { data: { "tls.key": "aGVsbG8=" } }]) {
      const { files } = manifestsOf(planOf({ kind: "Secret", type: "kubernetes.io/tls", metadata, ...content }));
      assert.deepEqual(files, {
        "external-secrets/externalsecret-mysql-tls.yaml": {
          apiVersion: "external-secrets.io/v1",
          kind: "ExternalSecret",
          metadata,
          spec: {
            secretStoreRef: { kind: "ClusterSecretStore", name: "nacos-platform" },
            target: {
              name: "mysql-tls",
              creationPolicy: "Orphan",
              deletionPolicy: "Retain",
              template: { type: "kubernetes.io/tls", metadata: { labels: { app: "mysql" } } },
            },
            dataFrom: [{ extract: { key: "nacos-prod/mysql-tls" } }],
          },
        },
      });
    }
  });

  it("keep Flux from setting back the Service that names the primary, and no other object", () => {
    const service = (name: string, selector: Record<string, string>) => ({
      kind: "Service",
      metadata: { name, annotations: { team: "data" } },
      spec: { selector },
    });
    const { files } = manifestsOf(
      planOf(
        service("mysql", { "statefulset.kubernetes.io/pod-name": "mysql-0" }),
        service("mysql-readers", { "app.kubernetes.io/name": "mysql" }),
      ),
    );
    const annotationsOf = (name: string): unknown =>
      (files[`manifests/service-${name}.yaml`].metadata as Record<string, unknown>).annotations;
    assert.deepEqual(annotationsOf("mysql"), { team: "data", "kustomize.toolkit.fluxcd.io/ssa": "IfNotPresent" });
    assert.deepEqual(annotationsOf("mysql-readers"), { team: "data" });
  });

  it("restart pods when a ConfigMap changes, if only an update knows the mark of the program", () => {
    const markWith = (text: string): string => {
      const { files } = manifestsOf(planOf(pods(UNKNOWN), configMap(text)));
      return (files["manifests/statefulset-nacos.yaml"] as ReturnType<typeof pods>).spec.template.metadata.annotations[
        "nacos-platform/config"
      ];
    };
    assert.match(markWith("exit"), /^[0-9a-f]{12}$/);
    assert.equal(markWith("exit"), markWith("exit"));
    assert.notEqual(markWith("exit"), markWith("exit 1"));
  });

  it("name a ConfigMap whose content does not exist yet instead of writing it", () => {
    const { files, left } = manifestsOf(
      planOf({ kind: "ConfigMap", metadata: { name: "mysql-ca" }, data: { "ca.crt": UNKNOWN } }),
    );
    assert.deepEqual([files, left], [{}, ["ConfigMap mysql-ca: ca.crt"]]);
  });

  it("are refused if an object needs a value that is secret or not known, or if two need the same file", () => {
    for (const value of [UNKNOWN, `https://${UNKNOWN}/`, ENCRYPTED])
      assert.throws(
        () =>
          manifestsOf(planOf({ kind: "Ingress", metadata: { name: "console" }, spec: { rules: [{ host: value }] } })),
        {
          message: "Ingress console cannot be rendered: it contains a value that only an update knows.",
        },
      );
    const twice = ["a", "b"].map((namespace) => ({ kind: "Role", metadata: { name: "reader", namespace } }));
    assert.throws(() => manifestsOf(planOf(...twice)), {
      message: "Role reader exists in two namespaces, and manifests/role-reader.yaml can hold only one of them.",
    });
  });
});
