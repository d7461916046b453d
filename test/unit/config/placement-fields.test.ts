import assert from "node:assert/strict";
import { configurationTable } from "../../../config/docs";
import { group } from "../../../config/groups";
import { ownPlacement, placement, placementOf } from "../../../config/placement-fields";
import { target } from "../../../config/target";
import { readerOf } from "../../../config/validate";

const schema = group({
  environment: target.environment,
  placement,
  web: group({ placement: ownPlacement("the web") }),
});
const { validate } = readerOf({ project: "house", schema, rules: [] });

const read = (given: object, web: object = {}) =>
  validate({
    project: "house",
    stack: "dev",
    values: {
      "house:environment": "dev",
      "house:placement": JSON.stringify(given),
      "house:web": JSON.stringify({ placement: web }),
    },
  });
const problems = (given: object, web?: object): string[] => {
  try {
    read(given, web);
  } catch (error) {
    return (error as Error).message
      .split("\n")
      .slice(1)
      .map((line) => line.trim());
  }
  return [];
};
const FIX = "fix: pulumi config set --path 'house:placement.";

describe("the section placement", () => {
  it("is empty by default", () =>
    assert.deepEqual(read({}).placement, {
      nodeSelector: {},
      tolerations: [],
      nodeAffinity: { required: [], preferred: [] },
      spread: [],
    }));

  it("accepts what Kubernetes accepts", () => {
    const zone = { key: "topology.kubernetes.io/zone", operator: "In", values: ["a"] };
    const given = {
      nodeSelector: { "alibabacloud.com/nodepool-id": "np0123" },
      tolerations: [
        { operator: "Exists" },
        { key: "dedicated", operator: "Equal", value: "nacos", effect: "NoSchedule" },
        { key: "maintenance", operator: "Exists", effect: "NoExecute", tolerationSeconds: 3600 },
      ],
      nodeAffinity: {
        required: [{ matchExpressions: [zone, { key: "cores", operator: "Gt", values: ["3"] }] }],
        preferred: [{ weight: 50, matchExpressions: [{ key: "ssd", operator: "Exists", values: [] }] }],
      },
      spread: [
        { topologyKey: "topology.kubernetes.io/rack", maxSkew: 2, whenUnsatisfiable: "DoNotSchedule", minDomains: 3 },
      ],
    };
    assert.deepEqual(problems(given), []);
    assert.deepEqual(JSON.parse(JSON.stringify(read(given).placement)), given);
  });

  it("refuses tolerations that Kubernetes refuses, each with its entry", () => {
    assert.deepEqual(
      problems({
        tolerations: [
          {},
          { key: "a", operator: "Exists", value: "b" },
          { key: "a", effect: "NoSchedule", tolerationSeconds: 5 },
          { key: "a", tolerationSeconds: 5 },
          { key: "a", effect: "NoExec" },
          { keys: "a", operator: "Exists" },
        ],
      }),
      [
        `house:placement.tolerations[4].effect is "NoExec"; allowed: NoSchedule, PreferNoSchedule, NoExecute; ${FIX}tolerations[4].effect' NoSchedule`,
        "house:placement.tolerations[5].keys is not a known key; allowed: key, operator, value, effect, tolerationSeconds; fix: rename it to key, or remove it: pulumi config rm --path 'house:placement.tolerations[5].keys'",
        `house:placement.tolerations[0].operator is Equal; allowed: Exists if key is not set; ${FIX}tolerations[0].operator' Exists`,
        `house:placement.tolerations[1].operator is Exists; allowed: Equal if value is set; ${FIX}tolerations[1].operator' Equal`,
        `house:placement.tolerations[2].effect is NoSchedule; allowed: NoExecute if tolerationSeconds is set; ${FIX}tolerations[2].effect' NoExecute`,
        `house:placement.tolerations[3].effect is not set; allowed: NoExecute if tolerationSeconds is set; ${FIX}tolerations[3].effect' NoExecute`,
      ].sort((a, b) => a.localeCompare(b)),
    );
  });

  it("refuses affinities that Kubernetes refuses, or that match no node", () => {
    const key = "disk";
    assert.deepEqual(
      problems({
        nodeAffinity: {
          required: [
            { matchExpressions: [{ key, values: [] }] },
            { matchExpressions: [{ key, operator: "Exists", values: ["a"] }] },
            { matchExpressions: [{ key, operator: "Gt", values: ["many"] }] },
            { matchExpressions: [] },
          ],
          preferred: [{ weight: 101, matchExpressions: [{ key, operator: "Exists" }] }],
        },
      }).map((line) => line.replace("house:placement.nodeAffinity.", "").split("; fix")[0]),
      [
        "required[0].matchExpressions[0].values is []; allowed: one or more values with operator In",
        "required[1].matchExpressions[0].operator is Exists; allowed: In, NotIn, Gt or Lt if there are values",
        'required[2].matchExpressions[0].values is ["many"]; allowed: one whole number with operator Gt',
        "required[3].matchExpressions is []; allowed: a list of one or more objects with the keys key, operator, values",
        "preferred[0].weight is 101; allowed: a whole number from 1 to 100",
      ],
    );
  });

  it("refuses spreads that Kubernetes refuses", () => {
    assert.deepEqual(problems({ spread: [{ topologyKey: "zone", minDomains: 3 }, { maxSkew: 0 }] }).length, 3);
    assert.deepEqual(problems({ spread: {} }), [
      "house:placement.spread is {}; allowed: a list of objects with the keys topologyKey, maxSkew, whenUnsatisfiable, minDomains, nodeAffinityPolicy, nodeTaintsPolicy; fix: see docs/configuration.md",
    ]);
  });

  it("is replaced key by key for some pods", () => {
    const { placement: all, web } = read(
      { nodeSelector: { pool: "all" }, tolerations: [{ operator: "Exists" }] },
      { nodeSelector: { pool: "web" } },
    );
    assert.deepEqual(placementOf(all, web.placement), { ...all, nodeSelector: { pool: "web" } });
    const cleared = read({ tolerations: [{ operator: "Exists" }] }, { tolerations: [] });
    assert.deepEqual(placementOf(cleared.placement, cleared.web.placement).tolerations, []);
    assert.match(problems({}, { tolerations: [{}] })[0], /^house:web\.placement\.tolerations\[0\]\.operator is Equal/);
  });

  it("is one row of the documentation for the pods whose keys replace it", () => {
    const table = configurationTable(schema);
    assert.ok(table.some((row) => row.startsWith("| `placement.tolerations[].effect` | Effect of the taint.")));
    assert.ok(
      table.some((row) => row.startsWith("| `placement.spread[].topologyKey` |") && row.includes("must be set")),
    );
    assert.deepEqual(
      table.filter((row) => row.includes("web.placement")),
      [
        "| `web.placement` | Keys that replace those of `placement` for the web. | an object with keys of `placement` | not set | not set | not set |",
      ],
    );
  });
});
