import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { parseAllDocuments } from "yaml";
import { entries } from "../../policy-pack/catalogue";
import { Run } from "../../policy-pack/lib/run";
import { type Member, type Props, stackViolations, TODAY, violations } from "./support";

/** Rules that a manifest breaks only because it is so short. */
const SHORT = ["require-labels"];

/** What every pod without security settings breaks. */
const BARE = [
  "disallow-privilege-escalation",
  "pod-hygiene",
  "require-drop-all",
  "require-priority-class",
  "require-ro-rootfs",
  "require-run-as-non-root",
  "require-service-account",
  "restrict-automount-sa-token",
  "restrict-seccomp",
];

const GOLDEN: Readonly<Record<string, readonly string[]>> = {
  "Namespace shop": ["namespace-walled", "production-protected"],
  "StorageClass fast-ssd": ["explicit-storage"],
  "StatefulSet registry": [
    ...BARE,
    "data-backed-up",
    "explicit-storage",
    "headless-service",
    "network-flows-covered",
    "no-latest-image",
    "no-plain-secrets",
    "persistent-stateful-sets",
    "probes-required",
    "production-protected",
    "require-image-digest",
    "resources-required",
    "spread-replicas",
  ],
  "Service registry": ["service-exposure", "service-selects-pods"],
  "PodDisruptionBudget registry": ["pdb-allows-eviction", "pdb-well-formed"],
  "NetworkPolicy registry": ["network-flows-covered", "network-policy-shape"],
  "DaemonSet node-exporter": [...BARE, "no-host-access", "probes-required", "require-image-digest"],
  "CronJob backup": [
    ...BARE,
    "cronjob-settings",
    "job-limits",
    "network-flows-covered",
    "no-plain-secrets",
    "require-image-digest",
    "resources-required",
  ],
  "ClusterRole operator": ["restrict-wildcard-rbac"],
  "ClusterRoleBinding operator": ["restrict-cluster-admin"],
};

describe("manifests as tutorials show them", () => {
  const file = path.join(__dirname, "typical.yaml");
  const members = parseAllDocuments(fs.readFileSync(file, "utf8")).map((document): Member => {
    const props = document.toJS() as Props & { apiVersion: string; kind: string; metadata: { name: string } };
    const [group, version] = props.apiVersion.includes("/") ? props.apiVersion.split("/") : ["core", props.apiVersion];
    return {
      type: `kubernetes:${group}/${version}:${props.kind}`,
      name: `${props.kind} ${props.metadata.name}`,
      props,
    };
  });
  const run = new Run({}, TODAY);
  const broken = new Map(members.map(({ name }) => [name, new Set<string>()]));

  before(() => {
    for (const { rule } of entries.filter((entry) => !SHORT.includes(entry.rule.name))) {
      for (const { type, name, props } of members) {
        if (rule.resource !== undefined && violations(rule, type, props).length > 0) broken.get(name)?.add(rule.name);
      }
      for (const text of rule.stack === undefined ? [] : stackViolations(rule, members, [], { run, stack: "prod" })) {
        const name = /^\[(.*?)\]/.exec(text)?.[1] ?? "";
        broken.get(name)?.add(rule.name);
      }
    }
  });

  for (const [name, rules] of Object.entries(GOLDEN))
    it(`${name} breaks ${rules.length} rules`, () =>
      assert.deepEqual([...(broken.get(name) ?? [])].sort(), [...rules].sort()));

  it("are all listed", () => assert.deepEqual([...broken.keys()].sort(), Object.keys(GOLDEN).sort()));
});
