import * as assert from "node:assert/strict";
import type { Rule } from "../../policy-pack/lib/rule";
import { changed, goodStatefulSet, type Member, type Props, stackViolations, types } from "./support";

const own = (app: string) => ({ name: app, namespace: "nacos" });
const selector = (app: string) => ({ matchLabels: { app } });
const policy = (app: string, rest: object): Props => ({
  metadata: own(app),
  spec: { podSelector: selector(app), policyTypes: ["Ingress", "Egress"], ...rest },
});
const peer = (app: string, ports: object[] = [{ protocol: "TCP", port: "http" }]) => ({ ports, app });
const rules = (field: "from" | "to", { app, ports }: ReturnType<typeof peer>) => [
  { [field]: [{ podSelector: selector(app) }], ports },
];

const podSpec = {
  serviceAccountName: "db",
  automountServiceAccountToken: false,
  containers: [
    {
      name: "main",
      ports: [{ name: "http", containerPort: 8080 }],
      resources: { requests: { cpu: "1" } },
      env: [{ name: "MODE", valueFrom: { configMapKeyRef: { name: "db", key: "mode" } } }],
    },
  ],
  volumes: [
    { name: "tmp", emptyDir: {} },
    { name: "credentials", secret: { secretName: "db" } },
  ],
};

/** A Deployment of two pods that uses a Secret and a ConfigMap. */
const workload = (app: string): Props => ({
  metadata: own(app),
  spec: { replicas: 2, template: { metadata: { labels: { app } }, spec: podSpec } },
});

const walls = ["namespace", "deny", "quota", "limits"];

/** A stack that complies with every rule: web calls db on port http (8080). */
export const goodStack: readonly Member[] = [
  {
    type: types.Namespace,
    name: "namespace",
    opts: { protect: true },
    props: {
      metadata: {
        name: "nacos",
        labels: Object.fromEntries(
          ["enforce", "audit", "warn"].map((mode) => [`pod-security.kubernetes.io/${mode}`, "restricted"]),
        ),
      },
    },
  },
  {
    type: types.NetworkPolicy,
    name: "deny",
    props: { metadata: own("deny"), spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] } },
  },
  {
    type: types.ResourceQuota,
    name: "quota",
    props: {
      metadata: own("quota"),
      spec: {
        hard: {
          "requests.cpu": "8",
          "requests.memory": "16Gi",
          "limits.cpu": "8",
          "limits.memory": "16Gi",
          pods: "20",
        },
      },
    },
  },
  {
    type: types.LimitRange,
    name: "limits",
    props: {
      metadata: own("limits"),
      spec: { limits: [{ type: "Container", default: {}, defaultRequest: {}, max: {} }] },
    },
  },
  { type: "nacos-platform:test:Tier", name: "tier", dependsOn: walls, props: {} },
  { type: types.ConfigMap, name: "config", props: { metadata: own("db"), data: { mode: "cluster" } } },
  { type: types.Secret, name: "secret", props: { metadata: own("db"), stringData: { password: "canary" } } },
  { type: "kubernetes:core/v1:ServiceAccount", name: "account", props: { metadata: own("db") } },
  { type: types.Deployment, name: "db", parent: "tier", props: workload("db") },
  { type: types.Deployment, name: "web", parent: "tier", props: workload("web") },
  {
    type: types.Service,
    name: "service",
    props: { metadata: own("db"), spec: { selector: { app: "db" }, ports: [{ port: 80, targetPort: "http" }] } },
  },
  ...["db", "web"].map((app) => ({
    type: types.PodDisruptionBudget,
    name: `budget-${app}`,
    props: { metadata: own(app), spec: { maxUnavailable: 1, selector: selector(app) } },
  })),
  {
    type: types.NetworkPolicy,
    name: "policy-db",
    props: policy("db", { ingress: rules("from", peer("web")) }),
  },
  {
    type: types.NetworkPolicy,
    name: "policy-web",
    props: policy("web", {
      ingress: [{ from: [{ namespaceSelector: selector("shop") }], ports: [{ protocol: "TCP", port: 8080 }] }],
      egress: rules("to", peer("db")),
    }),
  },
];

/** The good stack with fields changed: "db spec.replicas". A name alone removes the resource, or gives it other properties. */
export function stackWith(changes: Readonly<Record<string, unknown>>, ...more: readonly Member[]): Member[] {
  return [...goodStack, ...more].flatMap((member) => {
    let { props } = member;
    for (const [where, value] of Object.entries(changes)) {
      const [name, path] = where.split(" ");
      if (name !== member.name) continue;
      if (path === undefined) return [];
      props = changed(props, path, value);
    }
    return [{ ...member, props }];
  });
}

/** A StatefulSet of three pods for it. */
export const set: Member = {
  type: types.StatefulSet,
  name: "set",
  props: goodStatefulSet,
  dependsOn: ["deny", "quota", "limits"],
};

/** Each case: a title, what is changed, and exactly what the rule says. */
export function cases(rule: Rule, list: [title: string, stack: readonly Member[], says: readonly string[]][]): void {
  describe(rule.name, () => {
    for (const [title, stack, says] of list) it(title, () => assert.deepEqual(stackViolations(rule, stack), says));
  });
}
