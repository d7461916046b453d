import assert from "node:assert/strict";
import { waitFor } from "../../../sandbox/exec";
import { upChanged } from "../support/changed";
import { live, type Live, make, prod } from "../support/environments";
import { ops, whole } from "../support/ops";
import { settled } from "../support/servers";

const ZONE = "topology.kubernetes.io/zone";
const TAINT = { key: "dedicated", value: "nacos", effect: "NoSchedule" };
const POOL = "example.com/pool";

interface Pod {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: { readonly nodeName: string; readonly nodeSelector?: Readonly<Record<string, string>> };
  readonly status: { readonly phase: string };
}

/** Nodes as a company has them: a pool with a taint, over three zones. */
describe("the placement of pods @drill", () => {
  let environment: Live;
  let nodes: string[];

  const kubectl = (...args: string[]) => environment.kubectl(args);
  const namespaced = (...args: string[]) => kubectl("--namespace", environment.outputs.namespace, ...args);

  before(async () => {
    environment = await live(prod);
    nodes = (await kubectl("get", "nodes", "-o", "jsonpath={.items[*].metadata.name}")).split(" ").sort();
    assert.equal(nodes.length, 3);
    for (const node of nodes) {
      await kubectl("label", "--overwrite", "node", node, `${POOL}=nacos`);
      await kubectl("taint", "--overwrite", "node", node, `${TAINT.key}=${TAINT.value}:${TAINT.effect}`);
    }
  });

  after(async () => {
    for (const node of nodes) {
      await kubectl("taint", "node", node, `${TAINT.key}-`).catch(() => undefined);
      await kubectl("label", "node", node, `${POOL}-`);
    }
    await make("up", prod);
  });

  async function pods(): Promise<Pod[]> {
    return (JSON.parse(await namespaced("get", "pods", "-o", "json")) as { items: Pod[] }).items;
  }

  it("keeps pods away from the pool that do not tolerate its taint", async () => {
    await namespaced("delete", "pod", "--selector", "app.kubernetes.io/component=controller", "--wait=false");
    await waitFor("the controller's new pod to find no node", 120, async () =>
      /untolerated taint/.test(
        await namespaced(
          "get",
          "events",
          "--field-selector",
          "reason=FailedScheduling",
          "-o",
          "jsonpath={.items[*].message}",
        ),
      ),
    );
  });

  it("puts every pod into the pool, one Nacos server into each zone, and the Jobs where they may run", async () => {
    await upChanged(environment, (config) => {
      config["nacos-platform:placement"] = {
        tolerations: [TAINT],
        nodeSelector: { [POOL]: "nacos" },
        nodeAffinity: { preferred: [{ weight: 50, matchExpressions: [{ key: ZONE, values: ["zone1"] }] }] },
      };
      config["nacos-platform:jobs"] = { placement: { nodeSelector: {} } };
      config["nacos-platform:services"] = { ipFamilyPolicy: "PreferDualStack" };
      config["nacos-platform:nacos"].placement = {
        spread: [{ topologyKey: ZONE, whenUnsatisfiable: "DoNotSchedule", minDomains: 3, nodeTaintsPolicy: "Honor" }],
      };
    });
    await settled(environment, 3);
    await whole(environment);
    const servers = (await pods()).filter(
      ({ metadata }) =>
        metadata.name.startsWith("nacos-") && metadata.labels["app.kubernetes.io/component"] === "server",
    );
    assert.equal(new Set(servers.map(({ spec }) => spec.nodeName)).size, 3);
    for (const { metadata, spec, status } of await pods()) {
      const isJob = metadata.labels["batch.kubernetes.io/job-name"] !== undefined;
      if (status.phase === "Running" && !isJob) assert.deepEqual(spec.nodeSelector, { [POOL]: "nacos" }, metadata.name);
    }
  });

  it("runs a backup there", async () => {
    assert.match(await ops(environment, "mysql", "backup"), /is complete/);
  });
});
