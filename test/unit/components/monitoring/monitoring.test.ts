import assert from "node:assert/strict";
import { parse } from "yaml";
import { ruleFile } from "../../../../components/monitoring/alerts/catalogue";
import { watchedInProd } from "../../../support/alerts";
import { findings } from "../../../policy/support";
import { connections } from "../../../support/network";
import { run, runExternal, runMonitored } from "../../../support/program";
import { items, type Recording, type Tree } from "../../../support/recorder";

const POD_MONITOR = "kubernetes:monitoring.coreos.com/v1:PodMonitor";

/** Pod templates by the names of their workloads. */
function templates({ resources }: Recording<unknown>): Map<string, Tree> {
  return new Map(
    resources.flatMap(({ type, inputs }) =>
      type.startsWith("kubernetes:apps") ? [[inputs.metadata.name as unknown as string, inputs.spec.template]] : [],
    ),
  );
}

/** `prometheus.io/` annotations by workload, as `port path`. */
function annotated(recording: Recording<unknown>): Record<string, string> {
  const found = [...templates(recording)].flatMap(([name, { metadata }]) => {
    const { annotations } = metadata as { annotations: Readonly<Record<string, unknown>> };
    if (annotations["prometheus.io/scrape"] === undefined) return [];
    return [[name, `${annotations["prometheus.io/port"] as string} ${annotations["prometheus.io/path"] as string}`]];
  });
  return Object.fromEntries(found) as Record<string, string>;
}

describe("monitoring", () => {
  let alerts: Tree;

  it("reaches the ports of metrics, whatever the mode, and nobody else does", async () => {
    const scraped = (recording: Recording<unknown>) =>
      connections(recording)
        .filter(({ from }) => from.includes("monitoring"))
        .map(({ to, ports }) => `${to} ${ports.join()}`);
    const prod = scraped(await run("prod"));
    const external = scraped(await runExternal());
    assert.deepEqual(prod, [
      "Deployment mysql-controller 8080",
      "StatefulSet mysql 9104",
      "StatefulSet nacos 8848,8849",
    ]);
    assert.deepEqual(external, ["Deployment mysql-controller 8080", "StatefulSet nacos 8848,8849"]);
    for (const [workload, port] of [
      ["Deployment mysql-controller", 8080],
      ["StatefulSet mysql", 9104],
    ] as const) {
      const clients = connections(await run("prod")).filter(({ to, ports }) => to === workload && ports.includes(port));
      assert.equal(clients.length, 1, workload);
    }
  });

  it("is off by default: nothing points to metrics", async () => {
    const recording = await run("prod");
    assert.deepEqual(recording.all(POD_MONITOR), []);
    assert.deepEqual(annotated(recording), {});
  });

  it("finds pods by annotations of exactly those that serve metrics", async () => {
    const recording = await runMonitored({ mode: "annotations" });
    assert.deepEqual(recording.all(POD_MONITOR), []);
    alerts = parse(
      recording.one("kubernetes:core/v1:ConfigMap", "nacos-platform-alerts").inputs.data[
        "alerts.yaml"
      ] as unknown as string,
    ) as Tree;
    assert.deepEqual(annotated(recording), {
      "mysql-controller": "8080 /metrics",
      mysql: "9104 /metrics",
      nacos: "8848 /nacos/actuator/prometheus",
    });
  });

  describe("by the operator", () => {
    let recording: Recording<unknown>;
    before(async () => {
      recording = await runMonitored({ mode: "operator", intervalSeconds: 15, labels: { release: "prometheus" } });
    });

    it("finds the same pods, at ports that they have", () => {
      const workloads = templates(recording);
      const found = recording.all(POD_MONITOR).flatMap(({ inputs }) => {
        const selected = [...workloads].filter(([, { metadata }]) =>
          Object.entries(inputs.spec.selector.matchLabels).every(([key, value]) => metadata.labels[key] === value),
        );
        assert.equal(selected.length, 1);
        const [[name, template]] = selected;
        const { containers, initContainers = {} } = template.spec;
        const ports = [containers, initContainers]
          .flatMap(items)
          .flatMap((container) => items(container.ports ?? {}))
          .map((port) => [port.name, port.containerPort] as unknown as [string, number]);
        return items(inputs.spec.podMetricsEndpoints).map((endpoint) => {
          const { port, path, interval } = endpoint as unknown as Readonly<Record<string, string>>;
          return `${name} ${new Map(ports).get(port)} ${path} ${interval}`;
        });
      });
      assert.deepEqual(found.sort(), [
        "mysql 9104 /metrics 15s",
        "mysql-controller 8080 /metrics 15s",
        "nacos 8848 /nacos/actuator/prometheus 15s",
        "nacos 8849 /metrics 15s",
      ]);
      assert.deepEqual(annotated(recording), {});
    });

    it("has the same alerts as a ConfigMap has with annotations: those of the stack", () => {
      const { inputs } = recording.one("kubernetes:monitoring.coreos.com/v1:PrometheusRule", "nacos-platform-alerts");
      assert.deepEqual(inputs.spec, alerts);
      assert.equal(inputs.metadata.labels.release, "prometheus");
      const { cpuPercent, ...nacos } = watchedInProd().nacos;
      assert.ok(cpuPercent);
      const expected = ruleFile({ ...watchedInProd(), nacos }, "prod", "docs");
      assert.deepEqual(inputs.spec, expected as unknown as Tree);
    });

    it("has objects that the operator selects, and asks for their kinds first", () => {
      for (const { inputs, hooks } of recording.all(POD_MONITOR)) {
        assert.equal(inputs.metadata.labels.release, "prometheus");
        const asks = ["check if the cluster has the kinds of monitoring.coreos.com/v1"];
        assert.deepEqual(hooks, { beforeCreate: asks, beforeUpdate: asks });
      }
    });

    it("breaks no policy", () => assert.deepEqual(findings(recording.resources, "prod").stops, []));
  });
});
