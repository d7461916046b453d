import * as assert from "node:assert/strict";
import { requireServiceAccount } from "../../policy-pack/rules/identity/require-service-account";
import { restrictAutomountToken } from "../../policy-pack/rules/identity/restrict-automount-sa-token";
import { restrictClusterAdmin } from "../../policy-pack/rules/identity/restrict-cluster-admin";
import { restrictWildcardRbac } from "../../policy-pack/rules/identity/restrict-wildcard-rbac";
import { changed, check, goodStatefulSet, passes, podSpec, type Props, types, violations } from "./support";

const db = "StatefulSet nacos/db";
const metadata = { name: "db", namespace: "nacos" };

describe("require-service-account", () => {
  passes(requireServiceAccount);
  const path = `${podSpec}.serviceAccountName`;
  const says = (value: string) => [`${db}: serviceAccountName is ${value}. Name a ServiceAccount of the workload's.`];
  check(requireServiceAccount, [
    { title: "stops the default", path, value: undefined, says: says("not set") },
    { title: "stops the default by its name", path, value: "default", says: says('"default"') },
    {
      title: "names the field that replaces the deprecated one",
      from: changed(goodStatefulSet, `${podSpec}.serviceAccount`, "db"),
      path,
      value: undefined,
      says: [`${db}: serviceAccount is deprecated. Set serviceAccountName to "db".`],
    },
  ]);
});

describe("restrict-automount-sa-token", () => {
  passes(restrictAutomountToken);
  check(restrictAutomountToken, [
    {
      title: "stops pods that do not say",
      path: `${podSpec}.automountServiceAccountToken`,
      value: undefined,
      says: [
        `${db}: automountServiceAccountToken is not set, which means true. Set it to false, or to true if the pod calls the Kubernetes API.`,
      ],
    },
    { title: "passes pods that say true", path: `${podSpec}.automountServiceAccountToken`, value: true, says: [] },
    {
      title: "stops a token in a Secret",
      type: types.Secret,
      from: { metadata },
      path: "type",
      value: "kubernetes.io/service-account-token",
      says: [
        "Secret nacos/db: it is a token of a ServiceAccount that never expires. Let pods have tokens by automountServiceAccountToken or a projected volume.",
      ],
    },
  ]);
});

describe("restrict-wildcard-rbac", () => {
  const rule = { apiGroups: [""], resources: ["pods"], verbs: ["get"] };
  const says = (changes: object) =>
    violations(restrictWildcardRbac, types.Role, { metadata, rules: [rule, { ...rule, ...changes }] });
  it("passes what is named", () => assert.deepEqual(says({ resourceNames: ["a"] }), []));
  for (const [field, value] of [
    ["verbs", "*"],
    ["resources", "pods/*"],
    ["apiGroups", "*"],
    ["nonResourceURLs", "*"],
  ]) {
    it(`stops ${value} in ${field}, whatever resourceNames says`, () => {
      assert.deepEqual(says({ resourceNames: ["a"], [field]: [value] }), [
        `Role nacos/db: rules[1].${field} has "${value}". Name what is needed.`,
      ]);
    });
  }
});

describe("restrict-cluster-admin", () => {
  const account = { kind: "ServiceAccount", name: "db", namespace: "nacos" };
  const says = (type: string, roleRef: Props, subject: Props) =>
    violations(restrictClusterAdmin, type, { metadata, roleRef, subjects: [subject] });
  const clusterAdmin = { kind: "ClusterRole", name: "cluster-admin" };
  const edit = { kind: "ClusterRole", name: "edit" };

  it("stops cluster-admin", () => {
    assert.deepEqual(says(types.ClusterRoleBinding, clusterAdmin, account), [
      'ClusterRoleBinding db: roleRef is the ClusterRole "cluster-admin". Bind a Role with the rights that are needed.',
    ]);
    assert.equal(says(types.RoleBinding, clusterAdmin, account).length, 1);
  });
  it("passes edit in a namespace, not in the cluster", () => {
    assert.deepEqual(says(types.RoleBinding, edit, account), []);
    assert.equal(says(types.ClusterRoleBinding, edit, account).length, 1);
  });
  it("passes a Role that is only called cluster-admin", () => {
    assert.deepEqual(says(types.RoleBinding, { kind: "Role", name: "cluster-admin" }, account), []);
  });
  for (const subject of [
    { kind: "Group", name: "system:authenticated" },
    { kind: "Group", name: "system:serviceaccounts:nacos" },
    { kind: "ServiceAccount", name: "default" },
  ]) {
    it(`stops ${subject.kind} ${subject.name}`, () => {
      assert.deepEqual(says(types.RoleBinding, { kind: "Role", name: "db" }, subject), [
        `RoleBinding nacos/db: subject ${subject.kind} "${subject.name}" stands for many. Name a ServiceAccount of the workload's, or a group of people.`,
      ]);
    });
  }
});
