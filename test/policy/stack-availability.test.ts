import { headlessService } from "../../policy-pack/rules/stack/headless-service";
import { autoscalerScales } from "../../policy-pack/rules/stack/hpa-scales";
import { minReplicas } from "../../policy-pack/rules/stack/min-replicas";
import { budgetAllowsEviction } from "../../policy-pack/rules/stack/pdb-allows-eviction";
import { quotaCoversScale } from "../../policy-pack/rules/stack/quota-covers-scale";
import { serviceSelectsPods } from "../../policy-pack/rules/stack/service-selects-pods";
import { workloadHasBudget } from "../../policy-pack/rules/stack/workload-has-pdb";
import { cases, goodStack, set, stackWith } from "./stack-support";
import { types, unknown, type Member } from "./support";

const own = { name: "db", namespace: "nacos" };
const autoscaler = (min: unknown, name: unknown = "db"): Member => ({
  type: types.HorizontalPodAutoscaler,
  name: "autoscaler",
  props: {
    metadata: own,
    spec: { minReplicas: min, maxReplicas: 9, scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name } },
  },
});

const few = (count: string) => [`[db] Deployment nacos/db: it has ${count}. Set 2 or more.`];
cases(minReplicas, [
  ["stops a single replica", stackWith({ "db spec.replicas": 1 }), few("1 replica")],
  ["stops the default, which is 1", stackWith({ "db spec.replicas": undefined }), few("1 replica")],
  [
    "remarks on what is switched off",
    stackWith({ "db spec.replicas": 0 }),
    [few("0 replicas")[0].replace("] ", "] advisory: ")],
  ],
  ["leaves an unknown number to the update", stackWith({ "db spec.replicas": unknown }), []],
  ["passes the replicas of an autoscaler", stackWith({ "db spec.replicas": undefined }, autoscaler(2)), []],
  ["stops an autoscaler that goes down to 1", stackWith({}, autoscaler(undefined)), few("1 replica")],
  [
    "leaves an autoscaler of something unknown to the update",
    stackWith({ "db spec.replicas": 1 }, autoscaler(2, unknown)),
    [],
  ],
]);

const noBudget = [
  "[db] Deployment nacos/db: no PodDisruptionBudget of its namespace covers its 2 replicas. Create one.",
];
cases(workloadHasBudget, [
  ["stops replicas without one", stackWith({ "budget-db": undefined }), noBudget],
  ["stops one in another namespace", stackWith({ "budget-db metadata.namespace": "other" }), noBudget],
  ["stops one without a selector", stackWith({ "budget-db spec.selector": undefined }), noBudget],
  ["passes one for everything", stackWith({ "budget-db spec.selector": {} }), []],
  [
    "passes expressions",
    stackWith({
      "budget-db spec.selector": { matchExpressions: [{ key: "app", operator: "NotIn", values: ["web"] }] },
    }),
    [],
  ],
  ["passes a single pod", stackWith({ "budget-db": undefined, "db spec.replicas": 1 }), []],
  [
    "counts what an autoscaler leaves",
    stackWith({ "budget-db": undefined, "db spec.replicas": undefined }, autoscaler(2)),
    noBudget,
  ],
  ["leaves an unknown selector to the update", stackWith({ "budget-db spec.selector": unknown }), []],
]);

const undrained = (pods: string) =>
  `[budget-db] PodDisruptionBudget nacos/db: it lets none of its ${pods} be evicted, so no node can be drained. Set maxUnavailable: 1.`;
const least = (value: unknown) => ({
  "budget-db spec.maxUnavailable": undefined,
  "budget-db spec.minAvailable": value,
});
const protectsNothing =
  "[budget-db] advisory: PodDisruptionBudget nacos/db: it lets all of its 2 pods be evicted at once, which protects nothing. Set maxUnavailable: 1.";
cases(budgetAllowsEviction, [
  ["stops minAvailable of as many as there are", stackWith(least(2)), [undrained("2 pods")]],
  ["stops minAvailable of more than there are", stackWith(least(3)), [undrained("2 pods")]],
  ["rounds percentages up", stackWith(least("51%")), [undrained("2 pods")]],
  ["passes half", stackWith(least("50%")), []],
  ["stops 1 of 1", stackWith({ ...least(1), "db spec.replicas": 1 }), [undrained("1 pod")]],
  ["counts what an autoscaler leaves", stackWith(least(3), autoscaler(4)), []],
  ["remarks on a budget of everything", stackWith({ "budget-db spec.maxUnavailable": 2 }), [protectsNothing]],
  [
    "stops one that covers nothing",
    stackWith({ "budget-db spec.selector": { matchLabels: { app: "typo" } } }),
    ["[budget-db] PodDisruptionBudget nacos/db: it covers no pod of the stack. Correct its selector."],
  ],
  [
    "stops two for one pod",
    stackWith({ "budget-web spec.selector": { matchLabels: { app: "db" } } }),
    ["db", "web"].map(
      (name, index, all) =>
        `[budget-${name}] PodDisruptionBudget nacos/${name}: PodDisruptionBudget nacos/${all[1 - index]} covers pods of Deployment nacos/db too, and the eviction of a pod with two budgets fails. Remove one.`,
    ),
  ],
  ["leaves an unknown number to the update", stackWith({ ...least(2), "db spec.replicas": unknown }), []],
]);

const noPods = ["[service] Service nacos/db: its selector matches no pod of the stack. Correct it."];
const noPort = (port: string) =>
  `Service nacos/db: targetPort ${port} ("TCP") is no port of the pods of Deployment nacos/db. Name one that a container declares.`;
cases(serviceSelectsPods, [
  ["stops a selector of nothing", stackWith({ "service spec.selector": { app: "typo" } }), noPods],
  [
    "passes the name of a pod",
    stackWith({ "service spec.selector": { "statefulset.kubernetes.io/pod-name": "db-2" } }, set),
    [],
  ],
  [
    "stops the name of a pod that will not exist",
    stackWith({ "service spec.selector": { "statefulset.kubernetes.io/pod-name": "db-3" } }, set),
    noPods,
  ],
  ["passes a Service without a selector", stackWith({ "service spec.selector": undefined }), []],
  [
    "stops a port that has no such name",
    stackWith({ "service spec.ports": [{ port: 80, targetPort: "web" }] }),
    [`[service] ${noPort('"web"')}`],
  ],
  [
    "only remarks on a number",
    stackWith({ "service spec.ports": [{ port: 80 }] }),
    [`[service] advisory: ${noPort("80")}`],
  ],
  [
    "tells UDP from TCP",
    stackWith({ "service spec.ports": [{ port: 8080, protocol: "UDP" }] }),
    [`[service] advisory: ${noPort("8080").replace("TCP", "UDP")}`],
  ],
  [
    "leaves unknown ports of containers to the update",
    stackWith({ "service spec.ports": [{ port: 80, targetPort: "web" }], "db spec.template.spec.containers": unknown }),
    [],
  ],
]);

const requests = "db spec.template.spec.containers.0.resources.requests.cpu";
const scaler = (spec: object): Member => ({
  type: types.HorizontalPodAutoscaler,
  name: "autoscaler",
  props: {
    metadata: own,
    spec: {
      scaleTargetRef: { kind: "Deployment", name: "db" },
      metrics: [{ resource: { name: "cpu", target: { averageUtilization: 70 } } }],
      ...spec,
    },
  },
});
const scaled = (changes: Readonly<Record<string, unknown>>, ...more: Member[]) =>
  stackWith({ "db spec.replicas": undefined, limits: undefined, ...changes }, ...more);
const hpa = "[autoscaler] HorizontalPodAutoscaler nacos/db:";
cases(autoscalerScales, [
  ["passes one with all requests", scaled({}, scaler({})), []],
  [
    "stops a target that does not exist",
    scaled({}, scaler({ scaleTargetRef: { kind: "Deployment", name: "typo" } })),
    [`${hpa} its target Deployment "typo" does not exist in the stack. Correct scaleTargetRef.`],
  ],
  [
    "stops a container without a request",
    scaled({ [requests]: undefined }, scaler({})),
    [`${hpa} container "main" of Deployment nacos/db requests no cpu, so nothing can be measured. Set the request.`],
  ],
  [
    "counts the defaults of the namespace",
    stackWith({ "db spec.replicas": undefined, [requests]: undefined }, scaler({})),
    [],
  ],
  [
    "stops two owners of the number of pods",
    stackWith({}, scaler({})),
    [
      '[db] Deployment nacos/db: spec.replicas is set, and HorizontalPodAutoscaler nacos/db changes it: each update sets it back. Ignore changes of "spec.replicas".',
    ],
  ],
  [
    "passes a number that only the first update sets",
    stackWith({}, scaler({})).map((m) => (m.name === "db" ? { ...m, opts: { ignoreChanges: ["spec.replicas"] } } : m)),
    [],
  ],
  [
    "stops two autoscalers of one workload",
    scaled({}, scaler({}), { ...scaler({}), name: "second" }),
    [
      "[second] HorizontalPodAutoscaler nacos/db: HorizontalPodAutoscaler nacos/db scales Deployment nacos/db too. Remove one.",
    ],
  ],
]);

const named: Member = {
  ...set,
  props: { ...set.props, spec: { ...(set.props.spec as object), serviceName: "peers" } },
};
const peers = (spec: object): Member => ({
  type: types.Service,
  name: "peers",
  props: { metadata: { ...own, name: "peers" }, spec },
});
const ofSet = { "app.kubernetes.io/name": "db" };
cases(headlessService, [
  ["passes a headless Service of the pods", [...goodStack, named, peers({ clusterIP: "None", selector: ofSet })], []],
  [
    "stops one that is missing",
    [...goodStack, named],
    ['[set] StatefulSet nacos/db: serviceName is "peers", and the stack has no such Service. Create it.'],
  ],
  [
    "stops one with an address",
    [...goodStack, named, peers({ selector: ofSet })],
    ['[set] StatefulSet nacos/db: Service nacos/peers is not headless: its clusterIP is not set. Set "None".'],
  ],
  [
    "stops one of other pods",
    [...goodStack, named, peers({ clusterIP: "None", selector: { app: "web" } })],
    ["[set] StatefulSet nacos/db: Service nacos/peers does not select its pods. Correct its selector."],
  ],
  [
    "leaves an unknown address to the update",
    [...goodStack, named, peers({ clusterIP: unknown, selector: ofSet })],
    [],
  ],
]);

const quota = "quota spec.hard";
const exceeded = (key: string, limit: string, sum: string, each: string) => [
  `[quota] ResourceQuota nacos/quota: ${key} is ${limit}, and its workloads need up to ${sum}: Deployment db ${each}, Deployment web ${each}. Raise it, or lower their scale.`,
];
cases(quotaCoversScale, [
  ["counts the pod that an update adds", stackWith({ [quota]: { pods: "5" } }), exceeded("pods", "5", "6", "3")],
  ["passes a quota with room for it", stackWith({ [quota]: { pods: "6", "requests.cpu": "6" } }), []],
  [
    "counts an autoscaler's maximum",
    stackWith({ [quota]: { pods: "11" }, "db spec.strategy": { type: "Recreate" } }, autoscaler(2)),
    [
      "[quota] ResourceQuota nacos/quota: pods is 11, and its workloads need up to 12: Deployment db 9, Deployment web 3. Raise it, or lower their scale.",
    ],
  ],
  [
    "adds up requests",
    stackWith({ [quota]: { "requests.cpu": "5500m" } }),
    exceeded("requests.cpu", "5500m", "6", "3"),
  ],
  [
    "leaves a quota of some pods to them",
    stackWith({ [quota]: { pods: "1" }, "quota spec.scopes": ["Terminating"] }),
    [],
  ],
  ["leaves unknown replicas to the update", stackWith({ [quota]: { pods: "4" }, "db spec.replicas": unknown }), []],
]);
