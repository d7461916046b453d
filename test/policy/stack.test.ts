import * as assert from "node:assert/strict";
import { entries } from "../../policy-pack/catalogue";
import { namespaceWalled } from "../../policy-pack/rules/stack/namespace-walled";
import { networkFlowsCovered } from "../../policy-pack/rules/stack/network-flows-covered";
import { oneOwner } from "../../policy-pack/rules/stack/one-owner";
import { productionProtected } from "../../policy-pack/rules/stack/production-protected";
import { referencesExist } from "../../policy-pack/rules/stack/references-exist";
import { secretsStaySecret } from "../../policy-pack/rules/stack/secrets-stay-secret";
import { serviceAccountLeastPrivilege } from "../../policy-pack/rules/stack/service-account-least-privilege";
import { cases, goodStack, set, stackWith } from "./stack-support";
import { stackViolations, types, unknown, type Member } from "./support";

const own = { name: "db", namespace: "nacos" };
describe("a good stack", () => {
  for (const { rule } of entries.filter((entry) => entry.rule.stack !== undefined))
    it(`complies with ${rule.name}`, () => assert.deepEqual(stackViolations(rule, goodStack), []));
});

const namespace = "[namespace] Namespace nacos:";
const early = (what: string) =>
  ["db", "web"].map(
    (name) => `[${name}] Deployment nacos/${name}: it may start before the ${what}. Let it depend on that.`,
  );
const label = "namespace metadata.labels.pod-security";
cases(namespaceWalled, [
  [
    "stops another Pod Security",
    goodStack.map((m) =>
      m.name === "namespace"
        ? { ...m, props: { metadata: { name: "nacos", labels: { "pod-security.kubernetes.io/enforce": "baseline" } } } }
        : m,
    ),
    [
      `${namespace} label pod-security.kubernetes.io/enforce is "baseline". Set it to "restricted".`,
      `${namespace} label pod-security.kubernetes.io/audit is not set. Set it to "restricted".`,
      `${namespace} label pod-security.kubernetes.io/warn is not set. Set it to "restricted".`,
    ],
  ],
  [
    "stops a namespace without a denial",
    stackWith({ deny: undefined }),
    ["ingress", "egress"].map((rules) => `${namespace} it has no NetworkPolicy that denies all ${rules}. Create one.`),
  ],
  [
    "stops a denial of one direction",
    stackWith({ "deny spec.policyTypes": undefined }),
    [`${namespace} it has no NetworkPolicy that denies all egress. Create one.`],
  ],
  [
    "stops a policy that allows something",
    stackWith({ "deny spec.ingress": [{}] }),
    [`${namespace} it has no NetworkPolicy that denies all ingress. Create one.`],
  ],
  [
    "stops a quota without limits",
    stackWith({ "quota spec.hard": { pods: "1" } }),
    [
      `${namespace} it has no ResourceQuota of requests.cpu, requests.memory, limits.cpu, limits.memory, pods. Create one.`,
    ],
  ],
  [
    "stops limits without defaults",
    stackWith({ "limits spec.limits.0.default": undefined }),
    [`${namespace} it has no LimitRange with default, defaultRequest and max of containers. Create one.`],
  ],
  [
    "stops pods that may start first",
    goodStack.map((m) => (m.name === "tier" ? { ...m, dependsOn: ["namespace", "deny", "quota"] } : m)),
    early("LimitRange with default, defaultRequest and max of containers, LimitRange nacos/limits"),
  ],
  ["leaves an unknown label to the update", stackWith({ [`${label}`]: "x", "namespace metadata.labels": unknown }), []],
]);

const http = [{ protocol: "TCP", port: 8080 }];
const toDb = { to: [{ podSelector: { matchLabels: { app: "db" } } }] };
cases(networkFlowsCovered, [
  [
    "stops pods that no policy isolates",
    stackWith({ deny: undefined, "policy-db spec.policyTypes": ["Ingress"] }),
    [
      '[db] Deployment nacos/db: no NetworkPolicy isolates its pods for egress. Select them in one with policyTypes "Egress".',
    ],
  ],
  [
    "leaves selectors of namespaces, of which this may be one, to their author",
    stackWith({
      "policy-db spec.ingress": [{ from: [{ namespaceSelector: { matchLabels: { team: "a" } } }], ports: http }],
      "policy-db metadata.namespace": "nacos",
    }).map((m) => m),
    [],
  ],
  [
    "stops egress to a port that is closed",
    stackWith({ "policy-db spec.ingress": [{ from: [{ podSelector: { matchLabels: { app: "db" } } }], ports: http }] }),
    [
      "[db] Deployment nacos/db: port 8080 of Deployment nacos/db may receive from it, but it may not send there. Add an egress rule, or remove the ingress rule.",
      "[web] Deployment nacos/web: it may send to port 8080 of Deployment nacos/db, which may not receive from it. Add an ingress rule there, or remove the egress rule.",
    ],
  ],
  [
    "stops ingress from a sender that may not send",
    stackWith({ "policy-web spec.egress": [] }),
    [
      "[web] Deployment nacos/web: port 8080 of Deployment nacos/db may receive from it, but it may not send there. Add an egress rule, or remove the ingress rule.",
    ],
  ],
  [
    "passes names, numbers and ranges of ports alike",
    stackWith({ "policy-web spec.egress": [{ ...toDb, ports: [{ protocol: "TCP", port: 8000, endPort: 8100 }] }] }),
    [],
  ],
  [
    "remarks on a port that nobody may reach",
    stackWith({ "policy-db spec.ingress": undefined, "policy-web spec.egress": [] }),
    [
      '[db] advisory: Deployment nacos/db: no NetworkPolicy lets anybody connect to port "http" (8080) of container "main". Add an ingress rule.',
    ],
  ],
  [
    "stops a peer that is nobody",
    stackWith({ "policy-db spec.ingress.0.from.1": { podSelector: { matchLabels: { app: "typo" } } } }),
    [
      '[policy-db] NetworkPolicy nacos/db, ingress rule "0": from has a podSelector that matches no pod of the stack. Correct or remove it.',
    ],
  ],
  [
    "stops a policy for nobody",
    stackWith({ "deny spec.podSelector": { matchLabels: { app: "typo" } } }),
    ["[deny] NetworkPolicy nacos/deny: its podSelector matches no pod of the stack. Correct or remove it."],
  ],
  ["leaves unknown rules to the update", stackWith({ "policy-db spec.ingress": unknown }), []],
]);

const missing = (what: string) =>
  `[db] Deployment nacos/db, ${what} does not exist in the stack. Create it, or correct the name.`;
const volumes = "db spec.template.spec.volumes.1";
cases(referencesExist, [
  [
    "stops a Secret that is missing",
    stackWith({ [`${volumes}.secret.secretName`]: "typo" }),
    [missing('volume "credentials": Secret nacos/typo')],
  ],
  ["passes one that may be missing", stackWith({ [`${volumes}.secret`]: { secretName: "typo", optional: true } }), []],
  [
    "stops a key that is missing",
    stackWith({ "config data": { other: "" } }),
    ["db", "web"].map(
      (name) =>
        `[${name}] Deployment nacos/${name}, container "main": ConfigMap nacos/db has no key "mode". Correct the key, or add it.`,
    ),
  ],
  ["leaves an object without keys to the program that fills it in", stackWith({ "config data": undefined }), []],
  [
    "stops a claim that is missing",
    stackWith({ [volumes]: { name: "data", persistentVolumeClaim: { claimName: "data" } } }),
    [missing('volume "data": PersistentVolumeClaim nacos/data')],
  ],
  [
    "stops an account that is missing",
    stackWith({ "db spec.template.spec.serviceAccountName": "typo" }),
    [missing("ServiceAccount nacos/typo").replace(",", ":")],
  ],
  [
    "passes what Kubernetes creates",
    stackWith({ [volumes]: { name: "ca", configMap: { name: "kube-root-ca.crt" } } }),
    [],
  ],
  ["leaves an unknown name to the update", stackWith({ "secret metadata.name": unknown }), []],
  ["passes objects of a namespace that others own", stackWith({ namespace: undefined, secret: undefined }), []],
]);

const twin: Member = { type: types.ConfigMap, name: "twin", props: { metadata: own } };
cases(oneOwner, [
  [
    "stops two resources that are one object",
    [...goodStack, twin],
    ['[twin] ConfigMap nacos/db: the resources "config" and "twin" are both this object. Remove one, or rename it.'],
  ],
  [
    "passes the same name in another namespace or kind",
    [
      ...goodStack,
      { ...twin, props: { metadata: { name: "db", namespace: "other" } } },
      { ...twin, name: "pod", type: types.Pod },
    ],
    [],
  ],
  [
    "leaves an unknown name to the update",
    [...goodStack, { ...twin, props: { metadata: { ...own, name: unknown } } }],
    [],
  ],
]);

const claim: Member = {
  type: types.PersistentVolumeClaim,
  name: "claim",
  props: { metadata: own },
  opts: { protect: false },
};
const unprotected = (where: string) => `[${where}: it is not protected. Set the option protect: true.`;
cases(productionProtected, [
  ["stops an unprotected claim", [...goodStack, claim], [unprotected("claim] PersistentVolumeClaim nacos/db")]],
  [
    "stops an unprotected StatefulSet with claims",
    [...goodStack, { ...set, opts: {} }],
    [unprotected("set] StatefulSet nacos/db")],
  ],
  ["passes one without claims", [...goodStack, { ...set, props: {} }], []],
  [
    "stops an unprotected database",
    [...goodStack, { ...claim, type: "mysql:index/database:Database" }],
    [unprotected("claim] Database claim")],
  ],
  [
    "stops deletion before replacement",
    [...goodStack, { ...claim, opts: { protect: true, deleteBeforeReplace: true } }],
    ["[claim] PersistentVolumeClaim nacos/db: it is deleted before it is replaced. Leave deleteBeforeReplace out."],
  ],
  [
    "leaves tenants to their hooks",
    [
      ...goodStack,
      {
        ...claim,
        urn: "urn:pulumi:prod::nacos-tenants::nacos-platform:tenants:Tenant$kubernetes:core/v1:Namespace::shop",
      },
    ],
    [],
  ],
]);

const password: Member = { type: "random:index/randomPassword:RandomPassword", name: "password", props: {} };
const leak = (type: string, property: string): Member[] => [
  ...goodStack,
  password,
  { ...twin, type, sources: { [property]: ["password"] } },
];
cases(secretsStaySecret, [
  [
    "stops a generated password in a ConfigMap, whatever it is called",
    leak(types.ConfigMap, "data"),
    [
      '[twin] ConfigMap nacos/db, property "data": a value in it comes from RandomPassword "password". Keep it in a Secret.',
    ],
  ],
  [
    "stops its hash in the metadata of anything",
    leak(types.Service, "metadata"),
    [
      '[twin] Service nacos/db, property "metadata": a value in it comes from RandomPassword "password". Keep it in a Secret.',
    ],
  ],
  [
    "stops it in the spec of pods",
    leak(types.Pod, "spec"),
    ['[twin] Pod nacos/db, property "spec": a value in it comes from RandomPassword "password". Keep it in a Secret.'],
  ],
  ["passes it in a Secret", leak(types.Secret, "stringData"), []],
  ["passes pods that only wait for it", [...goodStack, password, { ...set, dependsOn: ["password"] }], []],
]);

const binding = (name: unknown): Member => ({
  type: types.RoleBinding,
  name: "binding",
  props: { metadata: own, subjects: [{ kind: "ServiceAccount", name, namespace: "nacos" }] },
});
const token = (...names: string[]) =>
  Object.fromEntries(names.map((name) => [`${name} spec.template.spec.automountServiceAccountToken`, true]));
cases(serviceAccountLeastPrivilege, [
  [
    "stops a token to which nothing is granted",
    stackWith(token("db")),
    [
      "[db] Deployment nacos/db: its pods have a token, and no RoleBinding grants anything to it. Set automountServiceAccountToken: false.",
    ],
  ],
  ["passes one with a binding", stackWith(token("db"), binding("db")), []],
  ["leaves an unknown subject to the update", stackWith(token("db"), binding(unknown)), []],
  [
    "stops an account of two workloads",
    stackWith(token("db", "web"), binding("db")),
    ["web", "db"].map(
      (other, index, all) =>
        `[${all[1 - index]}] Deployment nacos/${all[1 - index]}: its ServiceAccount "db" is also that of Deployment ${other}. Give it another one.`,
    ),
  ],
]);
