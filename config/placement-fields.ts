import { choice, everywhere, integer, LABEL_KEY, LABEL_VALUE, labels, names, text } from "./fields";
import { group, list, override, type ValueOf } from "./groups";
import type { Rule } from "./rules";

const NONE = everywhere<readonly string[]>([]);

const labelKey = (description: string, example: string) =>
  text({ description, allowed: "a Kubernetes label key", example, pattern: LABEL_KEY });

const toleration = group({
  key: labelKey("Key of the taint. If it is not set, the toleration is for every key.", "dedicated").optional(),
  operator: choice(["Equal", "Exists"], {
    description: "Whether the taint has this value, or any value.",
    default: everywhere("Equal" as const),
  }),
  value: text({
    description: "Value of the taint.",
    allowed: "a Kubernetes label value",
    example: "nacos",
    pattern: LABEL_VALUE,
  }).optional(),
  effect: choice(["NoSchedule", "PreferNoSchedule", "NoExecute"], {
    description: "Effect of the taint. If it is not set, the toleration is for every effect.",
  }).optional(),
  tolerationSeconds: integer({
    description: "How long a pod stays on a node after it got the taint. If it is not set, the pod stays.",
    min: 0,
    max: 86_400,
  }).optional(),
});

const tolerationRules: readonly Rule<ValueOf<typeof toleration>>[] = [
  {
    path: "operator",
    uses: ["key", "value"],
    judge: ({ key, operator, value }) => {
      if (key === undefined && operator === "Equal")
        return { value: operator, allowed: "Exists if key is not set", use: "Exists" };
      if (value !== undefined && operator === "Exists")
        return { value: operator, allowed: "Equal if value is set", use: "Equal" };
      return undefined;
    },
  },
  {
    path: "effect",
    uses: ["tolerationSeconds"],
    judge: ({ effect = "not set", tolerationSeconds }) =>
      tolerationSeconds !== undefined && effect !== "NoExecute"
        ? { value: effect, allowed: "NoExecute if tolerationSeconds is set", use: "NoExecute" }
        : undefined,
  },
];

const expression = group({
  key: labelKey("Key of the node's label.", "topology.kubernetes.io/zone"),
  operator: choice(["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"], {
    description: "How the node's label compares with the values.",
    default: everywhere("In" as const),
  }),
  values: names({
    description: "Values. `Exists` and `DoesNotExist` have none; `Gt` and `Lt` have one whole number.",
    allowed: "a list of different Kubernetes label values",
    example: '["zone-a"]',
    pattern: LABEL_VALUE,
    not: [],
    default: NONE,
  }),
});

const expressionRules: readonly Rule<ValueOf<typeof expression>>[] = [
  {
    path: "values",
    uses: ["operator"],
    judge: ({ operator, values }) => {
      if (["In", "NotIn"].includes(operator) && values.length === 0)
        return { value: "[]", allowed: `one or more values with operator ${operator}`, use: '["zone-a"]' };
      if (["Gt", "Lt"].includes(operator) && !(values.length === 1 && /^-?\d+$/.test(values[0])))
        return { value: JSON.stringify(values), allowed: `one whole number with operator ${operator}`, use: '["1"]' };
      return undefined;
    },
  },
  {
    path: "operator",
    uses: ["values"],
    judge: ({ operator, values }) =>
      ["Exists", "DoesNotExist"].includes(operator) && values.length > 0
        ? { value: operator, allowed: "In, NotIn, Gt or Lt if there are values", use: "In" }
        : undefined,
  },
];

const matchExpressions = list(
  { description: "Conditions, all of which a node has to meet.", nonempty: true, rules: expressionRules },
  expression,
);

const constraint = group({
  topologyKey: labelKey(
    "Label of the nodes whose values are the places: zones, hosts, racks.",
    "topology.kubernetes.io/zone",
  ),
  maxSkew: integer({
    description: "By how many pods two places may differ.",
    min: 1,
    max: 100,
    default: everywhere(1),
  }),
  whenUnsatisfiable: choice(["ScheduleAnyway", "DoNotSchedule"], {
    description:
      "Whether a pod that would make the difference larger runs nevertheless, or waits. With `DoNotSchedule` no pod runs on a node without the label.",
    default: everywhere("ScheduleAnyway" as const),
  }),
  minDomains: integer({
    description: "Number of places that must exist. While there are fewer, each place takes `maxSkew` pods at most.",
    min: 1,
    max: 1000,
  }).optional(),
  nodeAffinityPolicy: choice(["Honor", "Ignore"], {
    description:
      "Whether only nodes count that match the node selector and node affinity. Kubernetes' default is Honor.",
  }).optional(),
  nodeTaintsPolicy: choice(["Honor", "Ignore"], {
    description: "Whether nodes do not count whose taints the pod does not tolerate. Kubernetes' default is Ignore.",
  }).optional(),
});

const constraintRules: readonly Rule<ValueOf<typeof constraint>>[] = [
  {
    path: "whenUnsatisfiable",
    uses: ["minDomains"],
    judge: ({ whenUnsatisfiable, minDomains }) =>
      minDomains !== undefined && whenUnsatisfiable !== "DoNotSchedule"
        ? { value: whenUnsatisfiable, allowed: "DoNotSchedule if minDomains is set", use: "DoNotSchedule" }
        : undefined,
  },
];

/** Where pods may run, in the words of Kubernetes. */
export const placement = group({
  nodeSelector: labels({
    description: "Labels that a node must have.",
    default: everywhere({}),
    example: '{"kubernetes.io/arch":"amd64"}',
    mayBeEmpty: true,
  }),
  tolerations: list({ description: "Taints of nodes that the pods tolerate.", rules: tolerationRules }, toleration),
  nodeAffinity: group({
    required: list({ description: "Kinds of nodes, one of which a node must be." }, group({ matchExpressions })),
    preferred: list(
      { description: "Kinds of nodes that the scheduler prefers." },
      group({
        weight: integer({
          description: "What the kind counts in comparison with the others.",
          min: 1,
          max: 100,
          default: everywhere(100),
        }),
        matchExpressions,
      }),
    ),
  }),
  spread: list(
    {
      description:
        "How the pods of a workload are spread. An entry for zones replaces the preference for different zones that Nacos and MySQL have.",
      rules: constraintRules,
    },
    constraint,
  ),
});

/** Where pods may run. */
export type Placement = ValueOf<typeof placement>;

/** Keys that replace those of the section `placement` for some of the pods. @param whose these pods are */
export function ownPlacement(whose: string) {
  return override(
    { description: `Keys that replace those of \`placement\` for ${whose}.`, of: "placement" },
    placement,
  );
}

/** The placement of some of the pods: key by key theirs if it is set, otherwise that of all. */
export function placementOf(all: Placement, own: Partial<Placement>): Placement {
  const set = Object.entries(own).filter(([, value]) => value !== undefined);
  return { ...all, ...Object.fromEntries(set) };
}
